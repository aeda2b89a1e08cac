/// How long a job may run: seconds, or `H:MM:SS`, `D-HH:MM:SS`, `90m`, `23h30m`.
public struct TimeLimit: Equatable, Sendable {
  /// The limit in seconds, above 0.
  public let seconds: Double

  /// Reads a limit; nil for anything else.
  public init?(_ text: String) {
    guard let seconds = TimeLimit.parts(text) ?? TimeLimit.clock(text) ?? TimeLimit.units(text),
      seconds > 0
    else { return nil }
    self.seconds = seconds
  }

  private static func parts(_ text: String) -> Double? {
    guard text.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
    return Int(text).map(Double.init)
  }

  /// `H:MM:SS`, or with days before it as batch systems write them.
  private static func clock(_ text: String) -> Double? {
    var days = 0
    var rest = text[...]
    if let dash = text.firstIndex(of: "-") {
      guard let count = Int(text[..<dash]), count >= 0 else { return nil }
      days = count
      rest = text[text.index(after: dash)...]
    }
    let fields = rest.split(separator: ":", omittingEmptySubsequences: false)
    let numbers = fields.compactMap { Int($0) }
    guard numbers.count == 3, fields.count == 3, numbers.allSatisfy({ $0 >= 0 }), numbers[1] < 60,
      numbers[2] < 60
    else { return nil }
    return Double(((24 * days + numbers[0]) * 60 + numbers[1]) * 60 + numbers[2])
  }

  /// Whole numbers, each with d, h, m or s.
  private static func units(_ text: String) -> Double? {
    var total = 0
    var digits = ""
    for character in text {
      if character.isASCII, character.isNumber {
        digits.append(character)
      } else {
        let seconds = ["d": 86400, "h": 3600, "m": 60, "s": 1][character]
        guard let seconds, let count = Int(digits) else { return nil }
        total += count * seconds
        digits = ""
      }
    }
    return digits.isEmpty ? Double(total) : nil
  }
}
