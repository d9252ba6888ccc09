import Linux
import Testing

@testable import WebRTC

@Suite struct RateMeterTests {
  /// From the very start of the clock on, too.
  @Test(arguments: [0, 1_000, 5_000_000_000] as [Int64]) func measures(_ start: Int64) {
    var meter = RateMeter(window: .seconds(1))
    func time(_ milliseconds: Int64) -> MonotonicTime { MonotonicTime(microseconds: start + milliseconds * 1_000) }
    #expect(meter.bitsPerSecond(time(0)) == nil)
    // 1,000 bytes each 10 ms: 800 kbit/s.
    for step in 0..<300 as Range<Int64> { meter.add(bytes: 1_000, now: time(step * 10)) }
    let rate = meter.bitsPerSecond(time(3_000)) ?? 0
    #expect((700_000...880_000).contains(rate), "\(rate)")
    #expect(meter.bitsPerSecond(time(9_000)) == 0, "nothing has come for a second")
  }

  @Test func tooYoungToTell() {
    var meter = RateMeter(window: .seconds(1))
    meter.add(bytes: 1_000, now: MonotonicTime(microseconds: 7))
    #expect(meter.bitsPerSecond(MonotonicTime(microseconds: 400_000)) == nil)
    #expect(meter.bitsPerSecond(MonotonicTime(microseconds: 600_000)) != nil)
  }
}
