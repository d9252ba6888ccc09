import COpenSSL

/// SHA-256 by OpenSSL.
enum Digest {
  static let bytes = 32

  static func sha256(_ source: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: bytes)
    SHA256(source, source.count, &digest)
    return digest
  }

  static func hex(_ bytes: [UInt8], separator: String = "") -> String {
    let digits = Array("0123456789ABCDEF")
    return bytes.map { String([digits[Int($0 >> 4)], digits[Int($0 & 15)]]) }.joined(separator: separator)
  }
}
