import KernelInterface

/// Sums the segments for `count` pixels of every target group and writes them.
///
/// `step` is the source pixels from one output pixel to the next, `targetPixel` the first output
/// pixel in its image and `targetStep` the target pixels from one to the next.
func writePixels(
  _ task: UnsafePointer<ConvolutionTask>, _ image: Int, _ scratch: Scratch, taps: Int, step: Int,
  count: Int, targetPixel: Int, targetStep: Int
) {
  let segments = listSegments(task, scratch, taps: taps)
  if step == 1 {
    writePixels(Channel.self, task, image, scratch, segments, count, targetPixel, targetStep)
  } else {
    writePixels(
      ChannelOfEverySecond.self, task, image, scratch, segments, count, targetPixel, targetStep)
  }
}

/// A run of input channels with adjacent weights: one tap of one group.
struct Segment {
  /// The first output pixel's input.
  var x: Source
  /// Floats from a target group's weights.
  var weight: Int
  /// Floats of weights of one target group: 16 a channel.
  var floats: Int
}

private func listSegments(
  _ task: UnsafePointer<ConvolutionTask>, _ scratch: Scratch, taps: Int
) -> Int {
  let t = task.pointee
  let groupWeights = t.geometry.taps &* 256
  var n = 0
  var g = 0
  while g < t.sourceCount {
    let floats = t.source[g].channels &* 16
    var k = 0
    while k < taps {
      let tap = scratch.taps[k]
      scratch.segments[n] = Segment(
        x: scratch.bases[g] + tap.offset, weight: g &* groupWeights &+ tap.weight, floats: floats)
      n &+= 1
      k &+= 1
    }
    g &+= 1
  }
  return n
}

private func writePixels<R: Reading>(
  _: R.Type, _ task: UnsafePointer<ConvolutionTask>, _ image: Int, _ scratch: Scratch,
  _ segments: Int, _ count: Int, _ targetPixel: Int, _ targetStep: Int
) {
  let targets = task.pointee.targetCount
  var block = 0
  while block < targets {
    let run = TileRun<R>(
      task: task, image: image, scratch: scratch, segments: segments, block: block,
      targetPixel: targetPixel, targetStep: targetStep)
    var p = 0
    #if KERNELS_AVX512
      switch targets &- block {
      case 1:
        while p &+ 24 <= count { p = run.write(Twice<Twice<Thrice<Twice<Pixel1>>>>.self, at: p) }
        while p &+ 12 <= count { p = run.write(Twice<Twice<Thrice<Pixel1>>>.self, at: p) }
        while p &+ 4 <= count { p = run.write(Twice<Twice<Pixel1>>.self, at: p) }
        while p < count { p = run.write(Pixel1.self, at: p) }
        block &+= 1
      case 2:
        while p &+ 12 <= count { p = run.write(Twice<Thrice<Twice<Pixel2>>>.self, at: p) }
        while p &+ 4 <= count { p = run.write(Twice<Twice<Pixel2>>.self, at: p) }
        while p < count { p = run.write(Pixel2.self, at: p) }
        block &+= 2
      case 3, 5, 6:
        while p &+ 8 <= count { p = run.write(Twice<Twice<Twice<Pixel3>>>.self, at: p) }
        while p &+ 4 <= count { p = run.write(Twice<Twice<Pixel3>>.self, at: p) }
        while p < count { p = run.write(Pixel3.self, at: p) }
        block &+= 3
      default:
        while p &+ 6 <= count { p = run.write(Thrice<Twice<Pixel4>>.self, at: p) }
        while p &+ 2 <= count { p = run.write(Twice<Pixel4>.self, at: p) }
        while p < count { p = run.write(Pixel4.self, at: p) }
        block &+= 4
      }
    #else
      while p &+ 6 <= count { p = run.write(Thrice<Twice<Pixel1>>.self, at: p) }
      while p < count { p = run.write(Pixel1.self, at: p) }
      block &+= 1
    #endif
  }
}

/// What the tiles of one run of pixels have in common.
private struct TileRun<R: Reading> {
  let task: UnsafePointer<ConvolutionTask>
  let image: Int
  let scratch: Scratch
  let segments: Int
  let block: Int
  let targetPixel: Int
  let targetStep: Int

