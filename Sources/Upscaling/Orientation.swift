/// One of the 8 flips and rotations of a rectangle.
///
/// The code's bits mean, in the order in which a place in the turned picture is traced back to the
/// picture: 4 exchanges row and column, 2 mirrors the rows, 1 mirrors the columns. Code 0 is the
/// picture as it is.
struct Orientation: Equatable, Sendable {
  /// All of them, the picture as it is first.
  static let all = (0..<8).map { Orientation(code: $0) }

  /// 0..<8.
  let code: Int

  /// Whether rows become columns.
  var isTransposed: Bool { code & 4 != 0 }

  /// Visits the places of a turned rectangle in memory order, each with its place in the rectangle
  /// of `height` x `width` itself; both are counted from the first value.
  @inline(__always)
  func walk(height: Int, width: Int, _ visit: (_ turned: Int, _ row: Int, _ column: Int) -> Void) {
    let (rows, columns) = isTransposed ? (width, height) : (height, width)
    var place = 0
    for y in 0..<rows {
      for x in 0..<columns {
        var (row, column) = isTransposed ? (x, y) : (y, x)
        if code & 2 != 0 { row = height - 1 - row }
        if code & 1 != 0 { column = width - 1 - column }
        visit(place, row, column)
        place += 1
      }
    }
  }
}
