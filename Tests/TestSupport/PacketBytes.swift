import Linux

/// Hands bytes to `body` as packet memory of exactly their size.
@discardableResult
public func withPacket<T>(_ bytes: [UInt8], _ body: (PacketView) throws -> T) rethrows -> T {
  var bytes = bytes
  return try bytes.withUnsafeMutableBytes { try body(PacketView($0)) }
}

/// The bytes of hexadecimal digits; anything between the pairs is passed over.
public func bytes(hex: String) -> [UInt8] {
  let digits = hex.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
  return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}
