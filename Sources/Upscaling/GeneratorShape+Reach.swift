import Networks

extension GeneratorShape {
  /// How many low-resolution pixels away an input can still change an output: with this halo, tiles
  /// are the whole picture exactly.
  ///
  /// It follows the network's longest path; every operation adds what its kernel reaches, rounded
  /// up, in pixels of level 0.
  public var reach: Int {
    func pixels(_ count: Double, at level: Int) -> Double { count / Double(1 << level) }
    // 3x3 convolutions in a row: dense layers, and what stands before and after them.
    func analysis(_ k: Int) -> Double { pixels(4, at: k) }
    func synthesis(_ k: Int) -> Double { pixels(4, at: k) }
    func up(to k: Int) -> Double { pixels(5, at: k - 1) }
    func down(from k: Int) -> Double { pixels(2, at: k) + pixels(4, at: k - 1) }
    var references = [analysis(0)]
    func backProjected(_ features: Double, _ k: Int, lowest: Int) -> Double {
      guard k > lowest else { return features }
      var sum = features
      for _ in 0..<backProjections {
        let corrected = backProjected(sum + down(from: k), k - 1, lowest: lowest)
        sum = max(sum, max(references[k - 1], corrected) + up(to: k))
      }
      return sum
    }
    var image = references[0] + synthesis(0)
    for k in 1...levels {
      let upscaled = image + pixels(3, at: k - 1)
      let first = max(references[k - 1], upscaled + analysis(k) + down(from: k)) + up(to: k)
      references.append(backProjected(first, k, lowest: max(0, k - 3)))
      image = max(upscaled, references[k] + synthesis(k))
    }
    return Int(image.rounded(.up))
  }
}
