import Linux

/// A STUN message read in place (RFC 8489); valid as long as the view it was read from.
public struct STUNMessage {
  static let headerBytes = 20
  static let magicCookie: UInt32 = 0x2112_a442
  /// The only method that ICE uses (RFC 8489 section 18.2).
  public static let binding: UInt16 = 0x001

  private let view: PacketView
  public let messageClass: STUNClass
  public let method: UInt16
  public let transactionID: STUNTransactionID

  /// USERNAME: in a check, the receiver's fragment, a colon, and the sender's fragment (RFC 8445 section 7.2.2).
  public private(set) var username: PacketView?
  public private(set) var priority: UInt32?
  public private(set) var useCandidate = false
  /// The sender's tie-breaker if it believes to be controlling.
  public private(set) var iceControlling: UInt64?
  /// The sender's tie-breaker if it believes to be controlled.
  public private(set) var iceControlled: UInt64?
  public private(set) var mappedAddress: SocketAddress?
  /// The code of an ERROR-CODE attribute, 300...699.
  public private(set) var errorCode: UInt16?
  /// The first attribute that must be understood and is not (RFC 8489 section 5: types below 0x8000).
  public private(set) var unknownRequired: UInt16?

  private var integrityStart: Int?
  private var fingerprintStart: Int?

  /// Reads header and attributes; later appearances of an attribute and what follows MESSAGE-INTEGRITY, but for
  /// FINGERPRINT, are passed over (RFC 8489 sections 14 and 14.5).
  public init(_ view: PacketView) throws(STUNError) {
    guard view.count >= Self.headerBytes, let type = view.u16(0), let length = view.u16(2), let cookie = view.u32(4),
      let high = view.u32(8), let low = view.u64(12)
    else { throw .truncated }
    guard type & 0xc000 == 0, cookie == Self.magicCookie, let found = STUNClass(rawValue: type & 0x0110) else {
      throw .notSTUN
    }
    guard length % 4 == 0, Int(length) == view.count - Self.headerBytes else { throw .truncated }
    self.view = view
    messageClass = found
    method = type & 0x000f | (type & 0x00e0) >> 1 | (type & 0x3e00) >> 2
    transactionID = STUNTransactionID(high: high, low: low)

    var reader = ByteReader(view)
    _ = reader.skip(Self.headerBytes)
    while reader.remaining > 0 {
      let start = reader.position
      guard let type = reader.u16(), let length = reader.u16(), let value = reader.take(Int(length)),
        reader.skip(-Int(length) & 3)
      else { throw .truncated }
      try read(type, value, start: start)
    }
  }

  private mutating func read(_ type: UInt16, _ value: PacketView, start: Int) throws(STUNError) {
    guard fingerprintStart == nil else { return }
    if type == STUNAttribute.fingerprint {
      guard value.count == 4 else { throw .malformedAttribute(type) }
      fingerprintStart = start
      return
    }
    guard integrityStart == nil else { return }
    switch type {
    case STUNAttribute.messageIntegrity:
      guard value.count == STUNIntegrity.bytes else { throw .malformedAttribute(type) }
      integrityStart = start
    case STUNAttribute.username:
      guard (1...513).contains(value.count) else { throw .malformedAttribute(type) }
      username = username ?? value
    case STUNAttribute.priority:
      guard value.count == 4 else { throw .malformedAttribute(type) }
      priority = priority ?? value.u32(0)
    case STUNAttribute.useCandidate:
      useCandidate = true
    case STUNAttribute.iceControlling:
      guard value.count == 8 else { throw .malformedAttribute(type) }
      iceControlling = iceControlling ?? value.u64(0)
    case STUNAttribute.iceControlled:
      guard value.count == 8 else { throw .malformedAttribute(type) }
      iceControlled = iceControlled ?? value.u64(0)
    case STUNAttribute.xorMappedAddress:
      guard let address = xorMapped(value) else { throw .malformedAttribute(type) }
      mappedAddress = mappedAddress ?? address
    case STUNAttribute.errorCode:
      guard let hundreds = value.u8(2), let rest = value.u8(3), (3...6).contains(hundreds & 7), rest < 100 else {
        throw .malformedAttribute(type)
      }
      errorCode = errorCode ?? UInt16(hundreds & 7) * 100 + UInt16(rest)
    case STUNAttribute.realm, STUNAttribute.nonce, STUNAttribute.messageIntegritySHA256,
      STUNAttribute.unknownAttributes:
      break
    default:
      if type < 0x8000 { unknownRequired = unknownRequired ?? type }
    }
  }

  /// Undoes the XOR with cookie and transaction (RFC 8489 section 14.2).
  private func xorMapped(_ value: PacketView) -> SocketAddress? {
    guard let family = value.u8(1), let port = value.u16(2) else { return nil }
    let plainPort = port ^ UInt16(Self.magicCookie >> 16)
    switch (family, value.count) {
    case (1, 8):
      guard let address = value.u32(4) else { return nil }
      return SocketAddress(ipv4: address ^ Self.magicCookie, port: plainPort)
    case (2, 20):
      guard let high = value.u64(4), let low = value.u64(12) else { return nil }
      let mask = UInt64(Self.magicCookie) << 32 | UInt64(transactionID.high)
      return SocketAddress(high: high ^ mask, low: low ^ transactionID.low, port: plainPort)
    default:
      return nil
    }
  }

  /// Whether MESSAGE-INTEGRITY is there and was made with this key, the receiver's password. Takes the same time for
  /// any wrong code.
  public func verifyIntegrity(key: [UInt8]) -> Bool {
    guard let start = integrityStart, let code = STUNIntegrity.code(of: view, end: start, key: key),
      let a = view.u64(start + 4), let b = view.u64(start + 12), let c = view.u32(start + 20)
    else { return false }
    return (a ^ code.0) | (b ^ code.1) | UInt64(c ^ code.2) == 0
  }

  /// Whether FINGERPRINT is there, is the last attribute, and is the checksum of what stands before it.
  public func verifyFingerprint() -> Bool {
    guard let start = fingerprintStart, start + 8 == view.count, let covered = view.prefix(start) else { return false }
    return view.u32(start + 4) == CRC32.checksum(UnsafeRawBufferPointer(covered.raw)) ^ Self.fingerprintMask
  }
  static let fingerprintMask: UInt32 = 0x5354_554e

  /// Whether USERNAME is the receiver's fragment, a colon, and the sender's fragment; with no sender given, any.
  func isAddressed(to receiver: String, from sender: String?) -> Bool {
    guard let username, let rest = Self.skip(receiver, in: username), rest.u8(0) == UInt8(ascii: ":"),
      let tail = rest.dropFirst(1)
    else { return false }
    guard let sender else { return true }
    return Self.skip(sender, in: tail)?.count == 0
  }
  private static func skip(_ prefix: String, in view: PacketView) -> PacketView? {
    var at = 0
    for byte in prefix.utf8 {
      guard view.u8(at) == byte else { return nil }
      at += 1
    }
    return view.dropFirst(at)
  }

  /// For finding the peer of a check among many without making a string: the fragment before the colon, if it has the
  /// length of our own fragments. Compare with `ICECredentials.recipient`.
  public var recipient: UInt64? {
    guard let username, username.count > 8, username.u8(8) == UInt8(ascii: ":") else { return nil }
    return username.u64(0)
  }
}
