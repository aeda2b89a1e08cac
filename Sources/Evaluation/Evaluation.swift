import Collectives
import Upscaling

/// What an evaluation found: the table, and the detail that every picture had before.
public struct Evaluation: Sendable {
  /// The scores.
  public let table: EvaluationTable
  /// The detail of every low-resolution picture, in the order of the table; nil for tiny ones.
  public let details: [PictureDetail?]

  /// Puts together what the ranks found, each for some of the pictures.
  ///
  /// Every rank fills in its own numbers, zeros stand for the others', and the sum over the ranks is
  /// all of them.
  static func gathered(
    names: [String], methods: [String], shave: Int,
    _ mine: [(index: Int, scores: [PictureScores], detail: PictureDetail?)],
    on communicator: any Communicator
  ) throws -> Evaluation {
    let fields = PictureScores.fields
    let line = 2 * (methods.count * fields.count + 2)
    var numbers = [Double](repeating: 0, count: names.count * line)
    func put(_ value: Double?, at place: Int) {
      numbers[place] = value == nil ? 0 : 1
      numbers[place + 1] = value ?? 0
    }
    for (index, scores, detail) in mine {
      put(detail?.fine, at: index * line)
      put(detail?.coarse, at: index * line + 2)
      for (m, scores) in scores.enumerated() {
        for (f, field) in fields.enumerated() {
          put(scores[keyPath: field], at: index * line + 2 * (2 + m * fields.count + f))
        }
      }
    }
    try numbers.withUnsafeMutableBufferPointer { try communicator.sum(inPlace: $0) }
    func value(at place: Int) -> Double? { numbers[place] == 0 ? nil : numbers[place + 1] }
    var table = EvaluationTable(shave: shave)
    for (index, name) in names.enumerated() {
      for (m, method) in methods.enumerated() {
        var scores = PictureScores()
        for (f, field) in fields.enumerated() {
          scores[keyPath: field] = value(at: index * line + 2 * (2 + m * fields.count + f))
        }
        table.append(image: name, method: method, scores)
      }
    }
    let details = names.indices.map { index in
      value(at: index * line).flatMap { fine in
        value(at: index * line + 2).map { PictureDetail(fine: fine, coarse: $0) }
      }
    }
    return Evaluation(table: table, details: details)
  }

  /// The calibration of a dial from a sweep.
  ///
  /// **Throws**: `EvaluationError.noCalibration` when a score is missing at some noise.
  public func calibration(noises: [Double], factor: Int) throws(EvaluationError) -> Calibration {
    var points: [Calibration.Point] = []
    for noise in noises.sorted() {
      let mean = table.mean(of: EvaluationJob.name(of: noise))
      guard let psnr = mean.psnr, psnr.isFinite, let ssim = mean.ssim, let rmse = mean.rmse,
        let niqe = mean.niqe
      else { throw .noCalibration }
      points.append(
        Calibration.Point(noise: noise, psnr: psnr, ssim: ssim, rmse: rmse, niqe: niqe))
    }
    let least = EvaluationJob.name(of: noises.min() ?? 0)
    let errors = table.rows.filter { $0.method == least }.map(\.scores.rmse)
    let pairs = zip(details, errors).compactMap { detail, rmse in
      if let detail, let rmse, rmse > 0 { (detail: detail, rmse: rmse) } else { nil }
    }
    return Calibration(
      factor: factor, pictures: details.count, points: points,
      detail: DetailModel(fitting: pairs))
  }

  /// The perception-distortion curve of a sweep, with bicubic up-scaling and the originals; nil where
  /// the pictures are too small for NIQE.
  public func curve(noises: [Double], title: String) -> DialCurve? {
    func point(_ method: String, _ label: String) -> DialCurve.Point? {
      let mean = table.mean(of: method)
      guard let rmse = mean.rmse, let niqe = mean.niqe else { return nil }
      return DialCurve.Point(label: label, rmse: rmse, niqe: niqe)
    }
    let points = noises.sorted().compactMap { noise in
      let name = EvaluationJob.name(of: noise)
      return point(name, name)
    }
    guard !points.isEmpty else { return nil }
    return DialCurve(
      points: points, others: [point("bicubic", "bicubic")].compactMap { $0 },
      originalNIQE: table.mean(of: "original").niqe, title: title)
  }
}
