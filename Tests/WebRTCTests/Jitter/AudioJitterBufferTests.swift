import Linux
import TestSupport
import Testing

@testable import WebRTC

@Suite struct AudioJitterBufferTests {
  static func isStrictlyRising(_ numbers: [Int]) -> Bool { zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 } }

  /// Between two processes of one machine sound waits for the next tick of the speaker and little more.
  @Test func aStillNetworkCostsTwentyMilliseconds() {
    let path = SoundPath(seed: 1)
    path.conditions.delay = 0.3
    path.run(milliseconds: 60_000)
    #expect(path.heard == Array(0..<path.heard.count))
    #expect(path.heard.count >= path.sent - 2)
    #expect(path.concealed() == 0)
    #expect(path.buffer.target == .milliseconds(10))
    #expect(path.latencies.allSatisfy { $0.milliseconds >= 10 && $0.milliseconds <= 20.3 })
    #expect(path.buffer.statistics.dropped == 0 && path.buffer.statistics.late == 0)
  }

  @Test(arguments: [(20.0, 1 as UInt64), (60, 2), (60, 3), (120, 4), (250, 5)])
  func theDelayFollowsTheJitter(jitter: Double, seed: UInt64) {
    let path = SoundPath(seed: seed)
    path.conditions.jitter = jitter
    path.run(milliseconds: 30_000)
    let settled = path.played.count
    let sent = path.sent
    path.run(milliseconds: 60_000)
    let target = Double(path.buffer.target.microseconds) / 1000
    #expect(target >= jitter * 0.85 && target <= jitter * 1.02 + 2)
    #expect(Self.isStrictlyRising(path.heard))
    // The 0.95 quantile leaves one in twenty too late; the waiting tick and the reordering save most of those.
    #expect(path.concealed(from: settled) <= 60_000 / 20)
    let latencies = path.latencies(from: sent)
    #expect(latencies.count >= 2850)
    let mean = latencies.reduce(0, +) / Double(latencies.count)
    #expect(mean >= target - 12 && mean <= target + 32)
  }

  @Test(arguments: [1, 2, 3] as [UInt64]) func lostPacketsAreConcealedOnceEach(seed: UInt64) {
    let path = SoundPath(seed: seed)
    path.conditions.loss = 0.05
    path.run(milliseconds: 60_000)
    #expect(Self.isStrictlyRising(path.heard))
    let lost = Set(0..<path.sent - 2).subtracting(path.heard)
    #expect(lost.count > 100 && lost.count < 210)
    // 20 ms for each, and nothing else is missing.
    #expect(abs(path.concealed() - lost.count * 20) <= 60)
    #expect(path.latencies.allSatisfy { $0.milliseconds < 60 })
  }

  @Test(arguments: [1, 2, 3] as [UInt64]) func whatFollowsALossMendsIt(seed: UInt64) {
    let path = SoundPath(seed: seed)
    path.conditions.loss = 0.05
    path.conditions.hasForwardErrorCorrection = true
    path.run(milliseconds: 60_000)
    #expect(Self.isStrictlyRising(path.heard))
    let recovered = path.played.count { if case .recovered = $0 { true } else { false } }
    let lost = Set(0..<path.sent - 2).subtracting(path.heard)
    #expect(recovered > 100)
    // Only where two in a row are lost is there nothing to mend from, or where the wait for it took the gap's place.
    #expect(lost.count < recovered / 4)
    #expect(path.buffer.statistics.recovered == UInt64(recovered))
    // Each is followed by the very packet that it was read from.
    for (first, second) in zip(path.played, path.played.dropFirst()) {
      if case .recovered(let number) = first { #expect(second == .packet(number + 1)) }
    }
  }

  @Test(arguments: [1, 2] as [UInt64]) func everythingAtOnce(seed: UInt64) {
    let path = SoundPath(seed: seed)
    path.conditions = .init(
      delay: 5, jitter: 45, loss: 0.08, duplication: 0.1, quietEvery: 3, hasForwardErrorCorrection: true)
    path.run(milliseconds: 120_000)
    #expect(Self.isStrictlyRising(path.heard))
    let statistics = path.buffer.statistics
    #expect(statistics.duplicates > 300)
    #expect(Double(path.heard.count) > 0.93 * Double(path.sent))
    #expect(path.latencies(from: 500).allSatisfy { $0 < 150 })
    #expect(statistics.restarts == 0)
  }

  @Test func sameSeedSameSound() {
    func played() -> [SoundPath.Played] {
      let path = SoundPath(seed: 9)
      path.conditions = .init(jitter: 80, loss: 0.1, duplication: 0.1)
      path.run(milliseconds: 10_000)
      return path.played
    }
    #expect(played() == played())
  }

  @Test func duplicatesAreHeardOnce() {
    let path = SoundPath(seed: 1)
    path.conditions.duplication = 1
    path.run(milliseconds: 10_000)
    #expect(path.heard == Array(0..<path.heard.count))
    #expect(path.buffer.statistics.duplicates == UInt64(path.sent))
    #expect(path.concealed() == 0)
  }

  /// When the network has calmed down the delay goes back to where it was, in quiet moments first.
  @Test(arguments: [1, 2]) func aDelayThatIsNoLongerNeededGoesAway(quietEvery: Int) {
    let path = SoundPath(seed: 4)
    path.conditions = .init(jitter: 150, quietEvery: quietEvery == 1 ? 1 : 0)
    path.run(milliseconds: 20_000)
    #expect(path.buffer.target > .milliseconds(120))
    path.conditions.jitter = 0
    path.run(milliseconds: 40_000)
    let sent = path.sent
    path.run(milliseconds: 10_000)
    #expect(path.latencies(from: sent).allSatisfy { $0 < 45 })
    #expect(path.buffer.statistics.dropped >= 4)
    #expect(Self.isStrictlyRising(path.heard))
  }

  @Test func afterABreakTheDelayDoesNotStay() {
    let path = SoundPath(seed: 4)
    path.run(milliseconds: 10_000)
    path.isHeld = true
    path.run(milliseconds: 1_000)
    // Concealment fades into silence.
    #expect(path.played.suffix(10).allSatisfy { $0 == .silence })
    path.isHeld = false
    let sent = path.sent
    path.run(milliseconds: 3_000)
    #expect(path.latencies(from: sent).allSatisfy { $0 < 60 })
    #expect(path.latencies(from: sent).count >= 145)
    #expect(Self.isStrictlyRising(path.heard))
  }

  /// A phone that holds up its capture sends on without a gap in its timestamps: all that follows seems late for ever.
  @Test(arguments: [250.0, 350, 500, 3_000]) func aTalkerWhoseClockStalledIsHeardAgainSoon(stall: Double) {
    let path = SoundPath(seed: 4)
    path.run(milliseconds: 10_000)
    path.stall(milliseconds: stall)
    path.run(milliseconds: Int64(stall))
    let before = path.heard.count
    path.run(milliseconds: 1_000)
    #expect(path.heard.count - before >= 15)
    #expect(Self.isStrictlyRising(path.heard))
  }

  /// A talker who stops sending in silence (RFC 7587 section 3.1.3) is heard again with the same delay.
  @Test func pausesOfTheTalkerAreNotLosses() {
    let path = SoundPath(seed: 4)
    for _ in 0..<10 {
      path.run(milliseconds: 2_000)
      path.isPaused = true
      path.run(milliseconds: 777)
      path.isPaused = false
    }
    path.run(milliseconds: 500)
    #expect(path.heard == Array(0..<path.heard.count))
    #expect(path.buffer.statistics.concealedPackets == 0 && path.buffer.statistics.dropped == 0)
    #expect(path.latencies.allSatisfy { $0.milliseconds >= 5 && $0.milliseconds <= 32 })
  }

  @Test(arguments: [500e-6, -500e-6]) func clocksMayDrift(drift: Double) {
    let path = SoundPath(seed: 4)
    path.conditions.drift = drift
    path.conditions.jitter = 10
    path.run(milliseconds: 600_000)
    // 300 ms of drift in ten minutes do not pile up.
    #expect(path.latencies.allSatisfy { $0.milliseconds < 70 })
    #expect(path.concealed() < 1_500)
    #expect(Self.isStrictlyRising(path.heard))
  }

  @Test func anotherStreamBeginsAnew() {
    let path = SoundPath(seed: 4)
    path.run(milliseconds: 1_000)
    path.firstSequence = 7
    path.firstTimestamp = 12_345
    path.run(milliseconds: 1_000)
    #expect(path.buffer.statistics.restarts == 1)
    #expect(path.heard.count >= path.sent - 3 && Self.isStrictlyRising(path.heard))
  }

  @Test func whenNobodyListensTheOldestGo() {
    let path = SoundPath(seed: 4)
    path.run(milliseconds: 1_000)
    path.isPulling = false
    path.run(milliseconds: 60_000)
    path.isPulling = true
    let sent = path.sent
    path.run(milliseconds: 1_000)
    #expect(path.latencies(from: sent).allSatisfy { $0 < 200 })
    #expect(Self.isStrictlyRising(path.heard) && path.latencies(from: sent).count >= 40)
  }

  @Test func anEmptyBufferIsSilent() {
    let buffer = AudioJitterBuffer()
    for millisecond in 0..<100 as Range<Int64> {
      guard case .silence(samples: 480) = buffer.pull(now: MonotonicTime(microseconds: millisecond * 1000)) else {
        Issue.record("not silent")
        return
      }
    }
    #expect(buffer.delay(now: MonotonicTime(microseconds: 0)) == nil)
  }

  @Test func nonsenseIsNotTaken() {
    let buffer = AudioJitterBuffer()
    let now = MonotonicTime(microseconds: 5_000_000)
    for (length, samples) in [(1276, 960), (10, 0), (10, -1), (10, 5761)] {
      buffer.insert(
        sequence: 1, timestamp: 1, payload: PacketBuffer(length: length).view, samples: samples, now: now)
    }
    guard case .silence = buffer.pull(now: now + .seconds(1)) else {
      Issue.record("something was taken")
      return
    }
    #expect(buffer.statistics.received == 4 && buffer.statistics.played == 0)
  }

  /// Any numbers and timestamps whatever: nothing traps, and pulling never hangs.
  @Test(arguments: [1, 2, 3, 4] as [UInt64]) func randomPacketsDoNoHarm(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let buffer = AudioJitterBuffer()
    let payload = PacketBuffer(length: 20)
    var now = MonotonicTime(microseconds: 0)
    for _ in 0..<20_000 {
      now = now + .microseconds(Int64.random(in: 0...40_000, using: &random))
      let near = UInt16.random(in: 0...80, using: &random)
      let wild = Int.random(in: 0..<50, using: &random) == 0
      buffer.insert(
        sequence: wild ? .random(in: 0...65_535, using: &random) : near,
        timestamp: wild ? .random(in: 0...UInt32.max, using: &random) : UInt32(near) * 960, payload: payload.view,
        samples: [120, 480, 960, 2880][Int.random(in: 0..<4, using: &random)],
        isQuiet: Bool.random(using: &random), hasForwardErrorCorrection: Bool.random(using: &random), now: now)
      if Bool.random(using: &random) { #expect(buffer.pull(now: now).samples > 0) }
    }
  }
}
