import COpenSSL
import Linux
import TestSupport
import Testing

@testable import WebRTC

@Suite struct STUNMessageTests {
  @Test func sampleRequest() throws {
    try withPacket(STUNVectors.request) { view in
      let message = try STUNMessage(view)
      #expect(message.messageClass == .request)
      #expect(message.method == STUNMessage.binding)
      #expect(message.transactionID == STUNTransactionID(high: 0xb7e7_a701, low: 0xbc34_d686_fa87_dfae))
      #expect(message.username?.array == Array("evtj:h6vY".utf8))
      #expect(message.priority == 0x6e00_01ff)
      #expect(message.iceControlled == 0x932f_f9b1_5126_3b36)
      #expect(message.iceControlling == nil)
      #expect(!message.useCandidate)
      #expect(message.unknownRequired == nil)
      #expect(message.verifyFingerprint())
      #expect(message.verifyIntegrity(key: STUNVectors.password))
      #expect(!message.verifyIntegrity(key: Array("VOkJxbRl1RmTxUk/WvJxBT".utf8)))
      #expect(!message.verifyIntegrity(key: []))
    }
  }

  @Test(arguments: [
    (STUNVectors.responseIPv4, SocketAddress(ipv4: 0xc000_0201, port: 32853)),
    (
      STUNVectors.responseIPv6,
      SocketAddress(high: 0x2001_0db8_1234_5678, low: 0x0011_2233_4455_6677, port: 32853)
    ),
  ])
  func sampleResponse(_ sample: [UInt8], _ address: SocketAddress) throws {
    try withPacket(sample) { view in
      let message = try STUNMessage(view)
      #expect(message.messageClass == .success)
      #expect(message.mappedAddress == address)
      #expect(message.verifyFingerprint())
      #expect(message.verifyIntegrity(key: STUNVectors.password))
    }
  }

  @Test func sampleRequestWithLongTermCredential() throws {
    // The key is MD5 of user name, realm and password (RFC 8489 section 9.2.2).
    var key = [UInt8](repeating: 0, count: 16)
    let text = Array("マトリックス:example.org:TheMatrIX".utf8)
    #expect(EVP_Digest(text, text.count, &key, nil, EVP_md5(), nil) == 1)
    try withPacket(STUNVectors.longTermRequest) { view in
      let message = try STUNMessage(view)
      #expect(message.username?.array == Array("マトリックス".utf8))
      #expect(message.verifyIntegrity(key: key))
      #expect(!message.verifyFingerprint())
      #expect(message.unknownRequired == nil)
    }
  }

  @Test func noChangedBitGoesUnnoticed() {
    for bit in 0..<STUNVectors.request.count * 8 {
      var changed = STUNVectors.request
      changed[bit / 8] ^= 1 << (bit % 8)
      let passes = withPacket(changed) { view in
        guard let message = try? STUNMessage(view) else { return false }
        return message.verifyIntegrity(key: STUNVectors.password) && message.verifyFingerprint()
      }
      #expect(!passes, "bit \(bit)")
    }
  }

  @Test func readingLeavesTheBytesAlone() throws {
    try withPacket(STUNVectors.request) { view in
      let message = try STUNMessage(view)
      _ = message.verifyIntegrity(key: STUNVectors.password)
      _ = message.verifyFingerprint()
      #expect(view.array == STUNVectors.request)
    }
  }

  @Test func everyTruncationIsRefused() {
    for length in 0..<STUNVectors.request.count {
      withPacket(Array(STUNVectors.request.prefix(length))) { view in
        #expect(throws: STUNError.truncated) { try STUNMessage(view) }
      }
    }
  }

  private static let header = "00010008 2112a442 000000000000000000000000"

