import COpenSSL
import Linux

/// MESSAGE-INTEGRITY, the HMAC-SHA1 over a message up to that attribute (RFC 8489 section 14.5).
enum STUNIntegrity {
  static let bytes = 20

  /// The code of a message whose MESSAGE-INTEGRITY attribute begins at `end`. The length field takes the value it would
  /// have if the message ended with that attribute. Nil if the view is too short or OpenSSL has no SHA-1.
  static func code(of view: PacketView, end: Int, key: [UInt8]) -> (UInt64, UInt64, UInt32)? {
    guard let length = view.u16(2), let covered = view.prefix(end),
      let pretended = UInt16(exactly: end - STUNMessage.headerBytes + 4 + bytes)
    else { return nil }
    view.set(2, pretended)
    defer { view.set(2, length) }
    return withUnsafeTemporaryAllocation(byteCount: bytes, alignment: 8) { digest in
      var written: UInt32 = 0
      let found = key.withUnsafeBytes { key in
        HMAC(
          EVP_sha1(), key.baseAddress, Int32(truncatingIfNeeded: key.count),
          covered.raw.baseAddress?.assumingMemoryBound(to: UInt8.self), covered.count,
          digest.baseAddress?.assumingMemoryBound(to: UInt8.self), &written)
      }
      guard found != nil, Int(written) == bytes else { return nil }
      let code = PacketView(digest)
      guard let a = code.u64(0), let b = code.u64(8), let c = code.u32(16) else { return nil }
      return (a, b, c)
    }
  }
}
