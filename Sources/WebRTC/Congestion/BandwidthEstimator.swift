import Linux

/// How much the way to a peer takes, by its reports of when each packet came: by the trend of the delay and by loss
/// (draft-ietf-rmcat-gcc-02 sections 5.5 and 6). It begins high, since a hotspot's air is wide, and a queue tells within a moment when
/// it is not.
struct BandwidthEstimator {
  static let first = 12_000_000.0, least = 60_000.0, most = 50_000_000.0
  /// After an overuse, of what arrived.
  private static let cut = 0.85
  /// Within one second while nothing is known of the link's size.
  private static let growth = 0.08
  /// Near a rate at which the link was overused it grows by so much a second, in bits per second.
  private static let step = 20_000.0
  /// What is not sent proves nothing: once an end has shown, the estimate is at most so much more than what arrives.
  private static let beyond = 1.5
  /// Losses are looked at over so many packets at least, and so much time.
  private static let lossPackets = 40, lossInterval = Interval.milliseconds(200)
  /// One overuse shows in several reports; it is to count once.
  private static let cutInterval = Interval.milliseconds(300)
  /// Between two probes; twice as long after each that failed.
  private static let probeInterval = Interval.milliseconds(500)
  private static let afterFailure = Interval.seconds(3), longestFailure = Interval.seconds(24)
  /// After a cut the queue empties first.
  private static let afterCut = Interval.seconds(2)

  private(set) var sent = SentPackets()
  private var pacer = Pacer()
  private var trend = DelayTrend()
  private var arrived = RateMeter(window: .milliseconds(500))
  private var delayBased = Self.first
  private var lossBased = Self.first
  /// At which the last overuse came.
  private var edge: Double?
  /// Whether the way has ever taken less than was sent.
  private var isFinite = false
  private var grownAt: MonotonicTime?
  private var cutAt: MonotonicTime?
  private var loss = LossJudge()
  private var lost = 0
  private var told = 0
  private var lossAt: MonotonicTime?
  private var probe: Probe?
  private var probeAt = MonotonicTime(microseconds: 0)
  private var failure = Self.afterFailure
  /// Whether any report has come: without one nothing is known.
  private(set) var isActive = false

  var bitsPerSecond: Int { Int(min(delayBased, lossBased)) }

  /// What the receiver should hold pictures back for.
  var playoutDelay: Interval { trend.jitter.delay }

  // MARK: What leaves

  /// A packet leaves.
  /// - Parameter isNumbered: under ``SentPackets/next``; of others no arrival is told.
  mutating func left(bytes: Int, isNumbered: Bool, now: MonotonicTime) {
    pacer.sent(bytes: bytes, bitsPerSecond: bitsPerSecond, now: now)
    guard isNumbered else { return }
    sent.sent(bytes: bytes, now: now)
    probe?.sent(bytes: bytes, now: now)
  }

  /// When the next packet of a picture may leave; nil for at once.
  func pause(_ now: MonotonicTime) -> MonotonicTime? {
    guard isActive else { return nil }
    let ready = pacer.ready(bitsPerSecond: bitsPerSecond)
    return ready > now ? ready : nil
  }

  /// More is wanted than the estimate allows: begins to find out whether it would go, if it is time for that.
  mutating func want(_ bitsPerSecond: Int, now: MonotonicTime) {
    guard isActive, isFinite, probe == nil, now >= probeAt, trend.usage == .normal, bitsPerSecond > self.bitsPerSecond
    else { return }
    probe = Probe(bitsPerSecond: min(bitsPerSecond, 2 * self.bitsPerSecond), next: sent.next, now: now)
  }

  /// How many bytes are to leave now for a probe alone.
  func padding(_ now: MonotonicTime) -> Int { probe?.missing(now) ?? 0 }

  func isProbing(_ now: MonotonicTime) -> Bool { probe?.isSending(now) ?? false }

  // MARK: What has arrived

  /// Takes one report.
  /// - Returns: whether the estimate has become smaller.
  mutating func receive(_ report: RTCPTransportFeedback, now: MonotonicTime) -> Bool {
    isActive = true
    let before = bitsPerSecond
    report.forEachPacket { sequence, arrival in
      guard let packet = sent.take(sequence) else { return }
      told += 1
      probe?.told(sequence, bytes: packet.bytes, arrival: arrival)
      guard let arrival else {
        lost += 1
        return
      }
      arrived.add(bytes: packet.bytes, now: now)
      trend.add(sent: packet.time, arrival: arrival)
    }
    adjust(now)
    judgeLoss(now)
    judgeProbe(now)
    return bitsPerSecond < before
  }

  private mutating func adjust(_ now: MonotonicTime) {
    let elapsed = grownAt.map { min(1, max(0, (now - $0).seconds)) } ?? 0
    grownAt = now
    switch trend.usage {
    case .over:
      if let cutAt, now - cutAt < Self.cutInterval { return }
      let rate = arrived.bitsPerSecond(now).map(Double.init) ?? delayBased
      edge = rate
      delayBased = max(Self.least, min(delayBased, Self.cut * rate))
      noteCut(now)
    case .under: break
    case .normal:
      var grown: Double
      if let edge, delayBased > 0.7 * edge, delayBased < 1.3 * edge {
        grown = delayBased + Self.step * elapsed
      } else {
        if let edge, delayBased >= 1.3 * edge { self.edge = nil }
        grown = delayBased * (1 + Self.growth * elapsed)
      }
      if isFinite, let rate = arrived.bitsPerSecond(now) { grown = min(grown, Self.beyond * Double(rate) + 10_000) }
      delayBased = min(Self.most, max(delayBased, grown))
    }
  }

  private mutating func noteCut(_ now: MonotonicTime) {
    cutAt = now
    isFinite = true
    probeAt = max(probeAt, now + Self.afterCut)
  }

  private mutating func judgeLoss(_ now: MonotonicTime) {
    let start = lossAt ?? now
    lossAt = start
    guard told >= Self.lossPackets, now - start >= Self.lossInterval else { return }
    let fraction = Double(lost) / Double(told)
    let elapsed = min(1, (now - start).seconds)
    (lost, told, lossAt) = (0, 0, now)
    switch loss.judge(fraction, at: lossBased) {
    case .isTooMuch:
      let rate = arrived.bitsPerSecond(now).map(Double.init) ?? lossBased
      lossBased = max(Self.least, min(lossBased, 1.2 * rate) * (1 - 0.5 * fraction))
      noteCut(now)
    case .isOfTheAir(let before):
      lossBased = max(lossBased, before)
    case .isLittle:
      lossBased = min(Self.most, lossBased * (1 + Self.growth * elapsed))
    case .isBearable: break
    }
  }

  private mutating func judgeProbe(_ now: MonotonicTime) {
    guard let outcome = probe?.outcome(now) else { return }
    let before = Double(bitsPerSecond)
    probe = nil
    if case .takes(let rate) = outcome, Double(rate) > before, trend.usage != .over {
      delayBased = min(Self.most, max(delayBased, Double(rate)))
      lossBased = min(Self.most, max(lossBased, Double(rate)))
      edge = edge.flatMap { Double(rate) > 1.3 * $0 ? nil : $0 }
      failure = Self.afterFailure
      probeAt = max(probeAt, now + Self.probeInterval)
    } else {
      probeAt = max(probeAt, now + failure)
      failure = min(failure * 2, Self.longestFailure)
    }
  }
}
