/// A look at JSON before the decoder gets it: the one of Swift 6.0 ends the process over a member's name that is not UTF-8 or
/// has a wrong escape or a control character, where it should throw.
public enum JSONStrings {
  /// Whether the bytes are UTF-8 and strings are as RFC 8259 section 7 wants them: known escapes, surrogates in pairs, no bare
  /// control characters. Says nothing of the structure, which the decoder judges.
  public static func areSound(in bytes: some Collection<UInt8>) -> Bool {
    guard String(validating: bytes, as: UTF8.self) != nil else { return false }
    var rest = bytes.makeIterator()
    var isInString = false
    while let byte = rest.next() {
      switch byte {
      case UInt8(ascii: "\""): isInString.toggle()
      case UInt8(ascii: "\\") where isInString: guard isEscape(&rest) else { return false }
      case 0..<0x20 where isInString: return false
      default: break
      }
    }
    return true
  }

  /// What follows a backslash.
  private static func isEscape(_ rest: inout some IteratorProtocol<UInt8>) -> Bool {
    guard let kind = rest.next() else { return false }
    guard kind == UInt8(ascii: "u") else { return "\"\\/bfnrt".utf8.contains(kind) }
    guard let unit = codeUnit(&rest) else { return false }
    if UTF16.isTrailSurrogate(unit) { return false }
    guard UTF16.isLeadSurrogate(unit) else { return true }
    guard rest.next() == UInt8(ascii: "\\"), rest.next() == UInt8(ascii: "u"), let second = codeUnit(&rest) else {
      return false
    }
    return UTF16.isTrailSurrogate(second)
  }

  /// Four hexadecimal digits.
  private static func codeUnit(_ rest: inout some IteratorProtocol<UInt8>) -> UInt16? {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = rest.next(), let digit = Character(UnicodeScalar(byte)).hexDigitValue, byte < 0x80 else {
        return nil
      }
      unit = unit << 4 | UInt16(digit)
    }
    return unit
  }
}