  /// Sums and writes the tile's pixels from pixel `p` of the run; returns the pixel after them.
  @inline(__always)
  func write<T: Tile>(_: T.Type, at p: Int) -> Int {
    let t = task.pointee
    // Floats from one target group's weights to the next one's.
    let stride = t.sourceCount &* t.geometry.taps &* 256
    let weights = t.weights + block &* stride
    var sums = T()
    var s = UnsafePointer(scratch.segments)
    let last = s + segments
    while s < last {
      var x = s.pointee.x + p &* R.step
      var w = weights + s.pointee.weight
      let end = w + s.pointee.floats
      repeat {
        sums.add(x, R.self, Weights(w, stride, blocks: T.blocks))
        x += 1
        w += 16
      } while w < end
      s += 1
    }
    let range = PixelRange(
      image: image, first: targetPixel &+ p &* targetStep, step: targetStep, count: T.pixels)
    let targets = t.targets + block
    sums.end(0, targets, range, scratch.tile)
    if T.blocks > 1 { sums.end(1, targets + 1, range, scratch.tile) }
    if T.blocks > 2 { sums.end(2, targets + 2, range, scratch.tile) }
    if T.blocks > 3 { sums.end(3, targets + 3, range, scratch.tile) }
    return p &+ T.pixels
  }
}

/// Applies a target group's offset, gate and addend to `count` summed pixels in `tile` (pixel, 16)
/// and stores them.
func finish(
  _ target: UnsafePointer<TargetGroup>, _ image: Int, _ count: Int, _ pixel: Int, _ pixelStep: Int,
  _ tile: Target
) {
  let t = target.pointee
  if let offset = t.offset {
    let b = load(offset)
    var p = 0
    while p < count {
      store(load(tile + p &* 16) + b, tile + p &* 16)
      p &+= 1
    }
  }
  if t.gate.base != nil { applyGate(t, image, count, pixel, pixelStep, tile) }
  guard let base = t.target.base else { return }
  var addend = Source(base)
  if let a = t.addend.base {
    addend = Source(a + (image &* t.addend.imageStride &+ pixel &* t.addend.pixelStride))
  }
  let adds = t.addend.base != nil
  let out = base + (image &* t.target.imageStride &+ pixel &* t.target.pixelStride)
  if t.target.isBlocked {
    let step = pixelStep &* 16
    var p = 0
    if adds {
      while p < count {
        store(load(tile + p &* 16) + load(addend + p &* step), out + p &* step)
        p &+= 1
      }
    } else {
      while p < count {
        store(load(tile + p &* 16), out + p &* step)
        p &+= 1
      }
    }
    return
  }
  let step = pixelStep &* t.target.pixelStride
  let addendStep = pixelStep &* t.addend.pixelStride
  var c = 0
  while c < t.target.channels {
    let plane = out + c &* t.target.channelStride
    var p = 0
    while p < count {
      let extra = adds ? addend[c &* t.addend.channelStride &+ p &* addendStep] : 0
      plane[p &* step] = tile[p &* 16 &+ c] + extra
      p &+= 1
    }
    c &+= 1
  }
}

/// Zeroes the sums whose activation was off and adds the rest to the bias gradient.
private func applyGate(
  _ t: TargetGroup, _ image: Int, _ count: Int, _ pixel: Int, _ pixelStep: Int, _ tile: Target
) {
  guard let base = t.gate.base, let gateBias = t.gateBias else { return }
  let gate = base + (image &* t.gate.imageStride &+ pixel &* t.gate.pixelStride)
  let bias = load(gateBias)
  let step = pixelStep &* t.gate.pixelStride
  var sum = Vector.zero
  var p = 0
  if t.gate.isBlocked {
    while p < count {
      let open = (load(gate + p &* step) + bias) .> Vector.zero
      let v = Vector.zero.replacing(with: load(tile + p &* 16), where: open)
      store(v, tile + p &* 16)
      sum += v
      p &+= 1
    }
  } else {
    while p < count {
      var x = Vector.zero
      var c = 0
      while c < t.gate.channels {
        x[c] = gate[p &* step &+ c &* t.gate.channelStride]
        c &+= 1
      }
      let v = Vector.zero.replacing(with: load(tile + p &* 16), where: (x + bias) .> Vector.zero)
      store(v, tile + p &* 16)
      sum += v
      p &+= 1
    }
  }
  if let gradient = t.biasGradient { store(load(gradient) + sum, gradient) }
}
