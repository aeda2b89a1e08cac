/// What keeps a file's tensors from being a generator's: everything, not only what was found first.
public struct TensorMismatch: Equatable, Sendable {
  /// A tensor with another shape than the generator's.
  public struct Shape: Equatable, Sendable {
    /// The tensor.
    public let name: String
    /// The generator's shape.
    public let expected: [Int]
    /// The file's shape.
    public let found: [Int]

    /// A tensor and its shapes.
    public init(name: String, expected: [Int], found: [Int]) {
      self.name = name
      self.expected = expected
      self.found = found
    }
  }

  /// Parameters that the file does not have.
  public var missing: [String] = []
  /// Tensors that belong to no parameter.
  public var unexpected: [String] = []
  /// Tensors of another shape.
  public var misshaped: [Shape] = []
  /// Tensors with values that are not finite.
  public var notFinite: [String] = []

  /// Nothing is wrong.
  public init() {}

  /// Whether nothing is wrong.
  public var isEmpty: Bool {
    missing.isEmpty && unexpected.isEmpty && misshaped.isEmpty && notFinite.isEmpty
  }

  /// All of it in words, as the second half of a sentence.
  public var words: String {
    var parts: [String] = []
    func add(_ names: [String], _ what: String) {
      if !names.isEmpty { parts.append("\(what) " + names.joined(separator: ", ")) }
    }
    add(missing, "missing:")
    add(unexpected, "unexpected:")
    add(
      misshaped.map { "\($0.name) is \($0.found) instead of \($0.expected)" }, "of another shape:")
    add(notFinite, "not finite:")
    return parts.joined(separator: "; ")
  }
}
