import Linux
import Testing

@testable import WebRTC

@Suite struct PacerTests {
  private func at(_ milliseconds: Int64) -> MonotonicTime { MonotonicTime(microseconds: milliseconds * 1_000) }

  /// When each of so many packets leaves, in milliseconds.
  private func departures(_ count: Int, bitsPerSecond: Int) -> [Double] {
    var pacer = Pacer(factor: 1.5)
    var now = at(1_000)
    return (0..<count).map { _ in
      now = max(now, pacer.ready(bitsPerSecond: bitsPerSecond))
      pacer.sent(bytes: 1_200, bitsPerSecond: bitsPerSecond, now: now)
      return (now - at(1_000)).seconds * 1_000
    }
  }

  @Test("On a wide way a whole key frame leaves at once") func wide() {
    #expect(departures(40, bitsPerSecond: 12_000_000).allSatisfy { $0 == 0 })
  }

  @Test("On a narrow way it leaves half as fast again as it takes, after a burst of a few packets") func narrow() {
    let times = departures(30, bitsPerSecond: 300_000)
    #expect(times[0...2].allSatisfy { $0 == 0 } && times[3] > 0)
    let rate = 20.0 * 1_200 * 8 / (times[29] - times[9]) * 1_000
    #expect(abs(rate - 450_000) < 10_000)
  }
}

@Suite struct LossJudgeTests {
  @Test("Little loss is none, some is borne, much cuts") func shares() {
    var judge = LossJudge()
    var found: [LossJudge.Judgement] = []
    for share in [0.01, 0.05, 0.3] { found.append(judge.judge(share, at: 1e6, queueGrows: false)) }
    #expect(found == [.isLittle, .isBearable, .isTooMuch])
  }

  /// Losses of a share, with the rate that follows.
  private func run(_ judge: inout LossJudge, share: (Double) -> Double, queueGrows: Bool = false) -> Double {
    var rate = 2e6
    for _ in 0..<100 {
      switch judge.judge(share(rate), at: rate, queueGrows: queueGrows) {
      case .isTooMuch: rate *= 0.9
      case .isOfTheAir(let before): rate = max(rate, before)
      case .isLittle: rate *= 1.02
      case .isBearable: break
      }
    }
    return rate
  }

  @Test("A loss that no cut mends does not cut for ever") func air() {
    var judge = LossJudge()
    let rate = run(&judge, share: { _ in 0.2 })
    #expect(rate > 1.2e6, "\(rate)")
  }

  @Test("What is lost beyond the width of a way cuts down to it") func policed() {
    var judge = LossJudge()
    let rate = run(&judge, share: { max(0, 1 - 8e5 / $0) })
    #expect((6e5...9.5e5).contains(rate), "\(rate)")
  }

  @Test("While a queue grows losses are never of the air") func queue() {
    var judge = LossJudge()
    let rate = run(&judge, share: { _ in 0.2 }, queueGrows: true)
    #expect(rate < 1e5, "\(rate)")
  }
}

@Suite struct ProbeTests {
  private func at(_ milliseconds: Double) -> MonotonicTime {
    MonotonicTime(microseconds: Int64(milliseconds * 1_000))
  }

  /// Sends a probe over a link of some width, and gives what it says.
  private func probe(_ bitsPerSecond: Int, over width: Double, loses: (Int) -> Bool = { _ in false }) -> Probe.Outcome?
  {
    var probe = Probe(bitsPerSecond: bitsPerSecond, next: 65_530, now: at(0))
    var sent: [(sequence: UInt16, at: Double)] = []
    var time = 0.0
    while probe.isSending(at(time)) {
      while probe.missing(at(time)) > 0 {
        sent.append((65_530 &+ UInt16(sent.count), time))
        probe.sent(bytes: 1_000, now: at(time))
      }
      time += 5
    }
    let early = probe.outcome(at(time))
    #expect(early == nil, "nothing is known yet")
    var free = 0.0
    for (number, packet) in sent.enumerated() {
      free = max(free, packet.at) + 8_000 / width * 1_000
      probe.told(packet.sequence, bytes: 1_000, arrival: loses(number) ? nil : Int64(free * 1_000) + 77_000_000)
    }
    return probe.outcome(at(time + 10))
  }

  @Test("A way that takes it takes about what was sent", arguments: [500_000, 1_000_000, 4_000_000])
  func takes(_ rate: Int) {
    guard case .takes(let found) = probe(rate, over: 20e6) else {
      Issue.record("no answer")
      return
    }
    #expect(Double(found) > 0.75 * Double(rate) && Double(found) < 1.3 * Double(rate), "\(found)")
  }

  @Test("One that does not shows its width") func width() {
    guard case .takes(let found) = probe(4_000_000, over: 1e6) else {
      Issue.record("no answer")
      return
    }
    #expect((800_000...1_000_000).contains(found), "\(found)")
  }

  @Test("Of one that lost a third nothing is known") func lost() {
    #expect(probe(2_000_000, over: 20e6, loses: { $0 % 3 == 0 }) == .unknown)
  }

  @Test("Without any report it is over after a while") func silence() {
    var probe = Probe(bitsPerSecond: 500_000, next: 0, now: at(0))
    for packet in 0..<6 { probe.sent(bytes: 1_000, now: at(Double(packet) * 20)) }
    let outcomes = [probe.outcome(at(300)), probe.outcome(at(700))]
    #expect(outcomes == [nil, .unknown])
  }
}

@Suite struct PathJitterTests {
  @Test("A clean path asks for no delay, a bad one for about its jitter, and after it became clean for none again")
  func follows() {
    var jitter = PathJitter()
    for _ in 0..<300 { jitter.add(2) }
    #expect(jitter.delay == .zero)
    for step in 0..<300 { jitter.add(step % 2 == 0 ? 60 : -55) }
    #expect((.milliseconds(40) ... .milliseconds(70)).contains(jitter.delay))
    for _ in 0..<900 { jitter.add(2) }
    #expect(jitter.delay == .zero)
  }

  @Test("One late packet is no jitter") func once() {
    var jitter = PathJitter()
    for _ in 0..<100 { jitter.add(1) }
    jitter.add(60)
    for _ in 0..<5 { jitter.add(1) }
    #expect(jitter.delay == .zero)
  }
}

@Suite struct StandingDelayTests {
  @Test("A queue that is full and does not grow is long; the way's own length is not") func long() {
    var standing = StandingDelay()
    var time: Int64 = 0
    func add(_ delay: Int64, _ count: Int) {
      for _ in 0..<count {
        time += 30_000
        standing.add(delay, at: time)
      }
    }
    add(5_000_000, 20)
    #expect(!standing.isLong && standing.mean < 1)
    add(5_180_000, 4)
    #expect(standing.isLong && standing.mean > 50)
    add(5_010_000, 1)
    #expect(!standing.isLong)
    // A way that has become longer for good is what it is.
    add(5_180_000, 800)
    #expect(!standing.isLong)
  }
}
