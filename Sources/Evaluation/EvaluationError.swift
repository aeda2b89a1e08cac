import Diagnostics

/// Why a set of pictures is not evaluated.
public enum EvaluationError: DiagnosedError, Equatable {
  /// The folder of originals has no pictures.
  case noReferences(path: String)
  /// An original is smaller than one low-resolution pixel.
  case tooSmall(path: String, width: Int, height: Int, factor: Int)
  /// No picture in the target folder belongs to an original.
  case targetMissing(reference: String, folder: String)
  /// Several do.
  case targetTwice(first: String, second: String)
  /// A target has another size than its original.
  case targetSize(path: String, found: [Int], expected: [Int])
  /// A table, curve or report cannot be written.
  case notWritten(path: String, reason: String)
  /// A score that the calibration or the curve needs is missing.
  case noCalibration
  /// The calibration has no weight file to go to.
  case calibrationNeedsFile(path: String)

  /// The code that the program ends with.
  public var exitCode: ExitCode {
    switch self {
    case .noReferences, .targetMissing: .noInput
    case .tooSmall, .targetTwice, .targetSize, .noCalibration: .badData
    case .notWritten: .cannotCreate
    case .calibrationNeedsFile: .usage
    }
  }

  /// One sentence for people.
  public var description: String {
    switch self {
    case .noReferences(let path):
      "'\(path)' has no pictures to compare with; check the path"
    case .tooSmall(let path, let width, let height, let factor):
      "'\(path)' has \(width) x \(height) pixels, fewer than the factor \(factor); remove it"
    case .targetMissing(let reference, let folder):
      "'\(folder)' has no picture for '\(reference)'; the names must be the same up to the ending"
    case .targetTwice(let first, let second):
      "'\(first)' and '\(second)' have the same name up to the ending; remove one of them"
    case .targetSize(let path, let found, let expected):
      "'\(path)' has \(found[0]) x \(found[1]) pixels and its original \(expected[0]) x "
        + "\(expected[1]); up-scale by the factor of --factor"
    case .notWritten(let path, let reason):
      "'\(path)' cannot be written (\(reason)); choose another place"
    case .noCalibration:
      "the pictures have no NIQE to draw or calibrate with, which takes at least two blocks of 96 x "
        + "96 pixels; use larger ones"
    case .calibrationNeedsFile(let path):
      "the calibration cannot be stored in '\(path)', which is no .safetensors file; name one with "
        + "--save"
    }
  }
}
