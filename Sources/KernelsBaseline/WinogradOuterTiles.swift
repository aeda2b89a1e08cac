/// A part of the weight gradient at one position, held in registers: channels of A in the lanes.
protocol OuterTile {
  /// Channels of B.
  static var lanes: Int { get }
  /// Starts from (group of A, channel of B, 16) at p; groups are `pair` apart.
  init(_ p: Target, _ pair: Int)
  /// Adds one tile: the groups of A at v, v + step ..., the channels of B from y on.
  mutating func add(_ v: Source, _ step: Int, _ y: Source)
  /// Puts the sums back.
  func save(_ p: Target, _ pair: Int)
}

@inline(__always)
private func put(_ v: Vector, _ p: Target) {
  UnsafeMutableRawPointer(p).storeBytes(of: v, as: Vector.self)
}

#if KERNELS_AVX512
  /// 64 channels of A x 4 of B.
  struct Outer4x4: OuterTile {
    @inline(__always) static var lanes: Int { 4 }
    var s0_0: Vector, s0_1: Vector, s0_2: Vector, s0_3: Vector
    var s1_0: Vector, s1_1: Vector, s1_2: Vector, s1_3: Vector
    var s2_0: Vector, s2_1: Vector, s2_2: Vector, s2_3: Vector
    var s3_0: Vector, s3_1: Vector, s3_2: Vector, s3_3: Vector

    @inline(__always) init(_ p: Target, _ pair: Int) {
      s0_0 = load(p + 0)
      s0_1 = load(p + 16)
      s0_2 = load(p + 32)
      s0_3 = load(p + 48)
      s1_0 = load(p + (1 &* pair &+ 0))
      s1_1 = load(p + (1 &* pair &+ 16))
      s1_2 = load(p + (1 &* pair &+ 32))
      s1_3 = load(p + (1 &* pair &+ 48))
      s2_0 = load(p + (2 &* pair &+ 0))
      s2_1 = load(p + (2 &* pair &+ 16))
      s2_2 = load(p + (2 &* pair &+ 32))
      s2_3 = load(p + (2 &* pair &+ 48))
      s3_0 = load(p + (3 &* pair &+ 0))
      s3_1 = load(p + (3 &* pair &+ 16))
      s3_2 = load(p + (3 &* pair &+ 32))
      s3_3 = load(p + (3 &* pair &+ 48))
    }

    @inline(__always) mutating func add(_ v: Source, _ step: Int, _ y: Source) {
      let v0 = load(v)
      let v1 = load(v + 1 &* step)
      let v2 = load(v + 2 &* step)
      let v3 = load(v + 3 &* step)
      let y0 = y[0]
      s0_0 = multiplyAdd(s0_0, y0, v0)
      s1_0 = multiplyAdd(s1_0, y0, v1)
      s2_0 = multiplyAdd(s2_0, y0, v2)
      s3_0 = multiplyAdd(s3_0, y0, v3)
      let y1 = y[1]
      s0_1 = multiplyAdd(s0_1, y1, v0)
      s1_1 = multiplyAdd(s1_1, y1, v1)
      s2_1 = multiplyAdd(s2_1, y1, v2)
      s3_1 = multiplyAdd(s3_1, y1, v3)
      let y2 = y[2]
      s0_2 = multiplyAdd(s0_2, y2, v0)
      s1_2 = multiplyAdd(s1_2, y2, v1)
      s2_2 = multiplyAdd(s2_2, y2, v2)
      s3_2 = multiplyAdd(s3_2, y2, v3)
      let y3 = y[3]
      s0_3 = multiplyAdd(s0_3, y3, v0)
      s1_3 = multiplyAdd(s1_3, y3, v1)
      s2_3 = multiplyAdd(s2_3, y3, v2)
      s3_3 = multiplyAdd(s3_3, y3, v3)
    }

    @inline(__always) func save(_ p: Target, _ pair: Int) {
      put(s0_0, p + 0)
      put(s0_1, p + 16)
      put(s0_2, p + 32)
      put(s0_3, p + 48)
      put(s1_0, p + (1 &* pair &+ 0))
      put(s1_1, p + (1 &* pair &+ 16))
      put(s1_2, p + (1 &* pair &+ 32))
      put(s1_3, p + (1 &* pair &+ 48))
      put(s2_0, p + (2 &* pair &+ 0))
      put(s2_1, p + (2 &* pair &+ 16))
      put(s2_2, p + (2 &* pair &+ 32))
      put(s2_3, p + (2 &* pair &+ 48))
      put(s3_0, p + (3 &* pair &+ 0))
      put(s3_1, p + (3 &* pair &+ 16))
      put(s3_2, p + (3 &* pair &+ 32))
      put(s3_3, p + (3 &* pair &+ 48))
    }
  }

  /// 48 channels of A x 8 of B.
  struct Outer3x8: OuterTile {
    @inline(__always) static var lanes: Int { 8 }
    var s0_0: Vector, s0_1: Vector, s0_2: Vector, s0_3: Vector
    var s0_4: Vector, s0_5: Vector, s0_6: Vector, s0_7: Vector
    var s1_0: Vector, s1_1: Vector, s1_2: Vector, s1_3: Vector
    var s1_4: Vector, s1_5: Vector, s1_6: Vector, s1_7: Vector
    var s2_0: Vector, s2_1: Vector, s2_2: Vector, s2_3: Vector
    var s2_4: Vector, s2_5: Vector, s2_6: Vector, s2_7: Vector

    @inline(__always) init(_ p: Target, _ pair: Int) {
      s0_0 = load(p + 0)
      s0_1 = load(p + 16)
      s0_2 = load(p + 32)
      s0_3 = load(p + 48)
      s0_4 = load(p + 64)
      s0_5 = load(p + 80)
      s0_6 = load(p + 96)
      s0_7 = load(p + 112)
      s1_0 = load(p + (1 &* pair &+ 0))
      s1_1 = load(p + (1 &* pair &+ 16))
      s1_2 = load(p + (1 &* pair &+ 32))
      s1_3 = load(p + (1 &* pair &+ 48))
      s1_4 = load(p + (1 &* pair &+ 64))
      s1_5 = load(p + (1 &* pair &+ 80))
      s1_6 = load(p + (1 &* pair &+ 96))
      s1_7 = load(p + (1 &* pair &+ 112))
      s2_0 = load(p + (2 &* pair &+ 0))
      s2_1 = load(p + (2 &* pair &+ 16))
      s2_2 = load(p + (2 &* pair &+ 32))
      s2_3 = load(p + (2 &* pair &+ 48))
      s2_4 = load(p + (2 &* pair &+ 64))
      s2_5 = load(p + (2 &* pair &+ 80))
      s2_6 = load(p + (2 &* pair &+ 96))
      s2_7 = load(p + (2 &* pair &+ 112))
    }

    @inline(__always) mutating func add(_ v: Source, _ step: Int, _ y: Source) {
      let v0 = load(v)
      let v1 = load(v + 1 &* step)
      let v2 = load(v + 2 &* step)
      let y0 = y[0]
      s0_0 = multiplyAdd(s0_0, y0, v0)
      s1_0 = multiplyAdd(s1_0, y0, v1)
      s2_0 = multiplyAdd(s2_0, y0, v2)
      let y1 = y[1]
      s0_1 = multiplyAdd(s0_1, y1, v0)
      s1_1 = multiplyAdd(s1_1, y1, v1)
      s2_1 = multiplyAdd(s2_1, y1, v2)
      let y2 = y[2]
      s0_2 = multiplyAdd(s0_2, y2, v0)
      s1_2 = multiplyAdd(s1_2, y2, v1)
      s2_2 = multiplyAdd(s2_2, y2, v2)
      let y3 = y[3]
      s0_3 = multiplyAdd(s0_3, y3, v0)
      s1_3 = multiplyAdd(s1_3, y3, v1)
      s2_3 = multiplyAdd(s2_3, y3, v2)
      let y4 = y[4]
      s0_4 = multiplyAdd(s0_4, y4, v0)
      s1_4 = multiplyAdd(s1_4, y4, v1)
      s2_4 = multiplyAdd(s2_4, y4, v2)
      let y5 = y[5]
      s0_5 = multiplyAdd(s0_5, y5, v0)
      s1_5 = multiplyAdd(s1_5, y5, v1)
      s2_5 = multiplyAdd(s2_5, y5, v2)
      let y6 = y[6]
      s0_6 = multiplyAdd(s0_6, y6, v0)
      s1_6 = multiplyAdd(s1_6, y6, v1)
      s2_6 = multiplyAdd(s2_6, y6, v2)
      let y7 = y[7]
      s0_7 = multiplyAdd(s0_7, y7, v0)
      s1_7 = multiplyAdd(s1_7, y7, v1)
      s2_7 = multiplyAdd(s2_7, y7, v2)
    }

    @inline(__always) func save(_ p: Target, _ pair: Int) {
      put(s0_0, p + 0)
      put(s0_1, p + 16)
      put(s0_2, p + 32)
      put(s0_3, p + 48)
      put(s0_4, p + 64)
      put(s0_5, p + 80)
      put(s0_6, p + 96)
      put(s0_7, p + 112)
      put(s1_0, p + (1 &* pair &+ 0))
      put(s1_1, p + (1 &* pair &+ 16))
      put(s1_2, p + (1 &* pair &+ 32))
      put(s1_3, p + (1 &* pair &+ 48))
      put(s1_4, p + (1 &* pair &+ 64))
      put(s1_5, p + (1 &* pair &+ 80))
      put(s1_6, p + (1 &* pair &+ 96))
      put(s1_7, p + (1 &* pair &+ 112))
      put(s2_0, p + (2 &* pair &+ 0))
      put(s2_1, p + (2 &* pair &+ 16))
      put(s2_2, p + (2 &* pair &+ 32))
      put(s2_3, p + (2 &* pair &+ 48))
      put(s2_4, p + (2 &* pair &+ 64))
      put(s2_5, p + (2 &* pair &+ 80))
      put(s2_6, p + (2 &* pair &+ 96))
      put(s2_7, p + (2 &* pair &+ 112))
    }
  }

  /// 32 channels of A x 8 of B.
  struct Outer2x8: OuterTile {
    @inline(__always) static var lanes: Int { 8 }
    var s0_0: Vector, s0_1: Vector, s0_2: Vector, s0_3: Vector
    var s0_4: Vector, s0_5: Vector, s0_6: Vector, s0_7: Vector
    var s1_0: Vector, s1_1: Vector, s1_2: Vector, s1_3: Vector
    var s1_4: Vector, s1_5: Vector, s1_6: Vector, s1_7: Vector

    @inline(__always) init(_ p: Target, _ pair: Int) {
      s0_0 = load(p + 0)
      s0_1 = load(p + 16)
      s0_2 = load(p + 32)
      s0_3 = load(p + 48)
      s0_4 = load(p + 64)
      s0_5 = load(p + 80)
      s0_6 = load(p + 96)
      s0_7 = load(p + 112)
      s1_0 = load(p + (1 &* pair &+ 0))
      s1_1 = load(p + (1 &* pair &+ 16))
      s1_2 = load(p + (1 &* pair &+ 32))
      s1_3 = load(p + (1 &* pair &+ 48))
      s1_4 = load(p + (1 &* pair &+ 64))
      s1_5 = load(p + (1 &* pair &+ 80))
      s1_6 = load(p + (1 &* pair &+ 96))
      s1_7 = load(p + (1 &* pair &+ 112))
    }

    @inline(__always) mutating func add(_ v: Source, _ step: Int, _ y: Source) {
      let v0 = load(v)
      let v1 = load(v + 1 &* step)
      let y0 = y[0]
      s0_0 = multiplyAdd(s0_0, y0, v0)
      s1_0 = multiplyAdd(s1_0, y0, v1)
      let y1 = y[1]
      s0_1 = multiplyAdd(s0_1, y1, v0)
      s1_1 = multiplyAdd(s1_1, y1, v1)
      let y2 = y[2]
      s0_2 = multiplyAdd(s0_2, y2, v0)
      s1_2 = multiplyAdd(s1_2, y2, v1)
      let y3 = y[3]
      s0_3 = multiplyAdd(s0_3, y3, v0)
      s1_3 = multiplyAdd(s1_3, y3, v1)
      let y4 = y[4]
      s0_4 = multiplyAdd(s0_4, y4, v0)
      s1_4 = multiplyAdd(s1_4, y4, v1)
      let y5 = y[5]
      s0_5 = multiplyAdd(s0_5, y5, v0)
      s1_5 = multiplyAdd(s1_5, y5, v1)
      let y6 = y[6]
      s0_6 = multiplyAdd(s0_6, y6, v0)
      s1_6 = multiplyAdd(s1_6, y6, v1)
      let y7 = y[7]
      s0_7 = multiplyAdd(s0_7, y7, v0)
      s1_7 = multiplyAdd(s1_7, y7, v1)
    }

    @inline(__always) func save(_ p: Target, _ pair: Int) {
      put(s0_0, p + 0)
      put(s0_1, p + 16)
      put(s0_2, p + 32)
      put(s0_3, p + 48)
      put(s0_4, p + 64)
      put(s0_5, p + 80)
      put(s0_6, p + 96)
      put(s0_7, p + 112)
      put(s1_0, p + (1 &* pair &+ 0))
      put(s1_1, p + (1 &* pair &+ 16))
      put(s1_2, p + (1 &* pair &+ 32))
      put(s1_3, p + (1 &* pair &+ 48))
      put(s1_4, p + (1 &* pair &+ 64))
      put(s1_5, p + (1 &* pair &+ 80))
      put(s1_6, p + (1 &* pair &+ 96))
      put(s1_7, p + (1 &* pair &+ 112))
    }
  }

  /// 16 channels of A x 16 of B.
  struct Outer1x16: OuterTile {
    @inline(__always) static var lanes: Int { 16 }
    var s0_0: Vector, s0_1: Vector, s0_2: Vector, s0_3: Vector
    var s0_4: Vector, s0_5: Vector, s0_6: Vector, s0_7: Vector
    var s0_8: Vector, s0_9: Vector, s0_10: Vector, s0_11: Vector
    var s0_12: Vector, s0_13: Vector, s0_14: Vector, s0_15: Vector

    @inline(__always) init(_ p: Target, _ pair: Int) {
      s0_0 = load(p + 0)
      s0_1 = load(p + 16)
      s0_2 = load(p + 32)
      s0_3 = load(p + 48)
      s0_4 = load(p + 64)
      s0_5 = load(p + 80)
      s0_6 = load(p + 96)
      s0_7 = load(p + 112)
      s0_8 = load(p + 128)
      s0_9 = load(p + 144)
      s0_10 = load(p + 160)
      s0_11 = load(p + 176)
      s0_12 = load(p + 192)
      s0_13 = load(p + 208)
      s0_14 = load(p + 224)
      s0_15 = load(p + 240)
    }

    @inline(__always) mutating func add(_ v: Source, _ step: Int, _ y: Source) {
      let v0 = load(v)
      let y0 = y[0]
      s0_0 = multiplyAdd(s0_0, y0, v0)
      let y1 = y[1]
      s0_1 = multiplyAdd(s0_1, y1, v0)
      let y2 = y[2]
      s0_2 = multiplyAdd(s0_2, y2, v0)
      let y3 = y[3]
      s0_3 = multiplyAdd(s0_3, y3, v0)
      let y4 = y[4]
      s0_4 = multiplyAdd(s0_4, y4, v0)
      let y5 = y[5]
      s0_5 = multiplyAdd(s0_5, y5, v0)
      let y6 = y[6]
      s0_6 = multiplyAdd(s0_6, y6, v0)
      let y7 = y[7]
      s0_7 = multiplyAdd(s0_7, y7, v0)
      let y8 = y[8]
      s0_8 = multiplyAdd(s0_8, y8, v0)
      let y9 = y[9]
      s0_9 = multiplyAdd(s0_9, y9, v0)
      let y10 = y[10]
      s0_10 = multiplyAdd(s0_10, y10, v0)
      let y11 = y[11]
      s0_11 = multiplyAdd(s0_11, y11, v0)
      let y12 = y[12]
      s0_12 = multiplyAdd(s0_12, y12, v0)
      let y13 = y[13]
      s0_13 = multiplyAdd(s0_13, y13, v0)
      let y14 = y[14]
      s0_14 = multiplyAdd(s0_14, y14, v0)
      let y15 = y[15]
      s0_15 = multiplyAdd(s0_15, y15, v0)
    }

    @inline(__always) func save(_ p: Target, _ pair: Int) {
      put(s0_0, p + 0)
      put(s0_1, p + 16)
      put(s0_2, p + 32)
      put(s0_3, p + 48)
      put(s0_4, p + 64)
      put(s0_5, p + 80)
      put(s0_6, p + 96)
      put(s0_7, p + 112)
      put(s0_8, p + 128)
      put(s0_9, p + 144)
      put(s0_10, p + 160)
      put(s0_11, p + 176)
      put(s0_12, p + 192)
      put(s0_13, p + 208)
      put(s0_14, p + 224)
      put(s0_15, p + 240)
    }
  }
#endif

/// 16 channels of A x 4 of B.
struct Outer1x4: OuterTile {
  @inline(__always) static var lanes: Int { 4 }
  var s0_0: Vector, s0_1: Vector, s0_2: Vector, s0_3: Vector

  @inline(__always) init(_ p: Target, _ pair: Int) {
    s0_0 = load(p + 0)
    s0_1 = load(p + 16)
    s0_2 = load(p + 32)
    s0_3 = load(p + 48)
  }

  @inline(__always) mutating func add(_ v: Source, _ step: Int, _ y: Source) {
    let v0 = load(v)
    let y0 = y[0]
    s0_0 = multiplyAdd(s0_0, y0, v0)
    let y1 = y[1]
    s0_1 = multiplyAdd(s0_1, y1, v0)
    let y2 = y[2]
    s0_2 = multiplyAdd(s0_2, y2, v0)
    let y3 = y[3]
    s0_3 = multiplyAdd(s0_3, y3, v0)
  }

  @inline(__always) func save(_ p: Target, _ pair: Int) {
    put(s0_0, p + 0)
    put(s0_1, p + 16)
    put(s0_2, p + 32)
    put(s0_3, p + 48)
  }
}
