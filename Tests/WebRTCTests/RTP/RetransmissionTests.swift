import Linux
import TestSupport
import Testing

@testable import WebRTC

@Suite struct RetransmissionTests {
  static let ids = RTPPacketTests.ids(from: 1)

  static func at(_ milliseconds: Int64) -> MonotonicTime { MonotonicTime(microseconds: milliseconds * 1000) }

  static func packet(_ sequence: UInt16, payload: [UInt8] = [1, 2, 3], orientation: UInt8? = nil) -> PacketView {
    let buffer = PacketBuffer(length: 60 + payload.count)
    var values = RTPExtensionValues()
    values.videoOrientation = orientation
    values.transportSequence = 5
    let header = RTPHeader(payloadType: 96, marker: true, sequence: sequence, timestamp: 3000, ssrc: 11)
    let start = RTPWriter.write(header, values, ids: ids, into: buffer.view) ?? 0
    for (index, byte) in payload.enumerated() { buffer.view.set(start + index, byte) }
    return buffer.view.prefix(start + payload.count) ?? buffer.view
  }

  @Test func historyGivesWhatWasStored() {
    let history = PacketHistory(capacity: 64)
    for sequence in 65_500...65_599 {
      history.store(
        Self.packet(UInt16(truncatingIfNeeded: sequence), payload: [UInt8(sequence & 255)]), now: Self.at(0))
    }
    for sequence in 65_500...65_599 {
      let found = history.packetToResend(
        UInt16(truncatingIfNeeded: sequence), roundTrip: .milliseconds(5), now: Self.at(1))
      // The first 36 gave way to the last 64, across the wrap of the numbers.
      #expect((found == nil) == (sequence < 65_536))
      if let found {
        #expect(
          found.array == Self.packet(UInt16(truncatingIfNeeded: sequence), payload: [UInt8(sequence & 255)]).array)
      }
    }
    #expect(history.packetToResend(40_000, roundTrip: .zero, now: Self.at(1)) == nil)
  }

  @Test func aPacketIsResentOncePerRoundTripAndNotForEver() {
    let history = PacketHistory(capacity: 16)
    history.store(Self.packet(7), now: Self.at(0))
    func resend(_ milliseconds: Int64) -> Bool {
      history.packetToResend(7, roundTrip: .milliseconds(20), now: Self.at(milliseconds)) != nil
    }
    // The first NACK is answered at once, even within the round trip.
    #expect(resend(1))
    #expect(!resend(20))
    #expect(resend(21))
    #expect(!resend(40))
    for step in 2...7 { #expect(resend(Int64(step) * 21)) }
    #expect(!resend(8 * 21))
  }

  @Test func oldAndOversizedPacketsAreNotResent() {
    let history = PacketHistory(capacity: 16, longestPacket: 100)
    history.store(Self.packet(1), now: Self.at(0))
    #expect(history.packetToResend(1, roundTrip: .zero, now: Self.at(2001)) == nil)
    // One that is too long must not leave the slot's old content under its number.
    history.store(Self.packet(17, payload: .init(repeating: 0, count: 200)), now: Self.at(0))
    #expect(history.packetToResend(17, roundTrip: .zero, now: Self.at(1)) == nil)
    #expect(history.packetToResend(1, roundTrip: .zero, now: Self.at(1)) == nil)
  }

  @Test func rtxCarriesMidAndOriginalNumber() throws {
    let original = try #require(RTPPacket(Self.packet(0xbeef, payload: [9, 8, 7], orientation: 3)))
    var values = RTPExtensionValues()
    values.mid = ShortText("1")
    values.transportSequence = 99
    let buffer = PacketBuffer(length: 200)
    let length = try #require(
      RTX.encapsulate(
        original, payloadType: 97, sequence: 500, ssrc: 22, values, ids: Self.ids, into: buffer.view))
    let packet = try #require(buffer.view.prefix(length).flatMap(RTPPacket.init))
    #expect(packet.payloadType == 97 && packet.sequence == 500 && packet.ssrc == 22)
    #expect(packet.timestamp == 3000 && packet.marker)
    #expect(packet.payload.array == [0xbe, 0xef, 9, 8, 7])
    #expect(packet.element(Self.ids.mid)?.array == Array("1".utf8))
    #expect(packet.element(Self.ids.transportSequence)?.array == [0, 99])
    #expect(packet.element(Self.ids.videoOrientation)?.array == [3])

    let restored = try #require(RTX.decapsulate(packet, payloadType: 96, ssrc: 11))
    #expect(restored.payloadType == 96 && restored.sequence == 0xbeef && restored.ssrc == 11)
    #expect(restored.timestamp == 3000 && restored.marker)
    #expect(restored.payload.array == [9, 8, 7])
    #expect(restored.element(Self.ids.mid)?.array == Array("1".utf8))
  }

  @Test func anRTXPacketWithoutPayloadIsOnlyAProbe() throws {
    let probe = try #require(RTPPacket(Self.packet(1, payload: [0, 1])))
    #expect(RTX.decapsulate(probe, payloadType: 96, ssrc: 1) == nil)
    let empty = try #require(RTPPacket(Self.packet(1, payload: [])))
    #expect(RTX.decapsulate(empty, payloadType: 96, ssrc: 1) == nil)
  }

  @Test func anRTXPacketThatDoesNotFitIsNil() throws {
    let original = try #require(RTPPacket(Self.packet(1)))
    let small = PacketBuffer(length: 20)
    #expect(
      RTX.encapsulate(
        original, payloadType: 97, sequence: 1, ssrc: 2, RTPExtensionValues(), ids: Self.ids,
        into: try #require(small.view.prefix(16))) == nil)
  }
}

