import ImageFiles
import Metrics

/// How good one picture is, against its original.
public struct PictureScores: Equatable, Sendable {
  /// The mean squared error of luma, 0...255; nil for pictures that are all border.
  public var meanSquaredError: Double?
  /// The mean squared error of RGB, 0...255; nil for pictures that are all border.
  public var rgbMeanSquaredError: Double?
  /// The structural similarity of luma; nil for pictures smaller than its window.
  public var ssim: Double?
  /// How natural the picture looks, without the original; nil for pictures smaller than its blocks,
  /// and where it is not measured.
  public var niqe: Double?
  /// The distance of VGG-16 features; nil where it is not measured.
  public var perceptualDistance: Double?
  /// The grid index, with the up-scaling factor as period; nil for pictures too small for it.
  public var gridIndex: Double?

  /// Peak signal-to-noise ratio of luma in dB.
  public var psnr: Double? { meanSquaredError.map(Distortion.psnr(meanSquaredError:)) }
  /// Root mean squared error of luma.
  public var rmse: Double? { meanSquaredError.map { $0.squareRoot() } }

  /// Compares a picture with an original of its size, but for the perceptual distance.
  ///
  /// - Parameters:
  ///   - shave: rows and columns left out on each side, of all scores but the grid index.
  ///   - period: the up-scaling factor.
  ///   - niqe: the evaluator, where NIQE is wanted.
  public init(
    _ picture: Image, original: Image, shave: Int, period: Int, niqe evaluator: NIQE? = nil
  ) {
    // One kind of luma for both: of RGB, as soon as one of them is in colour.
    let isColour = picture.channels == 3 || original.channels == 3
    func luma(_ image: Image) -> Luma {
      let image = isColour ? image.rgb : image
      return Luma(
        width: image.width, height: image.height, channels: image.channels, samples: image.bytes)
    }
    let (found, truth) = (luma(picture), luma(original))
    gridIndex = GridIndex.index(of: found, period: period)
    guard let inner = found.shaved(shave), let innerTruth = truth.shaved(shave) else { return }
    meanSquaredError = Distortion.meanSquaredError(inner, innerTruth)
    rgbMeanSquaredError = Distortion.meanSquaredError(rgb: picture, original, shave: shave)
    ssim = StructuralSimilarity.index(inner, innerTruth)
    niqe = evaluator?.score(of: inner)
  }

  /// The scores in the order of `ScoreColumn.all`.
  var columns: [Double?] {
    [
      psnr, ssim, rmse, rgbMeanSquaredError.map { $0.squareRoot() }, niqe, perceptualDistance,
      gridIndex,
    ]
  }

  /// The stored scores, for sending them.
  static let fields: [WritableKeyPath<PictureScores, Double?> & Sendable] = [
    \.meanSquaredError, \.rgbMeanSquaredError, \.ssim, \.niqe, \.perceptualDistance, \.gridIndex,
  ]

  /// Scores that are all missing.
  init() {}
}

/// The scores of a set of pictures: means over those that have a value.
public struct SetScores: Equatable, Sendable {
  /// Mean of the pictures' PSNR in dB.
  public let psnr: Double?
  /// Mean of the pictures' structural similarity.
  public let ssim: Double?
  /// Root of the mean of the pictures' mean squared errors of luma, as in the PIRM challenge of 2018.
  public let rmse: Double?
  /// The same of RGB.
  public let rgbRMSE: Double?
  /// Mean of the pictures' NIQE.
  public let niqe: Double?
  /// Mean of the pictures' perceptual distances.
  public let perceptualDistance: Double?
  /// Mean of the pictures' grid indices.
  public let gridIndex: Double?

  /// Averages scores.
  public init(_ scores: [PictureScores]) {
    func mean(_ values: [Double]) -> Double? {
      values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
    psnr = mean(scores.compactMap(\.psnr))
    ssim = mean(scores.compactMap(\.ssim))
    rmse = Distortion.rmse(meanSquaredErrors: scores.compactMap(\.meanSquaredError))
    rgbRMSE = Distortion.rmse(meanSquaredErrors: scores.compactMap(\.rgbMeanSquaredError))
    niqe = mean(scores.compactMap(\.niqe))
    perceptualDistance = mean(scores.compactMap(\.perceptualDistance))
    gridIndex = mean(scores.compactMap(\.gridIndex))
  }

  /// The scores in the order of `ScoreColumn.all`.
  var columns: [Double?] { [psnr, ssim, rmse, rgbRMSE, niqe, perceptualDistance, gridIndex] }
}

/// A column of the table of scores.
struct ScoreColumn {
  /// The heading.
  let title: String
  /// The heading in comma-separated values.
  let key: String
  /// Decimals that are shown.
  let decimals: Int

  static let all = [
    ScoreColumn(title: "PSNR dB", key: "psnr", decimals: 3),
    ScoreColumn(title: "SSIM", key: "ssim", decimals: 4),
    ScoreColumn(title: "RMSE", key: "rmse", decimals: 3),
    ScoreColumn(title: "RMSE RGB", key: "rmse_rgb", decimals: 3),
    ScoreColumn(title: "NIQE", key: "niqe", decimals: 3),
    ScoreColumn(title: "VGG", key: "vgg", decimals: 4),
    ScoreColumn(title: "grid", key: "grid", decimals: 4),
  ]

  /// What the scores are of, a sentence each.
  static func conventions(shave: Int) -> [String] {
    let border = shave == 0 ? "no border left out" : "\(shave) pixels left out at each border"
    return [
      "PSNR, SSIM, RMSE: luma of MATLAB's rgb2ycbcr rounded to 8 bits (16 to 235), \(border); the"
        + " mean RMSE is the root of the mean squared error over all pictures, as in PIRM 2018",
      "SSIM: Gaussian window of 11 x 11 with deviation 1.5, inside the picture",
      "RMSE RGB: all samples of the three channels in 8 bits, \(border)",
      "NIQE: luma as above, blocks of 96 x 96, MATLAB's algorithm; lower is more natural",
      "VGG: mean squared distance of unit feature vectors of VGG-16's relu1_2, relu2_2 and relu3_3,"
        + " RGB in 8 bits, \(border); not fitted to human judgement, so not LPIPS",
      "grid: how much fine structure repeats with the factor; photographs have about 0.01",
    ]
  }
}
