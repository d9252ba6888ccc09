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

  /// How many random bytes `init(random:)` uses.
  public static let randomBytes = 32

  /// New credentials from at least `randomBytes` bytes of a cryptographic source, 6 bits of each: 48 bits of fragment
  /// (the standard asks for 24) and 144 of password (128). Nil if there are fewer bytes.
  public init?(random: [UInt8]) {
    guard random.count >= Self.randomBytes else { return nil }
    let text = random.prefix(Self.randomBytes).map { Self.alphabet[Int($0 & 63)] }
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
