import Linux
import Testing

@testable import Media

@Suite struct EncoderPulseTests {
  static func at(_ milliseconds: Int64) -> MonotonicTime { MonotonicTime(microseconds: milliseconds * 1_000) }

  @Test func nobodyWatchesSoNothingIsExpected() {
    var pulse = EncoderPulse()
    #expect(!pulse.isOverdue(Self.at(0)))
    pulse.watch(true, now: Self.at(0))
    pulse.watch(false, now: Self.at(10))
    #expect(!pulse.isOverdue(Self.at(1_000_000)))
  }

  @Test func whoBeginsToWatchGivesItTime() {
    var pulse = EncoderPulse()
    pulse.watch(true, now: Self.at(100_000))
    // Said again, which is no beginning.
    pulse.watch(true, now: Self.at(104_000))
    #expect(!pulse.isOverdue(Self.at(105_000)))
    #expect(pulse.isOverdue(Self.at(105_001)))
  }

  @Test func eachPictureIsASignOfLife() {
    var pulse = EncoderPulse()
    pulse.watch(true, now: Self.at(0))
    for time in stride(from: Int64(500), through: 20_000, by: 500) {
      #expect(!pulse.isOverdue(Self.at(time)))
      pulse.sent(Self.at(time))
    }
    #expect(pulse.isOverdue(Self.at(25_001)))
  }
}
