/// A part of a description. Work on UTF-8 code units: they are cheap, and all of SDP's grammar is ASCII.
typealias SDPText = Substring.UTF8View

extension Substring.UTF8View {
  var string: String { String(Substring(self)) }

  /// The parts between single spaces; several spaces in a row count as one.
  var words: [SDPText] { split(separator: UInt8(ascii: " ")) }

  /// What stands before the first `separator`, and what after it; nil for the latter if there is none.
  func cut(_ separator: Unicode.Scalar) -> (SDPText, SDPText?) {
    guard let at = firstIndex(of: UInt8(ascii: separator)) else { return (self, nil) }
    return (self[..<at], self[index(after: at)...])
  }

  /// A decimal number of digits alone that fits the type.
  func number<T: FixedWidthInteger>(_ type: T.Type = T.self) -> T? {
    guard !isEmpty, allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
    return T(Substring(self))
  }

  func equals(_ text: StaticString) -> Bool { text.withUTF8Buffer { elementsEqual($0) } }

  /// A token of RFC 8866 section 9: visible ASCII without separators.
  var isToken: Bool {
    !isEmpty
      && allSatisfy { byte in
        switch UInt8(byte) {
        case 0x21, 0x23...0x27, 0x2a, 0x2b, 0x2d, 0x2e, 0x30...0x39, 0x41...0x5a, 0x5e...0x7e: true
        default: false
        }
      }
  }

  /// The characters of ICE fragments, passwords and foundations (RFC 8839 section 5.1).
  func isICEText(_ lengths: ClosedRange<Int>) -> Bool {
    lengths.contains(count)
      && allSatisfy { byte in
        switch UInt8(byte) {
        case 0x2b, 0x2f...0x39, 0x41...0x5a, 0x61...0x7a: true
        // Not in the grammar, but in fragments that peers make.
        case 0x2d, 0x3d, 0x5f: true
        default: false
        }
      }
  }
}
