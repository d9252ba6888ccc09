import Linux

/// Writes one STUN message into packet memory (RFC 8489). Attributes go in the order of the calls; `finish` comes last.
public struct STUNWriter {
  private let view: PacketView
  private var writer: ByteWriter
  private let transactionID: STUNTransactionID

  public init(
    _ view: PacketView, _ messageClass: STUNClass, method: UInt16 = STUNMessage.binding,
    transactionID: STUNTransactionID
  ) {
    self.view = view
    self.transactionID = transactionID
    writer = ByteWriter(view)
    let spread = method & 0x000f | (method & 0x0070) << 1 | (method & 0x0f80) << 2
    writer.put(spread | messageClass.rawValue)
    writer.put(UInt16(0))
    writer.put(STUNMessage.magicCookie)
    writer.put(transactionID.high)
    writer.put(transactionID.low)
  }

  /// USERNAME of a check: the receiver's fragment, then ours (RFC 8445 section 7.2.2).
  public mutating func username(to receiver: String, from sender: String) {
    attribute(STUNAttribute.username, bytes: receiver.utf8.count + 1 + sender.utf8.count) { writer in
      writer.put(receiver.utf8)
      writer.put(UInt8(ascii: ":"))
      writer.put(sender.utf8)
    }
  }
  public mutating func priority(_ value: UInt32) {
    attribute(STUNAttribute.priority, bytes: 4) { $0.put(value) }
  }
  public mutating func useCandidate() {
    attribute(STUNAttribute.useCandidate, bytes: 0) { _ in }
  }
  public mutating func iceControlling(tieBreaker: UInt64) {
    attribute(STUNAttribute.iceControlling, bytes: 8) { $0.put(tieBreaker) }
  }
  public mutating func iceControlled(tieBreaker: UInt64) {
    attribute(STUNAttribute.iceControlled, bytes: 8) { $0.put(tieBreaker) }
  }

  /// XOR-MAPPED-ADDRESS; a mapped IPv4 address goes as IPv4 (RFC 8489 section 14.2).
  public mutating func mappedAddress(_ address: SocketAddress) {
    let transactionID = transactionID
    let port = address.port ^ UInt16(STUNMessage.magicCookie >> 16)
    attribute(STUNAttribute.xorMappedAddress, bytes: address.isIPv4 ? 8 : 20) { writer in
      writer.put(UInt16(address.isIPv4 ? 1 : 2))
      writer.put(port)
      if address.isIPv4 {
        writer.put(address.ipv4 ^ STUNMessage.magicCookie)
      } else {
        writer.put(address.high ^ (UInt64(STUNMessage.magicCookie) << 32 | UInt64(transactionID.high)))
        writer.put(address.low ^ transactionID.low)
      }
    }
  }

  /// ERROR-CODE with the standard's reason phrase (RFC 8489 section 14.8).
  public mutating func error(_ code: STUNErrorCode) {
    let reason = code.reason
    attribute(STUNAttribute.errorCode, bytes: 4 + reason.utf8CodeUnitCount) { writer in
      writer.put(UInt16(0))
      writer.put(UInt8(code.rawValue / 100))
      writer.put(UInt8(code.rawValue % 100))
      reason.withUTF8Buffer { writer.put(UnsafeRawBufferPointer($0)) }
    }
  }

  /// UNKNOWN-ATTRIBUTES, which goes with error 420 (RFC 8489 section 14.13).
  public mutating func unknownAttribute(_ type: UInt16) {
    attribute(STUNAttribute.unknownAttributes, bytes: 2) { $0.put(type) }
  }

  /// Adds MESSAGE-INTEGRITY by the key, the password of whoever the request goes to or came to, and FINGERPRINT.
  /// Returns the length of the message, 0 if it did not fit.
  public mutating func finish(key: [UInt8]?, fingerprint: Bool = true) -> Int {
    if let key {
      let start = writer.position
      guard !writer.overflowed, let code = STUNIntegrity.code(of: view, end: start, key: key) else { return 0 }
      attribute(STUNAttribute.messageIntegrity, bytes: STUNIntegrity.bytes) { writer in
        writer.put(code.0)
        writer.put(code.1)
        writer.put(code.2)
      }
    }
    if fingerprint {
      // The checksum covers the length field with this attribute counted in (RFC 8489 section 14.7).
      patchLength(writer.position + 8)
      let checksum = CRC32.checksum(UnsafeRawBufferPointer(writer.written.raw)) ^ STUNMessage.fingerprintMask
      attribute(STUNAttribute.fingerprint, bytes: 4) { $0.put(checksum) }
    }
    patchLength(writer.position)
    return writer.overflowed ? 0 : writer.position
  }

  private mutating func patchLength(_ end: Int) {
    writer.patch(2, UInt16(clamping: end - STUNMessage.headerBytes))
  }

  private mutating func attribute(_ type: UInt16, bytes: Int, _ value: (inout ByteWriter) -> Void) {
    writer.put(type)
    writer.put(UInt16(clamping: bytes))
    value(&writer)
    for _ in 0..<(-bytes & 3) { writer.put(UInt8(0)) }
  }
}
