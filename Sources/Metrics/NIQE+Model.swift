import Diagnostics
import Glibc

extension NIQE {
  /// The data file with the pristine model.
  public static let modelFile = "niqe-pristine.tsv"

  /// The evaluator with the pristine model that comes with the project.
  ///
  /// **Throws**: `DataFileError` when it is not found, `NIQEModelError` when it is damaged.
  public static func builtIn(_ files: DataFiles = DataFiles()) throws -> NIQE {
    try NIQE(reading: files.path(modelFile))
  }

  /// Reads a model: lines of tab-separated numbers, first the means, then the rows of the
  /// covariance; lines that begin with # are comments.
  ///
  /// **Throws**: `NIQEModelError`.
  public init(reading path: String) throws(NIQEModelError) {
    guard let file = fopen(path, "r") else {
      throw .unreadable(path: path, reason: String(cString: strerror(errno)))
    }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 14)
    while true {
      let count = fread(&buffer, 1, buffer.count, file)
      if count == 0 { break }
      bytes += buffer[..<count]
    }
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
      .filter { !$0.hasPrefix("#") }
    let rows = lines.map { $0.split(separator: "\t").compactMap { Double($0) } }
    let count = NIQE.featureCount
    guard rows.count == count + 1, rows.allSatisfy({ $0.count == count }) else {
      throw .damaged(path: path)
    }
    self.init(mean: rows[0], covariance: Array(rows.dropFirst().joined()))
  }
}

/// Why the pristine model of NIQE is not read.
public enum NIQEModelError: DiagnosedError, Equatable {
  /// The file cannot be read.
  case unreadable(path: String, reason: String)
  /// It does not hold 37 rows of 36 numbers.
  case damaged(path: String)

  /// The code that the program ends with.
  public var exitCode: ExitCode {
    switch self {
    case .unreadable: .noInput
    case .damaged: .badData
    }
  }

  /// One sentence for people.
  public var description: String {
    switch self {
    case .unreadable(let path, let reason):
      "NIQE's model '\(path)' cannot be read (\(reason)); check its permissions"
    case .damaged(let path):
      "NIQE's model '\(path)' does not hold \(NIQE.featureCount + 1) rows of "
        + "\(NIQE.featureCount) numbers; use the one that comes with the project"
    }
  }
}
