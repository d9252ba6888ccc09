import Linux
import TestSupport
import Testing

@testable import WebRTC

@Suite struct RTCPTests {
  static func compound(length: Int = 1200, _ build: (inout RTCPWriter) -> Void) -> (bytes: [UInt8], overflowed: Bool) {
    let buffer = PacketBuffer(length: length)
    var writer = RTCPWriter(buffer.view)
    build(&writer)
    return (buffer.bytes(writer.length), writer.overflowed)
  }

  static func parse(_ bytes: [UInt8], _ body: ([RTCPPacket]) throws -> Void) throws {
    let buffer = PacketBuffer(bytes)
    try body(Array(try #require(RTCPCompound(buffer.view))))
  }

  static func fail(_ packets: [RTCPPacket]) { Issue.record("not what was written: \(packets)") }

  static let block = ReportBlock(
    ssrc: 0x0102_0304, fractionLost: 25, cumulativeLost: -3, extendedHighest: 0x1_fffe, jitter: 77,
    lastSenderReport: 0xaabb_ccdd, delaySinceLastSenderReport: 0x1_0000)
  static let info = SenderInfo(
    ssrc: 42, ntp: 0x1122_3344_5566_7788, rtpTimestamp: 900, packetCount: 10, octetCount: 12_000)

  @Test func aFullCompoundIsReadAsWritten() throws {
    let (bytes, overflowed) = Self.compound { writer in
      writer.senderReport(Self.info)
      writer.add(Self.block)
      writer.add(ReportBlock(ssrc: 9, cumulativeLost: 0x7f_ffff))
      writer.sourceDescription(ssrc: 42, canonicalName: ShortText("fieldbox")!)
      writer.nack(sender: 42, media: 7, [100, 101, 116, 117, 300])
      writer.pictureLoss(sender: 42, media: 8)
      writer.fullIntraRequest(sender: 42, media: 9, number: 200)
      writer.bitrateLimit(sender: 42, media: 10, bitsPerSecond: 2_500_000)
      writer.goodbye(ssrc: 42)
    }
    #expect(!overflowed && bytes.count % 4 == 0)
    try Self.parse(bytes) { packets in
      #expect(packets.count == 7)
      guard case .senderReport(let report) = packets[0], case .sourceDescription = packets[1],
        case .nack(let nack) = packets[2], case .pictureLoss(let sender, let media) = packets[3],
        case .fullIntraRequest(let request) = packets[4], case .bitrateLimit(let limit) = packets[5],
        case .goodbye = packets[6]
      else {
        Issue.record("\(packets)")
        return
      }
      #expect(report.info == Self.info && report.info.ntpMiddle == 0x3344_5566)
      #expect(Array(report.blocks) == [Self.block, ReportBlock(ssrc: 9, cumulativeLost: 0x7f_ffff)])
      var missing: [UInt16] = []
      nack.forEachSequence { missing.append($0) }
      #expect(missing == [100, 101, 116, 117, 300] && nack.sender == 42 && nack.media == 7)
      #expect(sender == 42 && media == 8)
      var demands: [[UInt32]] = []
      request.forEachEntry { demands.append([$0, UInt32($1)]) }
      #expect(demands == [[9, 200]])
      #expect(limit.bitsPerSecond.distance(to: 2_500_000) >= 0 && limit.bitsPerSecond > 2_499_900)
      #expect(limit.sourceCount == 1 && limit.source(0) == 10 && limit.source(1) == nil && limit.source(-1) == nil)
    }
  }

  @Test func receiverReportsGoUpTo31Blocks() throws {
    let (bytes, overflowed) = Self.compound { writer in
      writer.receiverReport(ssrc: 5)
      for ssrc in 0..<31 { writer.add(ReportBlock(ssrc: UInt32(ssrc))) }
    }
    #expect(!overflowed)
    try Self.parse(bytes) { packets in
      guard case .receiverReport(let report) = packets[0] else { return Self.fail(packets) }
      #expect(report.ssrc == 5 && report.blocks.count == 31)
      #expect(report.blocks.map(\.ssrc) == (0..<31).map(UInt32.init))
    }
    #expect(
      Self.compound { writer in
        writer.receiverReport(ssrc: 5)
        for ssrc in 0..<32 { writer.add(ReportBlock(ssrc: UInt32(ssrc))) }
      }.overflowed)
    #expect(Self.compound { $0.add(Self.block) }.overflowed)
    #expect(
      Self.compound { writer in
        writer.receiverReport(ssrc: 5)
        writer.pictureLoss(sender: 5, media: 6)
        writer.add(Self.block)
      }.overflowed)
  }

