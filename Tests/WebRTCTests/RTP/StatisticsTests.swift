import Linux
import TestSupport
import Testing

@testable import WebRTC

@Suite struct StatisticsTests {
  static func at(_ milliseconds: Int64) -> MonotonicTime { MonotonicTime(microseconds: milliseconds * 1000) }

  @Test func lossIsCountedAcrossTheWrap() {
    var statistics = ReceiverStatistics(ssrc: 7, clockRate: 90_000)
    // 20 packets from 65526, every fourth lost; the last is not lost.
    for index in 0..<20 where index % 4 != 2 {
      statistics.receive(
        sequence: 65_526 &+ UInt16(index), timestamp: UInt32(index) * 3000,
        now: Self.at(Int64(index) * 33))
    }
    #expect(statistics.packetsReceived == 15)
    #expect(statistics.cumulativeLost == 5)
    let block = statistics.reportBlock(now: Self.at(1000))
    #expect(block.ssrc == 7 && block.cumulativeLost == 5 && block.fractionLost == 64)
    // One cycle, and number 9.
    #expect(block.extendedHighest == 1 << 16 | 9)
    #expect(statistics.fractionLost == 0.25)
    // The next interval begins with nothing lost.
    statistics.receive(sequence: 10, timestamp: 60_000, now: Self.at(1001))
    let next = statistics.reportBlock(now: Self.at(2000))
    #expect(next.fractionLost == 0 && next.cumulativeLost == 5)
  }

  @Test func duplicatesMakeTheLossNegative() {
    var statistics = ReceiverStatistics(ssrc: 7, clockRate: 48_000)
    for _ in 0..<3 { statistics.receive(sequence: 1, timestamp: 0, now: Self.at(0)) }
    let block = statistics.reportBlock(now: Self.at(0))
    #expect(block.cumulativeLost == -2 && block.fractionLost == 0)
  }

  @Test func overtakenPacketsAreNotLost() {
    var statistics = ReceiverStatistics(ssrc: 7, clockRate: 48_000)
    for sequence in [10, 13, 11, 12] as [UInt16] {
      statistics.receive(sequence: sequence, timestamp: 0, now: Self.at(0))
    }
    let block = statistics.reportBlock(now: Self.at(0))
    #expect(block.extendedHighest == 13 && block.cumulativeLost == 0 && block.fractionLost == 0)
  }

  @Test func aNewStartKeepsWhatWasLost() {
    var statistics = ReceiverStatistics(ssrc: 7, clockRate: 48_000)
    for sequence in [100, 102] as [UInt16] {
      statistics.receive(sequence: sequence, timestamp: 0, now: Self.at(0))
    }
    for sequence in 30_000...30_009 as ClosedRange<UInt16> {
      statistics.receive(sequence: sequence, timestamp: 9, now: Self.at(20))
    }
    #expect(statistics.cumulativeLost == 1 && statistics.packetsReceived == 12)
    #expect(UInt16(truncatingIfNeeded: statistics.extendedHighest) == 30_009)
  }

  /// Packets sent each 20 ms and alternately 4 ms late: the difference is 4 ms each time, and that is where the mean goes.
  @Test func jitterApproachesTheMeanDifference() {
    var statistics = ReceiverStatistics(ssrc: 7, clockRate: 48_000)
    for index in 0..<400 as Range<Int64> {
      statistics.receive(
        sequence: UInt16(index), timestamp: UInt32(truncatingIfNeeded: 4_294_900_000 + index * 960),
        now: Self.at(index * 20 + (index % 2) * 4))
    }
    #expect((185...192).contains(statistics.jitter))
  }

