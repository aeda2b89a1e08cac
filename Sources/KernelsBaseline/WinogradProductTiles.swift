// Accumulators are fields of structs for the reason given in Tiles.swift.

/// Sums over the channels of the products at one position, for a few tiles and output channels.
protocol ProductTile {
  static var tiles: Int { get }
  init()
  /// Adds one channel: v[tile x 16] times the 16 weights at u, u + step ...
  mutating func add(_ v: Source, _ u: Source, _ step: Int)
  /// Writes (tile, 16) to p, and the further blocks' at p + step ...
  func save(_ p: Target, _ step: Int)
}

@inline(__always)
private func put(_ v: Vector, _ p: Target) {
  UnsafeMutableRawPointer(p).storeBytes(of: v, as: Vector.self)
}

#if KERNELS_AVX512
  /// 24 tiles x 16 output channels.
  struct Products24x1: ProductTile {
    @inline(__always) static var tiles: Int { 24 }
    var s0_0 = Vector.zero, s0_1 = Vector.zero, s0_2 = Vector.zero, s0_3 = Vector.zero
    var s0_4 = Vector.zero, s0_5 = Vector.zero, s0_6 = Vector.zero, s0_7 = Vector.zero
    var s0_8 = Vector.zero, s0_9 = Vector.zero, s0_10 = Vector.zero, s0_11 = Vector.zero
    var s0_12 = Vector.zero, s0_13 = Vector.zero, s0_14 = Vector.zero, s0_15 = Vector.zero
    var s0_16 = Vector.zero, s0_17 = Vector.zero, s0_18 = Vector.zero, s0_19 = Vector.zero
    var s0_20 = Vector.zero, s0_21 = Vector.zero, s0_22 = Vector.zero, s0_23 = Vector.zero

    @inline(__always) mutating func add(_ v: Source, _ u: Source, _ step: Int) {
      let w0 = load(u)
      let x0 = v[0]
      s0_0 = multiplyAdd(s0_0, x0, w0)
      let x1 = v[16]
      s0_1 = multiplyAdd(s0_1, x1, w0)
      let x2 = v[32]
      s0_2 = multiplyAdd(s0_2, x2, w0)
      let x3 = v[48]
      s0_3 = multiplyAdd(s0_3, x3, w0)
      let x4 = v[64]
      s0_4 = multiplyAdd(s0_4, x4, w0)
      let x5 = v[80]
      s0_5 = multiplyAdd(s0_5, x5, w0)
      let x6 = v[96]
      s0_6 = multiplyAdd(s0_6, x6, w0)
      let x7 = v[112]
      s0_7 = multiplyAdd(s0_7, x7, w0)
      let x8 = v[128]
      s0_8 = multiplyAdd(s0_8, x8, w0)
      let x9 = v[144]
      s0_9 = multiplyAdd(s0_9, x9, w0)
      let x10 = v[160]
      s0_10 = multiplyAdd(s0_10, x10, w0)
      let x11 = v[176]
      s0_11 = multiplyAdd(s0_11, x11, w0)
      let x12 = v[192]
      s0_12 = multiplyAdd(s0_12, x12, w0)
      let x13 = v[208]
      s0_13 = multiplyAdd(s0_13, x13, w0)
      let x14 = v[224]
      s0_14 = multiplyAdd(s0_14, x14, w0)
      let x15 = v[240]
      s0_15 = multiplyAdd(s0_15, x15, w0)
      let x16 = v[256]
      s0_16 = multiplyAdd(s0_16, x16, w0)
      let x17 = v[272]
      s0_17 = multiplyAdd(s0_17, x17, w0)
      let x18 = v[288]
      s0_18 = multiplyAdd(s0_18, x18, w0)
      let x19 = v[304]
      s0_19 = multiplyAdd(s0_19, x19, w0)
      let x20 = v[320]
      s0_20 = multiplyAdd(s0_20, x20, w0)
      let x21 = v[336]
      s0_21 = multiplyAdd(s0_21, x21, w0)
      let x22 = v[352]
      s0_22 = multiplyAdd(s0_22, x22, w0)
      let x23 = v[368]
      s0_23 = multiplyAdd(s0_23, x23, w0)
    }

    @inline(__always) func save(_ p: Target, _ step: Int) {
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
      put(s0_16, p + 256)
      put(s0_17, p + 272)
      put(s0_18, p + 288)
      put(s0_19, p + 304)
      put(s0_20, p + 320)
      put(s0_21, p + 336)
      put(s0_22, p + 352)
      put(s0_23, p + 368)
    }
  }

  /// 12 tiles x 16 output channels.
  struct Products12x1: ProductTile {
    @inline(__always) static var tiles: Int { 12 }
    var s0_0 = Vector.zero, s0_1 = Vector.zero, s0_2 = Vector.zero, s0_3 = Vector.zero
    var s0_4 = Vector.zero, s0_5 = Vector.zero, s0_6 = Vector.zero, s0_7 = Vector.zero
    var s0_8 = Vector.zero, s0_9 = Vector.zero, s0_10 = Vector.zero, s0_11 = Vector.zero

    @inline(__always) mutating func add(_ v: Source, _ u: Source, _ step: Int) {
      let w0 = load(u)
      let x0 = v[0]
      s0_0 = multiplyAdd(s0_0, x0, w0)
      let x1 = v[16]
      s0_1 = multiplyAdd(s0_1, x1, w0)
      let x2 = v[32]
      s0_2 = multiplyAdd(s0_2, x2, w0)
      let x3 = v[48]
      s0_3 = multiplyAdd(s0_3, x3, w0)
      let x4 = v[64]
      s0_4 = multiplyAdd(s0_4, x4, w0)
      let x5 = v[80]
      s0_5 = multiplyAdd(s0_5, x5, w0)
      let x6 = v[96]
      s0_6 = multiplyAdd(s0_6, x6, w0)
      let x7 = v[112]
      s0_7 = multiplyAdd(s0_7, x7, w0)
      let x8 = v[128]
      s0_8 = multiplyAdd(s0_8, x8, w0)
      let x9 = v[144]
      s0_9 = multiplyAdd(s0_9, x9, w0)
      let x10 = v[160]
      s0_10 = multiplyAdd(s0_10, x10, w0)
      let x11 = v[176]
      s0_11 = multiplyAdd(s0_11, x11, w0)
    }

    @inline(__always) func save(_ p: Target, _ step: Int) {
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
    }
  }

  /// 12 tiles x 32 output channels.
  struct Products12x2: ProductTile {
    @inline(__always) static var tiles: Int { 12 }
    var s0_0 = Vector.zero, s0_1 = Vector.zero, s0_2 = Vector.zero, s0_3 = Vector.zero
    var s0_4 = Vector.zero, s0_5 = Vector.zero, s0_6 = Vector.zero, s0_7 = Vector.zero
    var s0_8 = Vector.zero, s0_9 = Vector.zero, s0_10 = Vector.zero, s0_11 = Vector.zero
    var s1_0 = Vector.zero, s1_1 = Vector.zero, s1_2 = Vector.zero, s1_3 = Vector.zero
    var s1_4 = Vector.zero, s1_5 = Vector.zero, s1_6 = Vector.zero, s1_7 = Vector.zero
    var s1_8 = Vector.zero, s1_9 = Vector.zero, s1_10 = Vector.zero, s1_11 = Vector.zero

    @inline(__always) mutating func add(_ v: Source, _ u: Source, _ step: Int) {
      let w0 = load(u)
      let w1 = load(u + 1 &* step)
      let x0 = v[0]
      s0_0 = multiplyAdd(s0_0, x0, w0)
      s1_0 = multiplyAdd(s1_0, x0, w1)
      let x1 = v[16]
      s0_1 = multiplyAdd(s0_1, x1, w0)
      s1_1 = multiplyAdd(s1_1, x1, w1)
      let x2 = v[32]
      s0_2 = multiplyAdd(s0_2, x2, w0)
      s1_2 = multiplyAdd(s1_2, x2, w1)
      let x3 = v[48]
      s0_3 = multiplyAdd(s0_3, x3, w0)
      s1_3 = multiplyAdd(s1_3, x3, w1)
      let x4 = v[64]
      s0_4 = multiplyAdd(s0_4, x4, w0)
      s1_4 = multiplyAdd(s1_4, x4, w1)
      let x5 = v[80]
      s0_5 = multiplyAdd(s0_5, x5, w0)
      s1_5 = multiplyAdd(s1_5, x5, w1)
      let x6 = v[96]
      s0_6 = multiplyAdd(s0_6, x6, w0)
      s1_6 = multiplyAdd(s1_6, x6, w1)
      let x7 = v[112]
      s0_7 = multiplyAdd(s0_7, x7, w0)
      s1_7 = multiplyAdd(s1_7, x7, w1)
      let x8 = v[128]
      s0_8 = multiplyAdd(s0_8, x8, w0)
      s1_8 = multiplyAdd(s1_8, x8, w1)
      let x9 = v[144]
      s0_9 = multiplyAdd(s0_9, x9, w0)
      s1_9 = multiplyAdd(s1_9, x9, w1)
      let x10 = v[160]
      s0_10 = multiplyAdd(s0_10, x10, w0)
      s1_10 = multiplyAdd(s1_10, x10, w1)
      let x11 = v[176]
      s0_11 = multiplyAdd(s0_11, x11, w0)
      s1_11 = multiplyAdd(s1_11, x11, w1)
    }

    @inline(__always) func save(_ p: Target, _ step: Int) {
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
      put(s1_0, p + (1 &* step &+ 0))
      put(s1_1, p + (1 &* step &+ 16))
      put(s1_2, p + (1 &* step &+ 32))
      put(s1_3, p + (1 &* step &+ 48))
      put(s1_4, p + (1 &* step &+ 64))
      put(s1_5, p + (1 &* step &+ 80))
      put(s1_6, p + (1 &* step &+ 96))
      put(s1_7, p + (1 &* step &+ 112))
      put(s1_8, p + (1 &* step &+ 128))
      put(s1_9, p + (1 &* step &+ 144))
      put(s1_10, p + (1 &* step &+ 160))
      put(s1_11, p + (1 &* step &+ 176))
    }
  }

  /// 6 tiles x 32 output channels.
  struct Products6x2: ProductTile {
    @inline(__always) static var tiles: Int { 6 }
    var s0_0 = Vector.zero, s0_1 = Vector.zero, s0_2 = Vector.zero, s0_3 = Vector.zero
    var s0_4 = Vector.zero, s0_5 = Vector.zero
    var s1_0 = Vector.zero, s1_1 = Vector.zero, s1_2 = Vector.zero, s1_3 = Vector.zero
    var s1_4 = Vector.zero, s1_5 = Vector.zero

    @inline(__always) mutating func add(_ v: Source, _ u: Source, _ step: Int) {
      let w0 = load(u)
      let w1 = load(u + 1 &* step)
      let x0 = v[0]
      s0_0 = multiplyAdd(s0_0, x0, w0)
      s1_0 = multiplyAdd(s1_0, x0, w1)
      let x1 = v[16]
      s0_1 = multiplyAdd(s0_1, x1, w0)
      s1_1 = multiplyAdd(s1_1, x1, w1)
      let x2 = v[32]
      s0_2 = multiplyAdd(s0_2, x2, w0)
      s1_2 = multiplyAdd(s1_2, x2, w1)
      let x3 = v[48]
      s0_3 = multiplyAdd(s0_3, x3, w0)
      s1_3 = multiplyAdd(s1_3, x3, w1)
      let x4 = v[64]
      s0_4 = multiplyAdd(s0_4, x4, w0)
      s1_4 = multiplyAdd(s1_4, x4, w1)
      let x5 = v[80]
      s0_5 = multiplyAdd(s0_5, x5, w0)
      s1_5 = multiplyAdd(s1_5, x5, w1)
    }

    @inline(__always) func save(_ p: Target, _ step: Int) {
      put(s0_0, p + 0)
      put(s0_1, p + 16)
      put(s0_2, p + 32)
      put(s0_3, p + 48)
      put(s0_4, p + 64)
      put(s0_5, p + 80)
      put(s1_0, p + (1 &* step &+ 0))
      put(s1_1, p + (1 &* step &+ 16))
      put(s1_2, p + (1 &* step &+ 32))
      put(s1_3, p + (1 &* step &+ 48))
      put(s1_4, p + (1 &* step &+ 64))
      put(s1_5, p + (1 &* step &+ 80))
    }
  }

  /// 6 tiles x 48 output channels.
  struct Products6x3: ProductTile {
    @inline(__always) static var tiles: Int { 6 }
    var s0_0 = Vector.zero, s0_1 = Vector.zero, s0_2 = Vector.zero, s0_3 = Vector.zero
    var s0_4 = Vector.zero, s0_5 = Vector.zero
    var s1_0 = Vector.zero, s1_1 = Vector.zero, s1_2 = Vector.zero, s1_3 = Vector.zero
    var s1_4 = Vector.zero, s1_5 = Vector.zero
    var s2_0 = Vector.zero, s2_1 = Vector.zero, s2_2 = Vector.zero, s2_3 = Vector.zero
    var s2_4 = Vector.zero, s2_5 = Vector.zero

    @inline(__always) mutating func add(_ v: Source, _ u: Source, _ step: Int) {
      let w0 = load(u)
      let w1 = load(u + 1 &* step)
      let w2 = load(u + 2 &* step)
      let x0 = v[0]
      s0_0 = multiplyAdd(s0_0, x0, w0)
      s1_0 = multiplyAdd(s1_0, x0, w1)
      s2_0 = multiplyAdd(s2_0, x0, w2)
      let x1 = v[16]
      s0_1 = multiplyAdd(s0_1, x1, w0)
      s1_1 = multiplyAdd(s1_1, x1, w1)
      s2_1 = multiplyAdd(s2_1, x1, w2)
      let x2 = v[32]
      s0_2 = multiplyAdd(s0_2, x2, w0)
      s1_2 = multiplyAdd(s1_2, x2, w1)
      s2_2 = multiplyAdd(s2_2, x2, w2)
      let x3 = v[48]
      s0_3 = multiplyAdd(s0_3, x3, w0)
      s1_3 = multiplyAdd(s1_3, x3, w1)
      s2_3 = multiplyAdd(s2_3, x3, w2)
      let x4 = v[64]
      s0_4 = multiplyAdd(s0_4, x4, w0)
      s1_4 = multiplyAdd(s1_4, x4, w1)
      s2_4 = multiplyAdd(s2_4, x4, w2)
      let x5 = v[80]
      s0_5 = multiplyAdd(s0_5, x5, w0)
      s1_5 = multiplyAdd(s1_5, x5, w1)
      s2_5 = multiplyAdd(s2_5, x5, w2)
    }

    @inline(__always) func save(_ p: Target, _ step: Int) {
      put(s0_0, p + 0)
      put(s0_1, p + 16)
      put(s0_2, p + 32)
      put(s0_3, p + 48)
      put(s0_4, p + 64)
      put(s0_5, p + 80)
      put(s1_0, p + (1 &* step &+ 0))
      put(s1_1, p + (1 &* step &+ 16))
      put(s1_2, p + (1 &* step &+ 32))
      put(s1_3, p + (1 &* step &+ 48))
      put(s1_4, p + (1 &* step &+ 64))
      put(s1_5, p + (1 &* step &+ 80))
      put(s2_0, p + (2 &* step &+ 0))
      put(s2_1, p + (2 &* step &+ 16))
      put(s2_2, p + (2 &* step &+ 32))
      put(s2_3, p + (2 &* step &+ 48))
      put(s2_4, p + (2 &* step &+ 64))
      put(s2_5, p + (2 &* step &+ 80))
    }
  }

  /// 6 tiles x 64 output channels.
  struct Products6x4: ProductTile {
    @inline(__always) static var tiles: Int { 6 }
    var s0_0 = Vector.zero, s0_1 = Vector.zero, s0_2 = Vector.zero, s0_3 = Vector.zero
    var s0_4 = Vector.zero, s0_5 = Vector.zero
    var s1_0 = Vector.zero, s1_1 = Vector.zero, s1_2 = Vector.zero, s1_3 = Vector.zero
    var s1_4 = Vector.zero, s1_5 = Vector.zero
    var s2_0 = Vector.zero, s2_1 = Vector.zero, s2_2 = Vector.zero, s2_3 = Vector.zero
    var s2_4 = Vector.zero, s2_5 = Vector.zero
    var s3_0 = Vector.zero, s3_1 = Vector.zero, s3_2 = Vector.zero, s3_3 = Vector.zero
    var s3_4 = Vector.zero, s3_5 = Vector.zero

    @inline(__always) mutating func add(_ v: Source, _ u: Source, _ step: Int) {
      let w0 = load(u)
      let w1 = load(u + 1 &* step)
      let w2 = load(u + 2 &* step)
      let w3 = load(u + 3 &* step)
      let x0 = v[0]
      s0_0 = multiplyAdd(s0_0, x0, w0)
      s1_0 = multiplyAdd(s1_0, x0, w1)
      s2_0 = multiplyAdd(s2_0, x0, w2)
      s3_0 = multiplyAdd(s3_0, x0, w3)
      let x1 = v[16]
      s0_1 = multiplyAdd(s0_1, x1, w0)
      s1_1 = multiplyAdd(s1_1, x1, w1)
      s2_1 = multiplyAdd(s2_1, x1, w2)
      s3_1 = multiplyAdd(s3_1, x1, w3)
      let x2 = v[32]
      s0_2 = multiplyAdd(s0_2, x2, w0)
      s1_2 = multiplyAdd(s1_2, x2, w1)
      s2_2 = multiplyAdd(s2_2, x2, w2)
      s3_2 = multiplyAdd(s3_2, x2, w3)
      let x3 = v[48]
      s0_3 = multiplyAdd(s0_3, x3, w0)
      s1_3 = multiplyAdd(s1_3, x3, w1)
      s2_3 = multiplyAdd(s2_3, x3, w2)
      s3_3 = multiplyAdd(s3_3, x3, w3)
      let x4 = v[64]
      s0_4 = multiplyAdd(s0_4, x4, w0)
      s1_4 = multiplyAdd(s1_4, x4, w1)
      s2_4 = multiplyAdd(s2_4, x4, w2)
      s3_4 = multiplyAdd(s3_4, x4, w3)
      let x5 = v[80]
      s0_5 = multiplyAdd(s0_5, x5, w0)
      s1_5 = multiplyAdd(s1_5, x5, w1)
      s2_5 = multiplyAdd(s2_5, x5, w2)
      s3_5 = multiplyAdd(s3_5, x5, w3)
    }

    @inline(__always) func save(_ p: Target, _ step: Int) {
      put(s0_0, p + 0)
      put(s0_1, p + 16)
      put(s0_2, p + 32)
      put(s0_3, p + 48)
      put(s0_4, p + 64)
      put(s0_5, p + 80)
      put(s1_0, p + (1 &* step &+ 0))
      put(s1_1, p + (1 &* step &+ 16))
      put(s1_2, p + (1 &* step &+ 32))
      put(s1_3, p + (1 &* step &+ 48))
      put(s1_4, p + (1 &* step &+ 64))
      put(s1_5, p + (1 &* step &+ 80))
      put(s2_0, p + (2 &* step &+ 0))
      put(s2_1, p + (2 &* step &+ 16))
      put(s2_2, p + (2 &* step &+ 32))
      put(s2_3, p + (2 &* step &+ 48))
      put(s2_4, p + (2 &* step &+ 64))
      put(s2_5, p + (2 &* step &+ 80))
      put(s3_0, p + (3 &* step &+ 0))
      put(s3_1, p + (3 &* step &+ 16))
      put(s3_2, p + (3 &* step &+ 32))
      put(s3_3, p + (3 &* step &+ 48))
      put(s3_4, p + (3 &* step &+ 64))
      put(s3_5, p + (3 &* step &+ 80))
    }
  }
