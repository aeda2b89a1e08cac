import KernelInterface

/// A convolution divided by images and bands of rows.
///
/// A pixel's value does not depend on the band that it is computed in. The gradients of activation
/// biases are sums over all pixels: then the bands depend on the size alone, each has a sum of its
/// own, and these are added up in order, so that the result does not depend on the threads.
struct ConvolutionWork: SharedWork {
  private let task: UnsafePointer<ConvolutionTask>
  private let kernel: KernelTable.Convolve
  private let scratch: ScratchMemory
  private let hasBiasGradients: Bool
  private let bandRows: Int
  /// Bands of one image.
  private let bands: Int
  private let bandCount: Int
  /// How many parts there are to share.
  let parts: Int

  init(
    task: UnsafePointer<ConvolutionTask>, kernel: @escaping KernelTable.Convolve, batch: Int,
    scratch: ScratchMemory
  ) {
    self.task = task
    self.kernel = kernel
    self.scratch = scratch
    let t = task.pointee
    var hasBiasGradients = false
    for i in 0..<t.targetCount where t.targets[i].biasGradient != nil { hasBiasGradients = true }
    self.hasBiasGradients = hasBiasGradients
    let step = t.bandUnit
    let rows = max((t.targetHeight + 7) / 8, t.leastBand)
    bandRows = hasBiasGradients ? (rows + step - 1) / step * step : step
    bands = (t.targetHeight + bandRows - 1) / bandRows
    bandCount = batch * bands
    parts = hasBiasGradients ? min(bandCount, ScratchMemory.mostSums) : bandCount
  }

  func run(_ parts: Range<Int>, thread: Int) {
    guard hasBiasGradients else {
      run(bands: parts, of: task, thread)
      return
    }
    let targets = scratch.targets(thread)
    var own = task.pointee
    targets.update(from: own.targets, count: own.targetCount)
    own.targets = UnsafePointer(targets)
    for part in parts {
      let sums = sums(part)
      for i in 0..<own.targetCount where targets[i].biasGradient != nil {
        targets[i].biasGradient = sums + i * 16
        (sums + i * 16).update(repeating: 0, count: 16)
      }
      withUnsafePointer(to: own) {
        run(
          bands: part * bandCount / self.parts..<(part + 1) * bandCount / self.parts, of: $0,
          thread)
      }
    }
  }

  /// Neighbouring bands of one image are one call.
  private func run(
    bands range: Range<Int>, of task: UnsafePointer<ConvolutionTask>, _ thread: Int
  ) {
    var band = range.lowerBound
    while band < range.upperBound {
      let image = band / bands
      let end = min(range.upperBound, (image + 1) * bands)
      kernel(
        task, image, (band - image * bands) * bandRows,
        min((end - image * bands) * bandRows, task.pointee.targetHeight), scratch.kernel(thread))
      band = end
    }
  }

  /// Adds the parts' sums to the gradients of the biases; called once all parts are done.
  func addBiasGradients() {
    guard hasBiasGradients else { return }
    for i in 0..<task.pointee.targetCount {
      guard let gradient = task.pointee.targets[i].biasGradient else { continue }
      for part in 0..<parts {
        let sums = sums(part) + i * 16
        for lane in 0..<16 { gradient[lane] += sums[lane] }
      }
    }
  }

  private func sums(_ part: Int) -> UnsafeMutablePointer<Float> {
    scratch.sums + part * task.pointee.targetCount * 16
  }
}
