/// A colour as cameras deliver it: BT.601, limited range.
package struct Color: Equatable, Sendable {
  package var y: UInt8
  package var u: UInt8
  package var v: UInt8

  /// Red, green and blue from 0 to 1.
  package init(_ red: Double, _ green: Double, _ blue: Double) {
    func byte(_ value: Double) -> UInt8 { UInt8(min(max(value.rounded(), 16), 240)) }
    y = byte(16 + 65.481 * red + 128.553 * green + 24.966 * blue)
    u = byte(128 - 37.797 * red - 74.203 * green + 112 * blue)
    v = byte(128 + 112 * red - 93.786 * green - 18.214 * blue)
  }

  private init(y: Double, u: Double, v: Double) {
    self.y = UInt8(y)
    self.u = UInt8(u)
    self.v = UInt8(v)
  }

  /// The colour at `part` (0 to 1) of the way to another.
  package func mixed(with other: Color, _ part: Double) -> Color {
    let part = min(max(part, 0), 1)
    func mix(_ a: UInt8, _ b: UInt8) -> Double { Double(a) + (Double(b) - Double(a)) * part }
    return Color(y: mix(y, other.y), u: mix(u, other.u), v: mix(v, other.v))
  }

  package static let white = Color(1, 1, 1)
  package static let black = Color(0, 0, 0)
}
