import KernelInterface

/// Adds the contribution of rows `first..<end` of B of one image, in the transformed form: at each
/// position the sum over tiles of (A y A^T)[o] x (B^T d B)[c]. The gradient of the kernel is
/// G^T S G of that sum S; whoever owns the gradient transforms it once.
func weightGradientWinograd(
  _ task: UnsafePointer<WeightGradientTask>, _ image: Int, _ first: Int, _ end: Int,
  _ scratch: Scratch
) {
  switch (task.pointee.geometry, task.pointee.algorithm) {
  case (.strided, _): weightGradientWinograd(Strided4.self, task, image, first, end, scratch)
  case (_, .f2): weightGradientWinograd(F2.self, task, image, first, end, scratch)
  default: weightGradientWinograd(F4.self, task, image, first, end, scratch)
  }
}

private func weightGradientWinograd<F: WinogradForm>(
  _: F.Type, _ task: UnsafePointer<WeightGradientTask>, _ image: Int, _ first: Int, _ end: Int,
  _ scratch: Scratch
) {
  let t = task.pointee
  var block = WinogradBlock(
    t.algorithm, t.geometry, sourceCount: t.sourceCount, targetCount: t.targetCount,
    source: (t.sourceHeight, t.sourceWidth), target: (t.targetHeight, t.targetWidth), scratch)
  block.first = first / F.tile &* block.columns
  let last = (end &+ F.tile &- 1) / F.tile &* block.columns
  while block.first < last {
    block.count = min(block.inputLayout.tiles, last &- block.first)
    var g = 0
    while g < t.sourceCount {
      block.transformInput(
        F.self,
        TileSource(
          group: t.source[g], image: image, bias: t.sourceActivationBias.map { $0 + g &* 16 }),
        group: g)
      g &+= 1
    }
    var o = 0
    while o < t.targetCount {
      block.transformGradient(
        F.self,
        TileSource(
          group: t.target[o], image: image, bias: t.targetActivationBias.map { $0 + o &* 16 }),
        group: o)
      o &+= 1
    }
    addTileProducts(task, block)
    block.first &+= block.count
  }
}

/// gradient[o, g, element] += sum over the block's tiles of target[o] x source[g].
private func addTileProducts(_ task: UnsafePointer<WeightGradientTask>, _ block: WinogradBlock) {
  let layout = block.inputLayout
  var element = 0
  var y = 0
  while y < layout.distinct {
    var x = 0
    while x < layout.distinct {
      let copies = layout.copies(y, x)
      let step = copies &* layout.tiles &* 16
      let whole = block.count == layout.tiles
      var copy = 0
      while copy < copies {
        addRowProducts(
          task, Source(block.input + layout.offset(y, x) + copy &* layout.tiles &* 16),
          Source(block.output + block.outputLayout.offset(y, x) + copy &* layout.tiles &* 16), step,
          rows: whole ? copies &* layout.tiles : block.count, element)
        copy &+= whole ? copies : 1
      }
      element &+= 1
      x &+= 1
    }
    y &+= 1
  }
}

/// The same for some rows of one element of the kernel: v (group, row, 16) and y likewise, their
/// groups `step` apart.
private func addRowProducts(
  _ task: UnsafePointer<WeightGradientTask>, _ v: Source, _ y: Source, _ step: Int, rows: Int,
  _ element: Int
) {
  let t = task.pointee
  let pair = t.pairCount
  var o = 0
  while o < t.targetCount {
    let gradient = t.gradient + (o &* t.sourceCount &* pair &+ element &* 256)
    let lanes = t.target[o].channels
    var g = 0
    #if KERNELS_AVX512
      while g &+ 4 <= t.sourceCount {
        addProducts(
          Outer4x4.self, v + g &* step, y + o &* step, step, gradient + g &* pair, pair, lanes, rows
        )
        g &+= 4
      }
      while g &+ 3 <= t.sourceCount {
        addProducts(
          Outer3x8.self, v + g &* step, y + o &* step, step, gradient + g &* pair, pair, lanes, rows
        )
        g &+= 3
      }
      while g &+ 2 <= t.sourceCount {
        addProducts(
          Outer2x8.self, v + g &* step, y + o &* step, step, gradient + g &* pair, pair, lanes, rows
        )
        g &+= 2
      }
      while g &+ 1 <= t.sourceCount {
        addProducts(
          Outer1x16.self, v + g &* step, y + o &* step, step, gradient + g &* pair, pair, lanes,
          rows)
        g &+= 1
      }
    #endif
    while g < t.sourceCount {
      addProducts(
        Outer1x4.self, v + g &* step, y + o &* step, step, gradient + g &* pair, pair, lanes, rows)
      g &+= 1
    }
    o &+= 1
  }
}

@inline(__always)
private func addProducts<T: OuterTile>(
  _: T.Type, _ v: Source, _ y: Source, _ step: Int, _ gradient: Target, _ pair: Int, _ lanes: Int,
  _ count: Int
) {
  var lane = 0
  while lane < lanes {
    var sums = T(gradient + lane &* 16, pair)
    var t = 0
    while t < count {
      sums.add(v + t &* 16, step, y + (t &* 16 &+ lane))
      t &+= 1
    }
    sums.save(gradient + lane &* 16, pair)
    lane &+= T.lanes
  }
}
