import Testing

@testable import WebRTC

@Suite struct ArrivalClockTests {
  /// What a report says of a time of the receiver, in microseconds.
  private func reported(_ time: Int64) -> Int64 {
    let period: Int64 = 0x100_0000 * 64_000
    let rest = (time % period + period) % period
    return rest < period / 2 ? rest : rest - period
  }

  @Test(
    "Whatever the receiver's clock shows, below zero or at its wrap, so much time passes as passed",
    arguments: [0, 5_000_000_000, 0x80_0000 * 64_000 - 1_000_000, -1_000_000, 0x100_0000 * 64_000 - 1_000_000]
      as [Int64])
  func passes(_ start: Int64) {
    var clock = ArrivalClock()
    var times: [Int64] = []
    // Forwards, with some that were overtaken.
    let offsets = (0..<200 as Range<Int64>).map { $0 * 20_000 - ($0 % 7 == 0 ? 30_000 : 0) }
    for offset in offsets { times.append(clock.time(reported(start + offset))) }
    #expect(times.map { $0 - times[0] } == offsets.map { $0 - offsets[0] })
    #expect(times.allSatisfy { $0 > 0 })
  }

  @Test("A leap is not taken for time") func leaps() {
    var clock = ArrivalClock()
    var times: [Int64] = []
    for time in [0, 20_000, 300_000_000_000, 300_000_020_000, -40_000_000_000] as [Int64] {
      times.append(clock.time(time))
    }
    #expect(times.map { $0 - times[0] } == [0, 20_000, 20_000, 40_000, 40_000])
  }
}