@Suite struct NackGeneratorTests {
  static let roundTrip = Interval.milliseconds(30)

  static func at(_ milliseconds: Int64) -> MonotonicTime { RetransmissionTests.at(milliseconds) }

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
    #expect(nack.needsKeyFrame && nack.abandoned == 1)
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

  @Test func afterAKeyFrameOlderLossesAreForgotten() {
    var nack = NackGenerator()
    for sequence in [10, 12, 14, 16] as [UInt16] { _ = nack.receive(sequence, now: Self.at(0)) }
    nack.forget(before: 14)
    #expect(Self.ask(&nack, 0) == [15])
  }

  /// Sender with history and receiver with generator over a network that loses a fifth, both ways: everything arrives.
  @Test(arguments: [1, 2, 3] as [UInt64]) func lostPacketsAreMended(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var nack = NackGenerator()
    let history = PacketHistory(capacity: 256)
    var arrived: Set<Int> = []
    for step in 0..<600 {
      let now = Self.at(Int64(step) * 10)
      if step < 500 {
        history.store(RetransmissionTests.packet(UInt16(step)), now: now)
        if Int.random(in: 0..<5, using: &random) > 0 {
          _ = nack.receive(UInt16(step), now: now)
          arrived.insert(step)
        }
      }
      guard nack.collect(roundTrip: .milliseconds(20), now: now), Int.random(in: 0..<5, using: &random) > 0 else {
        continue
      }
      for sequence in nack.due {
        guard let found = history.packetToResend(sequence, roundTrip: .milliseconds(20), now: now),
          Int.random(in: 0..<5, using: &random) > 0
        else { continue }
        #expect(found.u16(2) == sequence)
        #expect(nack.receive(sequence, now: now) == .recovered)
        arrived.insert(Int(sequence))
      }
    }
    // A loss before the first or behind the last that came shows no gap.
    let seen = try #require(arrived.min())...(try #require(arrived.max()))
    #expect(arrived.count == seen.count)
    #expect(seen.count > 490 && !nack.needsKeyFrame)
  }
}