  @Test func aPacketThatDoesNotFitIsLeftOutWhole() throws {
    let (bytes, overflowed) = Self.compound(length: 20) { writer in
      writer.pictureLoss(sender: 1, media: 2)
      writer.pictureLoss(sender: 3, media: 4)
    }
    #expect(overflowed && bytes.count == 12)
    try Self.parse(bytes) { #expect($0.count == 1) }
  }

  /// Numbers that wrap, in any order, duplicates included.
  @Test(
    arguments: [
      ([65535, 0, 1], [65535, 0, 1], 12 + 4), ([7, 7, 8], [7, 8], 12 + 4), ([10, 26], [10, 26], 12 + 4),
      ([10, 27], [10, 27], 12 + 8), ([20, 10], [20, 10], 12 + 8),
    ] as [([UInt16], [UInt16], Int)])
  func nackEntries(missing: [UInt16], expected: [UInt16], length: Int) throws {
    let (bytes, _) = Self.compound { $0.nack(sender: 1, media: 2, missing) }
    #expect(bytes.count == length)
    try Self.parse(bytes) { packets in
      guard case .nack(let nack) = packets[0] else { return Self.fail(packets) }
      var found: [UInt16] = []
      nack.forEachSequence { found.append($0) }
      #expect(found == expected)
    }
  }

  @Test(arguments: [0, 1, 30_000, 262_143, 262_144, 1_000_000, 10_000_000_000, UInt64.max] as [UInt64])
  func bitrateLimitsKeep18Bits(bitsPerSecond: UInt64) throws {
    let (bytes, _) = Self.compound { $0.bitrateLimit(sender: 1, media: 2, bitsPerSecond: bitsPerSecond) }
    try Self.parse(bytes) { packets in
      guard case .bitrateLimit(let limit) = packets[0] else { return Self.fail(packets) }
      #expect(limit.bitsPerSecond <= bitsPerSecond)
      #expect(bitsPerSecond - limit.bitsPerSecond <= bitsPerSecond >> 17)
    }
  }

  @Test func aRateBeyond64BitsIsNoLimit() throws {
    let bytes = [UInt8](hex: "8fce0005 00000001 00000000 52454d42 01ffffff 00000002")
    try Self.parse(bytes) { packets in
      guard case .bitrateLimit(let limit) = packets[0] else { return Self.fail(packets) }
      #expect(limit.bitsPerSecond == .max)
    }
  }

  @Test(arguments: [
    ("empty", ""), ("too short", "80c90000"), ("version 1", "40c90001 00000001"),
    ("longer than the datagram", "80c90002 00000001"), ("a second packet that is cut", "80c90001 00000001 80c9"),
    ("padding before the last", "a0c90002 00000001 00000004 80c90001 00000001"),
    ("padding over the head", "a0c90002 00000001 0000000c"), ("padding zero", "a0c90001 00000000"),
  ])
  func malformedCompoundsAreRefused(name: String, hex: String) {
    #expect(RTCPCompound(PacketBuffer([UInt8](hex: hex)).view) == nil)
  }

  /// What contradicts itself or is not known is stepped over, and the rest is read.
  @Test(arguments: [
    ("sender report without its info", "80c80001 00000001"),
    ("report with a block that is not there", "81c90001 00000001"),
    ("nack without entries", "81cd0002 00000001 00000002"), ("pli that is cut", "81ce0001 00000001"),
    ("fir without entries", "84ce0002 00000001 00000000"),
    ("remb with sources outside", "8fce0004 00000001 00000000 52454d42 02000001"),
    ("application layer of another kind", "8fce0003 00000001 00000000 41424344"),
    ("transport-wide that is cut", "8fcd0003 00000001 00000002 00010001"), ("an unknown type", "80d20001 00000001"),
  ])
  func unreadablePacketsAreSkipped(name: String, hex: String) throws {
    try Self.parse([UInt8](hex: hex) + [UInt8](hex: "81ce0002 00000005 00000006")) { packets in
      #expect(packets.count == 2)
      guard case .unknown = packets[0], case .pictureLoss(5, 6) = packets[1] else { return Self.fail(packets) }
    }
  }

  @Test func paddingIsNotContent() throws {
    // A NACK of one entry and four bytes of padding that would be a second entry.
    try Self.parse([UInt8](hex: "a1cd0004 00000001 00000002 00070000 00000004")) { packets in
      guard case .nack(let nack) = packets[0] else { return Self.fail(packets) }
      var found: [UInt16] = []
      nack.forEachSequence { found.append($0) }
      #expect(found == [7])
    }
  }

  @Test func sourceDescriptionsAndGoodbyesAreWrittenByTheBook() {
    let (bytes, _) = Self.compound { writer in
      writer.sourceDescription(ssrc: 42, canonicalName: ShortText("fieldbox")!)
      writer.goodbye(ssrc: 42)
    }
    #expect(bytes == [UInt8](hex: "81ca0004 0000002a 01086669 656c6462 6f780000 81cb0001 0000002a"))
  }
}
