/// The 96 bits that tie a STUN response to its request (RFC 8489 section 5).
public struct STUNTransactionID: Hashable, Sendable {
  public var high: UInt32
  public var low: UInt64

  public init(high: UInt32, low: UInt64) {
    self.high = high
    self.low = low
  }
}

/// The four classes of STUN messages (RFC 8489 section 5).
public enum STUNClass: UInt16, Sendable {
  case request = 0x000
  case indication = 0x010
  case success = 0x100
  case error = 0x110
}

/// The error codes that ICE uses (RFC 8489 section 14.8, RFC 8445 section 7.1.3).
public enum STUNErrorCode: UInt16, Sendable {
  case badRequest = 400
  case unauthenticated = 401
  case unknownAttribute = 420
  case roleConflict = 487

  var reason: StaticString {
    switch self {
    case .badRequest: "Bad Request"
    case .unauthenticated: "Unauthenticated"
    case .unknownAttribute: "Unknown Attribute"
    case .roleConflict: "Role Conflict"
    }
  }
}

/// Attribute types (RFC 8489 section 18.3, RFC 8445 section 16.1).
enum STUNAttribute {
  static let username: UInt16 = 0x0006
  static let messageIntegrity: UInt16 = 0x0008
  static let errorCode: UInt16 = 0x0009
  static let unknownAttributes: UInt16 = 0x000a
  static let realm: UInt16 = 0x0014
  static let nonce: UInt16 = 0x0015
  static let messageIntegritySHA256: UInt16 = 0x001c
  static let xorMappedAddress: UInt16 = 0x0020
  static let priority: UInt16 = 0x0024
  static let useCandidate: UInt16 = 0x0025
  static let fingerprint: UInt16 = 0x8028
  static let iceControlled: UInt16 = 0x8029
  static let iceControlling: UInt16 = 0x802a
}

/// Why bytes are no STUN message that we can read.
public enum STUNError: Error, Equatable, Sendable {
  /// Shorter than a header, a length that is not what came, or an attribute that reaches past the end.
  case truncated
  /// The first two bits or the magic cookie are not STUN's (RFC 8489 section 5).
  case notSTUN
  /// A known attribute has a size that it cannot have.
  case malformedAttribute(UInt16)
}
