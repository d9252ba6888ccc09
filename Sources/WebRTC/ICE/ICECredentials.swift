/// The user name fragment and password of one side (RFC 8445 section 5.3).
public struct ICECredentials: Hashable, Sendable {
  public let ufrag: String
  public let password: String
  /// The password as the key of MESSAGE-INTEGRITY.
  let key: [UInt8]

  public init(ufrag: String, password: String) {
    self.ufrag = ufrag
    self.password = password
    key = Array(password.utf8)
  }

  /// New credentials from a cryptographic source: 48 random bits of fragment (the standard asks for 24) and 144 of password
  /// (128).
  public init(random: inout some RandomNumberGenerator) {
    // The top 6 bits of a number are below 64, as many as there are characters.
    let text = (0..<32).map { _ in Self.alphabet[Int(truncatingIfNeeded: (random.next() as UInt64) >> 58)] }
    self.init(ufrag: String(decoding: text[..<8], as: UTF8.self), password: String(decoding: text[8...], as: UTF8.self))
  }
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// A fragment of 8 characters as an integer, see `STUNMessage.recipient`; nil for other lengths.
  public var recipient: UInt64? {
    ufrag.utf8.count == 8 ? ufrag.utf8.reduce(0) { $0 << 8 | UInt64($1) } : nil
  }
}

extension ICECredentials: CustomStringConvertible {
  /// The fragment alone: the password has no place in a log.
  public var description: String { "\(ufrag):…" }
}
