import Collectives
import ImageFiles
import Metrics
import Pyramids
import Upscaling

/// Compares pictures with their originals: what `srgan-evaluate` does.
///
/// Every original is cut to a multiple of the factor. With a network, it is down-sampled by the
/// operator that makes training data, and up-scaled again at each noise; with a folder of targets,
/// they are taken from there. Bicubic up-scaling stands beside them.
public struct EvaluationJob {
  /// Where the pictures to be judged come from.
  public enum Source {
    /// A network, at several noises of 0...1, with a seed.
    case network(Upscaler, noises: [Double], seed: UInt64)
    /// A folder with pictures of the originals' names.
    case folder(String)
  }

  /// What is measured beside the distortion.
  public struct Judges {
    /// The evaluator of naturalness.
    public var niqe: NIQE?
    /// The distance of features.
    public var perceptual: PerceptualDistance?

    /// Judges; left out, these scores are missing.
    public init(niqe: NIQE? = nil, perceptual: PerceptualDistance? = nil) {
      self.niqe = niqe
      self.perceptual = perceptual
    }
  }

  /// Where the pictures come from.
  public let source: Source
  /// Doublings L.
  public let levels: Int
  /// Rows and columns at the border that do not count: 4, as in the PIRM challenge.
  public let shave: Int
  private let judges: Judges

  /// A job.
  public init(source: Source, levels: Int, shave: Int = 4, judges: Judges = Judges()) {
    precondition(levels >= 1 && shave >= 0, "at least one doubling")
    self.source = source
    self.levels = levels
    self.shave = shave
    self.judges = judges
  }

  /// The methods in the order of their rows.
  public var methods: [String] {
    switch source {
    case .network(_, let noises, _): ["bicubic"] + noises.map(Self.name) + ["original"]
    case .folder: ["bicubic", "target", "original"]
    }
  }

  /// What the rows of a noise are called.
  static func name(of noise: Double) -> String {
    "noise " + (noise == noise.rounded() ? "\(Int(noise))" : "\(noise)")
  }

  /// Compares everything in a folder of originals; ranks share the pictures, and every rank gets the
  /// whole result.
  ///
  /// - Parameters:
  ///   - begun: told on every rank how many of its own how many pictures are done.
  ///   - pictures: on every rank, told the pictures of every original that it compared, by method.
  ///
  /// **Throws**: `EvaluationError`, `ImageFileError`, `UpscalingError`; there is no result then,
  /// because a mean over fewer pictures would be another number.
  public func run(
    references folder: String, on communicator: any Communicator = SingleProcess(),
    begun: (_ name: String, _ index: Int, _ count: Int) -> Void = { _, _, _ in },
    pictures: (_ name: String, [Image]) -> Void = { _, _ in }
  ) throws -> Evaluation {
    let (names, mine) = try communicator.collectively {
      let listing = ImageListing(of: [folder])
      if let problem = listing.problems.first { throw problem }
      guard !listing.images.isEmpty else { throw EvaluationError.noReferences(path: folder) }
      let targets = try targetsByName()
      let (rank, size) = (communicator.rank, communicator.size)
      let own = listing.images.indices.filter { $0 % size == rank }
      var results: [(Int, [PictureScores], PictureDetail?)] = []
      for (done, index) in own.enumerated() {
        let entry = listing.images[index]
        begun(entry.name, done, own.count)
        let (low, compared) = try compared(entry, targets)
        pictures(entry.name, compared)
        results.append((index, scores(compared), PictureDetail(of: low)))
      }
      return (listing.images.map(\.name), results)
    }
    return try Evaluation.gathered(
      names: names, methods: methods, shave: shave, mine, on: communicator)
  }

  /// The low-resolution version of an original, and all pictures to compare by method, the original
  /// last.
  private func compared(
    _ entry: ImageListing.Entry, _ targets: [String: String]
  ) throws -> (low: Image, [Image]) {
    let original = try Image(contentsOf: entry.path)
    guard min(original.width, original.height) >= 1 << levels else {
      throw EvaluationError.tooSmall(
        path: entry.path, width: original.width, height: original.height, factor: 1 << levels)
    }
    let pyramid = Pyramid(hr: original.eightBit, levels: levels)
    let (low, truth) = (pyramid.lowResolution, pyramid.highResolution)
    var pictures = [low.upsampled(by: 1 << levels)]
    switch source {
    case .network(let upscaler, let noises, let seed):
      for noise in noises {
        pictures.append(try upscaler.upscaled(low, noise: noise, seed: seed))
      }
    case .folder(let folder):
      pictures.append(try target(for: entry, in: folder, targets, size: truth, whole: original))
    }
    return (low, pictures + [truth])
  }

  private func scores(_ pictures: [Image]) -> [PictureScores] {
    guard let truth = pictures.last else { return [] }
    let distances = judges.perceptual?.distances(of: pictures, from: truth, shave: shave)
    return pictures.indices.map { i in
      var scores = PictureScores(
        pictures[i], original: truth, shave: shave, period: 1 << levels, niqe: judges.niqe)
      scores.perceptualDistance = distances?[i]
      return scores
    }
  }

  /// The paths of the targets by name without ending; none with a network.
  private func targetsByName() throws -> [String: String] {
    guard case .folder(let folder) = source else { return [:] }
    let listing = ImageListing(of: [folder])
    if let problem = listing.problems.first { throw problem }
    var paths: [String: String] = [:]
    for image in listing.images {
      if let first = paths.updateValue(image.path, forKey: baseName(image.name)) {
        throw EvaluationError.targetTwice(first: first, second: image.path)
      }
    }
    return paths
  }

  private func target(
    for entry: ImageListing.Entry, in folder: String, _ targets: [String: String], size: Image,
    whole: Image
  ) throws -> Image {
    guard let path = targets[baseName(entry.name)] else {
      throw EvaluationError.targetMissing(reference: entry.name, folder: folder)
    }
    let target = try Image(contentsOf: path)
    let found = [target.width, target.height]
    // A target of the whole original's size is cut as the original was.
    guard found == [size.width, size.height] || found == [whole.width, whole.height] else {
      throw EvaluationError.targetSize(
        path: path, found: found, expected: [size.width, size.height])
    }
    return target.cropped(rows: 0..<size.height, columns: 0..<size.width)
  }
}