  @Test func packetsOfOneFrameMakeNoJitter() {
    var statistics = ReceiverStatistics(ssrc: 7, clockRate: 90_000)
    for frame in 0..<50 as Range<Int64> {
      for packet in 0..<5 as Range<Int64> {
        statistics.receive(
          sequence: UInt16(frame * 5 + packet), timestamp: UInt32(frame * 3000),
          now: MonotonicTime(microseconds: frame * 1_000_000 / 30 + packet * 2000))
      }
    }
    #expect(statistics.jitter <= 1)
  }

  /// The example of RFC 3550 section 6.4.1: the report's round trip is 6.125 s.
  @Test func roundTripOfTheRFCsExample() {
    // n SR(n) leaves at 0xb44d_b705.2000_0000; the block comes back at 0xb710.8000, DLSR is 5.250 s.
    let clock = NTPClock(wall: WallTime(milliseconds: (0xb44d_b705 - 2_208_988_800) * 1000 + 125), at: Self.at(0))
    #expect(clock.ntp(at: Self.at(0)) == 0xb44d_b705_2000_0000)
    var sender = SenderStatistics(ssrc: 1, clockRate: 48_000)
    let block = ReportBlock(ssrc: 1, lastSenderReport: 0xb705_2000, delaySinceLastSenderReport: 0x0005_4000)
    sender.receive(block, clock: clock, now: Self.at(11_375))
    #expect(sender.roundTrip == .milliseconds(6125))
    #expect(sender.lastBlock == block)
  }

  @Test func nonsenseGivesNoRoundTrip() {
    let clock = NTPClock(wall: WallTime(milliseconds: 0), at: Self.at(0))
    var sender = SenderStatistics(ssrc: 1, clockRate: 48_000)
    for block in [
      ReportBlock(ssrc: 1), ReportBlock(ssrc: 1, lastSenderReport: 1, delaySinceLastSenderReport: 0x7fff_0000),
      ReportBlock(ssrc: 1, lastSenderReport: clock.middle(at: Self.at(200_000))),
    ] {
      sender.receive(block, clock: clock, now: Self.at(100_000))
      #expect(sender.roundTrip == nil)
    }
  }

  @Test func aWholeExchangeMeasuresTheNetwork() throws {
    let clock = NTPClock(wall: WallTime(milliseconds: 1_700_000_000_999), at: Self.at(5000))
    var sender = SenderStatistics(ssrc: 1, clockRate: 90_000)
    #expect(sender.report(clock: clock, now: Self.at(5000)) == nil)
    sender.sent(timestamp: 1000, payloadBytes: 700, capturedAt: Self.at(6000))
    sender.sent(timestamp: 4000, payloadBytes: 300, capturedAt: Self.at(6033))
    let info = try #require(sender.report(clock: clock, now: Self.at(6133)))
    #expect(info.packetCount == 2 && info.octetCount == 1000)
    // 100 ms after the last frame.
    #expect(info.rtpTimestamp == 4000 + 9000)
    // 20 ms there, 150 ms held, 30 ms back.
    var receiver = ReceiverStatistics(ssrc: 1, clockRate: 90_000)
    receiver.receive(info, now: Self.at(90_000))
    let block = receiver.reportBlock(now: Self.at(90_150))
    #expect(block.lastSenderReport == info.ntpMiddle)
    sender.receive(block, clock: clock, now: Self.at(6133 + 200))
    let roundTrip = try #require(sender.roundTrip)
    #expect(abs(roundTrip.microseconds - 50_000) < 50)
  }

  /// Ten days on the monotonic clock are ten days of NTP, whatever wall time does.
  @Test func theClockDoesNotDrift() {
    let clock = NTPClock(wall: WallTime(milliseconds: 1_700_000_000_000), at: Self.at(0))
    let later = clock.ntp(at: Self.at(864_000_250)) &- clock.ntp(at: Self.at(0))
    #expect(later == 864_000 << 32 | 1 << 30)
    // A moment before the call began, too.
    #expect(clock.ntp(at: Self.at(0)) &- clock.ntp(at: MonotonicTime(microseconds: -500_000)) == 1 << 31)
  }
}