  @Test(arguments: [
    ("0001 0000 2112a443 000000000000000000000000", STUNError.notSTUN),
    ("8001 0000 2112a442 000000000000000000000000", .notSTUN),
    ("4001 0000 2112a442 000000000000000000000000", .notSTUN),
    ("0001 0003 2112a442 000000000000000000000000 000000", .truncated),
    ("0001 0008 2112a442 000000000000000000000000 00240005 00000000", .truncated),
    ("0001 0004 2112a442 000000000000000000000000 00240001", .truncated),
    ("00010008 2112a442 000000000000000000000000 00240003 00000000", .malformedAttribute(0x0024)),
    ("00010008 2112a442 000000000000000000000000 80290004 00000000", .malformedAttribute(0x8029)),
    ("00010008 2112a442 000000000000000000000000 802a0004 00000000", .malformedAttribute(0x802a)),
    ("00010008 2112a442 000000000000000000000000 80280003 00000000", .malformedAttribute(0x8028)),
    ("00010008 2112a442 000000000000000000000000 00080004 00000000", .malformedAttribute(0x0008)),
    ("00010008 2112a442 000000000000000000000000 00200004 00010000", .malformedAttribute(0x0020)),
    ("00010008 2112a442 000000000000000000000000 00090004 00000263", .malformedAttribute(0x0009)),
    ("00010008 2112a442 000000000000000000000000 00090004 00000464", .malformedAttribute(0x0009)),
    ("00010008 2112a442 000000000000000000000000 00060000 80220000", .malformedAttribute(0x0006)),
    // An IPv6 family in an attribute of IPv4 size.
    ("0001000c 2112a442 000000000000000000000000 00200008 00020000 00000000", .malformedAttribute(0x0020)),
  ])
  func malformed(_ hex: String, _ error: STUNError) {
    withPacket(bytes(hex: hex)) { view in
      #expect(throws: error) { try STUNMessage(view) }
    }
  }

  @Test func theFirstOfEqualAttributesCounts() throws {
    try withPacket(bytes(hex: "00010010 2112a442 000000000000000000000000 00240004 00000001 00240004 00000002")) {
      let message = try STUNMessage($0)
      #expect(message.priority == 1)
    }
  }

  @Test func attributesThatMustBeUnderstoodAreNamed() throws {
    try withPacket(bytes(hex: "\(Self.header) 77770000 ffff0000")) {
      let message = try STUNMessage($0)
      #expect(message.unknownRequired == 0x7777)
    }
  }

  @Test func whatFollowsTheIntegrityIsPassedOver() throws {
    let transaction = STUNTransactionID(high: 1, low: 2)
    let message = datagram { slot in
      var writer = STUNWriter(slot, .request, transactionID: transaction)
      writer.priority(7)
      return writer.finish(key: STUNVectors.password, fingerprint: false)
    }
    // An attacker on the way adds USE-CANDIDATE.
    var forged = message + [0x00, 0x25, 0x00, 0x00]
    forged[3] += 4
    try withPacket(forged) { view in
      let message = try STUNMessage(view)
      #expect(message.verifyIntegrity(key: STUNVectors.password))
      #expect(!message.useCandidate)
    }
  }

  @Test func aFingerprintThatIsNotLastIsWrong() throws {
    let message = datagram { slot in
      var writer = STUNWriter(slot, .request, transactionID: STUNTransactionID(high: 1, low: 2))
      return writer.finish(key: nil)
    }
    var forged = message + [0x80, 0x22, 0x00, 0x00]
    forged[3] += 4
    try withPacket(forged) {
      let message = try STUNMessage($0)
      #expect(!message.verifyFingerprint())
    }
  }

  @Test func recipient() throws {
    let credentials = ICECredentials(ufrag: "boxboxbo", password: "")
    try withPacket(STUNVectors.chromiumCheck) {
      let message = try STUNMessage($0)
      #expect(message.recipient == credentials.recipient)
    }
    // A fragment of four characters cannot be ours.
    try withPacket(STUNVectors.request) {
      let message = try STUNMessage($0)
      #expect(message.recipient == nil)
    }
    #expect(ICECredentials(ufrag: "short", password: "").recipient == nil)
  }

  /// The bytes that `write` puts into packet memory.
  private func datagram(_ write: (PacketView) -> Int) -> [UInt8] {
    withPacket(Array(repeating: 0, count: 512)) { view in
      let length = write(view)
      return Array(view.array.prefix(length))
    }
  }
}