#endif

/// 6 tiles x 16 output channels.
struct Products6x1: ProductTile {
  @inline(__always) static var tiles: Int { 6 }
  var s0_0 = Vector.zero, s0_1 = Vector.zero, s0_2 = Vector.zero, s0_3 = Vector.zero
  var s0_4 = Vector.zero, s0_5 = Vector.zero

  @inline(__always) mutating func add(_ v: Source, _ u: Source, _ step: Int) {
    let w0 = load(u)
    let x0 = v[0]
    s0_0 = multiplyAdd(s0_0, x0, w0)
    let x1 = v[16]
    s0_1 = multiplyAdd(s0_1, x1, w0)
    let x2 = v[32]
    s0_2 = multiplyAdd(s0_2, x2, w0)
    let x3 = v[48]
    s0_3 = multiplyAdd(s0_3, x3, w0)
    let x4 = v[64]
    s0_4 = multiplyAdd(s0_4, x4, w0)
    let x5 = v[80]
    s0_5 = multiplyAdd(s0_5, x5, w0)
  }

  @inline(__always) func save(_ p: Target, _ step: Int) {
    put(s0_0, p + 0)
    put(s0_1, p + 16)
    put(s0_2, p + 32)
    put(s0_3, p + 48)
    put(s0_4, p + 64)
    put(s0_5, p + 80)
  }
}
