import KernelInterface

/// Where the pixels of one tile go.
struct PixelRange {
  let image: Int
  /// The first pixel of the target image.
  let first: Int
  /// Target pixels from one to the next.
  let step: Int
  let count: Int

  /// The first pixel's values in a blocked group.
  @inline(__always) func start(_ group: ChannelGroup, _ base: Target) -> Target {
    base + (image &* group.imageStride &+ first &* group.pixelStride)
  }
}

extension Tile {
  /// Applies a target group's offset, gate and addend to one block's sums and stores them.
  @inline(__always)
  mutating func end(
    _ block: Int, _ target: UnsafePointer<TargetGroup>, _ range: PixelRange, _ spill: Target
  ) {
    let t = target.pointee
    let blocked =
      t.target.isBlocked && (t.gate.base == nil || t.gate.isBlocked)
      && (t.addend.base == nil || t.addend.isBlocked)
    if !blocked {
      var save = Save(to: spill, step: 16)
      apply(&save, block: block, pixel: 0)
      finish(target, range.image, range.count, range.first, range.step, spill)
      return
    }
    if let offset = t.offset {
      var rule = AddOffset(offset: load(offset))
      apply(&rule, block: block, pixel: 0)
    }
    let step = range.step &* 16
    if let base = t.gate.base, let bias = t.gateBias {
      var rule = Gate(from: Source(range.start(t.gate, base)), step: step, bias: load(bias))
      apply(&rule, block: block, pixel: 0)
      if let gradient = t.biasGradient { store(load(gradient) + rule.sum, gradient) }
    }
    guard let base = t.target.base else { return }
    let out = range.start(t.target, base)
    if let addend = t.addend.base {
      var rule = AddPixels(from: Source(range.start(t.addend, addend)), step: step)
      apply(&rule, block: block, pixel: 0)
    }
    var save = Save(to: out, step: step)
    apply(&save, block: block, pixel: 0)
  }
}

private struct AddOffset: Rule {
  let offset: Vector
  @inline(__always) mutating func apply(_ sum: inout Vector, pixel: Int) { sum += offset }
}

/// Zeroes the sums whose activation was off and adds up the others.
private struct Gate: Rule {
  let from: Source
  let step: Int
  let bias: Vector
  var sum = Vector.zero

  @inline(__always) init(from: Source, step: Int, bias: Vector) {
    (self.from, self.step, self.bias) = (from, step, bias)
  }

  @inline(__always) mutating func apply(_ v: inout Vector, pixel: Int) {
    let open = (load(from + pixel &* step) + bias) .> Vector.zero
    v = Vector.zero.replacing(with: v, where: open)
    sum += v
  }
}

private struct AddPixels: Rule {
  let from: Source
  let step: Int
  @inline(__always) mutating func apply(_ sum: inout Vector, pixel: Int) {
    sum += load(from + pixel &* step)
  }
}

private struct Save: Rule {
  let to: Target
  let step: Int
  @inline(__always) init(to: Target, step: Int) { (self.to, self.step) = (to, step) }
  @inline(__always) mutating func apply(_ sum: inout Vector, pixel: Int) {
    store(sum, to + pixel &* step)
  }
}
