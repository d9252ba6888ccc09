import Linux
import TestSupport
import Testing

@testable import WebRTC

@Suite struct RTXTests {
  static let ids = RTPPacketTests.ids(from: 1)

  /// A packet of the RTX stream, with a mid.
  static func packet(payload: [UInt8]) throws -> RTPPacket {
    let buffer = PacketBuffer(length: 60 + payload.count)
    var values = RTPExtensionValues()
    values.mid = ShortText("1")
    let header = RTPHeader(payloadType: 97, marker: true, sequence: 500, timestamp: 3000, ssrc: 22)
    let start = try #require(RTPWriter.write(header, values, ids: ids, into: buffer.view))
    for (index, byte) in payload.enumerated() { buffer.view.set(start + index, byte) }
    return try #require(buffer.view.prefix(start + payload.count).flatMap(RTPPacket.init))
  }

  @Test func theOriginalComesBackUnderItsNumber() throws {
    let packet = try Self.packet(payload: [0xbe, 0xef, 9, 8, 7])
    let restored = try #require(RTX.decapsulate(packet, payloadType: 96, ssrc: 11))
    #expect(restored.payloadType == 96 && restored.sequence == 0xbeef && restored.ssrc == 11)
    #expect(restored.timestamp == 3000 && restored.marker)
    #expect(restored.payload.array == [9, 8, 7])
    #expect(restored.element(Self.ids.mid)?.array == Array("1".utf8))
  }

  @Test(arguments: [[], [0], [0, 1]] as [[UInt8]]) func withoutPayloadItIsOnlyAProbe(payload: [UInt8]) throws {
    #expect(RTX.decapsulate(try Self.packet(payload: payload), payloadType: 96, ssrc: 1) == nil)
  }
}

@Suite struct NackGeneratorTests {
  static let roundTrip = Interval.milliseconds(30)

  static func at(_ milliseconds: Int64) -> MonotonicTime { MonotonicTime(microseconds: milliseconds * 1000) }

  /// What is asked for at a time.
  static func ask(_ nack: inout NackGenerator, _ milliseconds: Int64) -> [UInt16] {
    nack.collect(roundTrip: roundTrip, now: at(milliseconds)) ? nack.due : []
  }

  @Test func aGapIsAskedForAtOnceAndThenOncePerRoundTrip() {
    var nack = NackGenerator()
    #expect(nack.receive(65_534, now: Self.at(0)) == .inOrder)
    #expect(nack.receive(65_535, now: Self.at(0)) == .inOrder)
    #expect(Self.ask(&nack, 0) == [])
    #expect(nack.nextTimeout(roundTrip: Self.roundTrip) == nil)
    #expect(nack.receive(2, now: Self.at(1)) == .gap(2))
    #expect(Self.ask(&nack, 1) == [0, 1])
    #expect(nack.nextTimeout(roundTrip: Self.roundTrip) == Self.at(31))
    #expect(Self.ask(&nack, 30) == [])
    #expect(nack.receive(0, now: Self.at(30)) == .recovered)
    #expect(nack.receive(0, now: Self.at(30)) == .old)
    #expect(Self.ask(&nack, 31) == [1])
    #expect(nack.receive(1, now: Self.at(32)) == .recovered)
    #expect(nack.missingCount == 0 && nack.nextTimeout(roundTrip: Self.roundTrip) == nil)
  }

  @Test func reorderedPacketsAreNotAskedForWhenTheyCameInTime() {
    var nack = NackGenerator()
    for sequence in [1, 3, 2, 5, 4] as [UInt16] { _ = nack.receive(sequence, now: Self.at(0)) }
    #expect(Self.ask(&nack, 0) == [])
  }

  @Test func whatNeverComesIsGivenUpAndAKeyFrameIsNeeded() {
    var nack = NackGenerator()
    _ = nack.receive(1, now: Self.at(0))
    _ = nack.receive(3, now: Self.at(0))
    var asked = 0
    var time: Int64 = 0
    while nack.missingCount > 0, time < 10_000 {
      if nack.collect(roundTrip: Self.roundTrip, now: Self.at(time)) { asked += 1 }
      time += 30
    }
    #expect(asked == NackGenerator.mostTries)
    #expect(nack.needsKeyFrame)
  }

  @Test func aVeryWideGapAsksForAKeyFrameInstead() {
    var nack = NackGenerator()
    _ = nack.receive(1, now: Self.at(0))
    #expect(nack.receive(300, now: Self.at(0)) == .gap(298))
    #expect(nack.needsKeyFrame && nack.missingCount == 0)
    #expect(Self.ask(&nack, 0) == [])
    nack.needsKeyFrame = false
    #expect(nack.receive(302, now: Self.at(0)) == .gap(1))
    #expect(Self.ask(&nack, 0) == [301])
  }

  /// A network that loses a fifth, both ways: everything arrives in the end.
  @Test(arguments: [1, 2, 3] as [UInt64]) func lostPacketsAreMended(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var nack = NackGenerator()
    var arrived: Set<Int> = []
    for step in 0..<600 {
      let now = Self.at(Int64(step) * 10)
      if step < 500, Int.random(in: 0..<5, using: &random) > 0 {
        _ = nack.receive(UInt16(step), now: now)
        arrived.insert(step)
      }
      guard nack.collect(roundTrip: .milliseconds(20), now: now), Int.random(in: 0..<5, using: &random) > 0 else {
        continue
      }
      for sequence in nack.due where Int.random(in: 0..<5, using: &random) > 0 {
        #expect(nack.receive(sequence, now: now) == .recovered)
        arrived.insert(Int(sequence))
      }
    }
    // A loss before the first or behind the last that came shows no gap.
    let seen = try #require(arrived.min())...(try #require(arrived.max()))
    #expect(arrived.count == seen.count)
    #expect(seen.count > 490 && !nack.needsKeyFrame)
  }

  @Test func aGapIsDueFromTheMomentItShows() {
    var nack = NackGenerator()
    _ = nack.receive(1, now: Self.at(5))
    _ = nack.receive(3, now: Self.at(7))
    #expect(nack.nextTimeout(roundTrip: Self.roundTrip) == Self.at(7))
  }
}
