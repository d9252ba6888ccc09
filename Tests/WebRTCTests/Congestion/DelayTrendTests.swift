import Linux
import TestSupport
import Testing

@testable import WebRTC

/// What counts as a queue that grows, and what does not.
@Suite struct DelayTrendTests {
  /// Groups each 10 ms; gives how many of them said `over`, and the first that did.
  private func run(
    _ seconds: Int64, arrival: (_ sent: Int64) -> Int64
  ) -> (over: Int, first: Int64?, last: DelayTrend.Usage) {
    var trend = DelayTrend()
    var (over, first) = (0, nil as Int64?)
    for step in 0..<(seconds * 100) {
      let sent = 1_000_000 + step * 10_000
      for packet in 0..<3 as Range<Int64> {
        trend.add(sent: MonotonicTime(microseconds: sent + packet * 300), arrival: arrival(sent + packet * 300))
      }
      if trend.usage == .over {
        over += 1
        first = first ?? sent - 1_000_000
      }
    }
    return (over, first, trend.usage)
  }

  @Test("A delay that stays, however long") func steady() {
    for delay in [1_000, 300_000] as [Int64] { #expect(run(20) { $0 + delay }.over == 0) }
  }

  @Test("A queue that grows by 5 ms in 100 ms is found within a second, and its end too") func growing() throws {
    let result = run(2) { $0 + 20_000 + max(0, $0 - 1_000_000) / 20 }
    #expect(try #require(result.first) < 1_000_000)
    // It grows for a second, then stays as long as it is.
    let later = run(6) { $0 + 20_000 + min(1_000_000, max(0, $0 - 1_000_000)) / 20 }
    #expect(later.over > 0 && later.last == .normal)
  }

  @Test("A queue that drains") func draining() {
    #expect(run(2) { $0 + 200_000 - min(150_000, ($0 - 1_000_000) / 10) }.over == 0)
  }

  @Test("A clock that runs 100 ppm fast or slow", arguments: [1.0001, 0.9999]) func drift(_ speed: Double) {
    #expect(run(60) { Int64(Double($0) * speed) + 5_000 }.over == 0)
  }

  @Test("Jitter of 30 ms around the same delay", arguments: [1, 2, 3, 4]) func jitter(_ seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var last: Int64 = 0
    let result = run(30) { sent in
      // Packets keep their order on one way.
      last = max(last, sent + 10_000 + Int64.random(in: 0...30_000, using: &random))
      return last
    }
    #expect(result.over < 60, "\(result.over) of 3,000")
  }

  @Test("Anything at all does not trap", arguments: [1, 2, 3]) func anything(_ seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var trend = DelayTrend()
    for _ in 0..<20_000 {
      trend.add(
        sent: MonotonicTime(microseconds: Int64.random(in: 0...1_000_000_000, using: &random)),
        arrival: Int64.random(in: -600_000_000_000...600_000_000_000, using: &random))
    }
  }
}
