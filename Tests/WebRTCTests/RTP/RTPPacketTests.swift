import Linux
import TestSupport
import Testing

@testable import WebRTC

@Suite struct RTPPacketTests {
  static let header = RTPHeader(
    payloadType: 111, marker: true, sequence: 0xfedc, timestamp: 0x1234_5678, ssrc: 0x9abc_def0)

  static func allValues() -> RTPExtensionValues {
    var values = RTPExtensionValues()
    values.mid = ShortText("video")
    values.transportSequence = 0xabcd
    values.absoluteSendTime = 0x12_3456
    values.videoOrientation = 2
    values.playoutDelay = PlayoutDelay(minimum: 0x123, maximum: 0xabc)
    return values
  }

  static func ids(from first: UInt8) -> RTPExtensions {
    var ids = RTPExtensions()
    ids.mid = first
    ids.transportSequence = first + 1
    ids.absoluteSendTime = first + 2
    ids.audioLevel = first + 3
    ids.videoOrientation = first + 4
    ids.playoutDelay = first + 5
    return ids
  }

  /// One-byte and two-byte elements (RFC 8285 sections 4.2 and 4.3).
  @Test(arguments: [1, 9, 10, 100] as [UInt8]) func whatIsWrittenIsRead(firstID: UInt8) throws {
    let ids = Self.ids(from: firstID)
    let buffer = PacketBuffer(length: 100)
    let length = try #require(
      RTPWriter.write(Self.header, Self.allValues(), ids: ids, into: buffer.view))
    #expect(length % 4 == 0)
    buffer.view.set(length, 0xcafe as UInt16)
    let packet = try #require(buffer.view.prefix(length + 2).flatMap(RTPPacket.init))
    #expect(packet.headerLength == length)
    #expect(packet.payload.array == [0xca, 0xfe])
    #expect(packet.marker && packet.payloadType == 111 && packet.sequence == 0xfedc)
    #expect(packet.timestamp == 0x1234_5678 && packet.ssrc == 0x9abc_def0)
    #expect(packet.element(ids.mid)?.array == Array("video".utf8))
    #expect(packet.element(ids.transportSequence)?.array == [0xab, 0xcd])
    #expect(packet.element(ids.absoluteSendTime)?.array == [0x12, 0x34, 0x56])
    #expect(packet.element(ids.videoOrientation)?.array == [2])
    // 12 bits each.
    #expect(packet.element(ids.playoutDelay)?.array == [0x12, 0x3a, 0xbc])
    #expect(packet.element(0) == nil && packet.element(200) == nil)
  }

  @Test func withoutExtensionsTheHeaderIsTwelveBytes() throws {
    let buffer = PacketBuffer(length: 12)
    #expect(RTPWriter.write(Self.header, into: buffer.view) == 12)
    let packet = try #require(RTPPacket(buffer.view))
    #expect(packet.payload.count == 0 && packet.extensions.form == .none)
    // Values without ids are left out.
    let wide = PacketBuffer(length: 40)
    #expect(RTPWriter.write(Self.header, Self.allValues(), into: wide.view) == 12)
  }

  @Test func aHeaderThatDoesNotFitIsRefused() throws {
    let values = Self.allValues()
    let ids = Self.ids(from: 1)
    let needed = try #require(RTPWriter.write(Self.header, values, ids: ids, into: PacketBuffer(length: 100).view))
    for length in 0..<needed {
      #expect(RTPWriter.write(Self.header, values, ids: ids, into: PacketBuffer(length: length).view) == nil)
    }
    #expect(RTPWriter.write(Self.header, into: PacketBuffer(length: 11).view) == nil)
  }

  @Test func fieldsAreRewrittenInPlace() throws {
    let buffer = PacketBuffer(length: 20)
    _ = RTPWriter.write(Self.header, into: buffer.view)
    let packet = try #require(RTPPacket(buffer.view))
    packet.sequence = 1
    packet.timestamp = 2
    packet.ssrc = 3
    packet.payloadType = 4
    #expect(packet.marker)
    packet.marker = false
    #expect(packet.payloadType == 4)
    #expect(buffer.bytes(12) == [0x80, 4, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3])
  }

  @Test func contributingSourcesAndPaddingAreStepped() throws {
    let bytes: [UInt8] = [0xa2, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 1, 1, 1, 1, 2, 2, 2, 2, 0xaa, 0xbb, 0, 0, 3]
    let packet = try #require(RTPPacket(PacketBuffer(bytes).view))
    #expect(packet.contributingSources == 2 && packet.headerLength == 20)
    #expect(packet.payload.array == [0xaa, 0xbb] && packet.paddingLength == 3)
  }

  @Test(
    arguments: [
      ("empty", []), ("cut header", [0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
      ("version 1", [0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
      ("sources outside", [0x81, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1]),
      ("extension head outside", [0x90, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xbe, 0xde]),
      ("extension outside", [0x90, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xbe, 0xde, 0, 2, 0, 0, 0, 0]),
      ("padding zero", [0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
      ("padding into the header", [0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]),
    ] as [(String, [UInt8])])
  func malformedPacketsAreRefused(name: String, bytes: [UInt8]) {
    #expect(RTPPacket(PacketBuffer(bytes).view) == nil)
  }

  /// A list that lies about its lengths ends where the truth ends.
  @Test(
    arguments: [
      // Padding between, then an element that reaches outside.
      (0xbede as UInt16, [0, 0x10, 7, 0, 0x2f, 1, 2, 3], [1: [7]]),
      // Id 15 ends the list.
      (0xbede, [0x10, 7, 0xf0, 0, 0x20, 9, 0, 0], [1: [7]]),
      // Two-byte form with an empty element.
      (0x1000, [1, 0, 2, 1, 9, 0, 0, 0], [1: [], 2: [9]]),
      (0x1005, [1, 1, 5, 2, 255, 0, 0, 0], [1: [5]]),
      // Not RFC 8285 at all.
      (0xabcd, [0x10, 7, 0, 0], [:]),
    ] as [(UInt16, [UInt8], [UInt8: [UInt8]])])
  func extensionElements(profile: UInt16, body: [UInt8], expected: [UInt8: [UInt8]]) throws {
    let bytes = [
      0x90, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, UInt8(profile >> 8), UInt8(profile & 255), 0, UInt8(body.count / 4),
    ]
    let buffer = PacketBuffer(bytes + body)
    let packet = try #require(RTPPacket(buffer.view))
    var found: [UInt8: [UInt8]] = [:]
    packet.extensions.visit { found[$0] = $1.array }
    #expect(found == expected)
  }

  @Test func absoluteSendTimeIsSixPointEighteen() {
    #expect(AbsoluteSendTime.value(microseconds: 0) == 0)
    #expect(AbsoluteSendTime.value(microseconds: 1_000_000) == 1 << 18)
    #expect(AbsoluteSendTime.value(microseconds: 63_500_000) == 63 << 18 | 1 << 17)
    #expect(AbsoluteSendTime.value(microseconds: 64_000_000 * 1000) == 0)
  }

  @Test func shortTextsHoldSixteenBytes() throws {
    let text = try #require(ShortText("abcdefghijklmnop"))
    #expect((0..<17).map { text[$0] } == Array("abcdefghijklmnop".utf8) + [0])
    #expect(ShortText("") == nil && ShortText("abcdefghijklmnopq") == nil)
    #expect(ShortText("0") == ShortText("0") && ShortText("0") != ShortText("1"))
  }
}

@Suite struct SequenceNumberTests {
  @Test(arguments: [
    (1 as UInt16, 0 as UInt16, 1), (0, 0xffff, 1), (0xffff, 0, -1), (5, 5, 0), (0x8000, 0, -32768), (0x7fff, 0, 32767),
  ])
  func distances(a: UInt16, b: UInt16, expected: Int) {
    #expect(a.distance(after: b) == expected)
    #expect(a.isNewer(than: b) == (expected > 0))
  }

  @Test func unwrappingGoesRoundBothWays() {
    var unwrapper = SequenceUnwrapper()
    #expect(
      [65534, 65535, 0, 65533, 1, 65535].map { unwrapper.unwrap($0) } == [65534, 65535, 65536, 65533, 65537, 65535])
  }
}
