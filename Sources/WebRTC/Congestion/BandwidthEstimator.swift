import Linux

/// How much the way to a peer takes, by its reports of when each packet came: by the trend of the delay and by loss
/// (draft-ietf-rmcat-gcc-02 sections 5.5 and 6). It begins high, since a hotspot's air is wide, and a queue tells within a moment when
/// it is not.
struct BandwidthEstimator {
  static let first = 12_000_000.0, least = 60_000.0, most = 50_000_000.0
  /// After an overuse, of what arrived; less where a long queue has to empty.
  private static let cut = 0.85, cutDeep = 0.65
  /// Within one second while nothing is known of the link's size.
  private static let growth = 0.08
  /// Within one second once the link has shown an end, in bits per second: more where there is less, so that flows which share a link come
  /// to share it evenly. Probes are for the great leaps.
  private static let step = 40e9, leastStep = 15_000.0, mostStep = 80_000.0
  /// What is not sent proves nothing: once an end has shown, the estimate is at most so much more than what arrives.
  private static let beyond = 1.5
  /// The headers below RTP: of UDP and IPv4.
  static let datagramBytes = 28
  /// Losses are looked at over so many packets at least, and so much time.
  private static let lossPackets = 40, lossInterval = Interval.milliseconds(200)
  private static let manyLost = 8
  /// One overuse shows in several reports; it is to count once.
  private static let cutInterval = Interval.milliseconds(300)
  /// Between two probes; twice as long after each that failed.
  private static let probeInterval = Interval.milliseconds(500)
  private static let afterFailure = Interval.seconds(3), longestFailure = Interval.seconds(24)
  /// After a cut the queue empties first.
  private static let afterCut = Interval.seconds(4)
  private static let queuePause = Interval.milliseconds(20)

  private(set) var sent = SentPackets()
  /// Of everything: only pictures wait for it; sound counts, and goes at once.
  private var pacer = Pacer(factor: 1.5)
  /// Of what is sent again: on a way that is full that would make it fuller.
  private var repairPacer = Pacer(factor: 0.5)
  private var trend = DelayTrend()
  /// By the receiver's clock: what came of late, and just now.
  private var arrived = RateMeter(window: .milliseconds(500))
  private var arrivedNow = RateMeter(window: .milliseconds(200))
  private var newestArrival: MonotonicTime?
  private var clock = ArrivalClock()
  private var delayBased = Self.first
  private var lossBased = Self.first
  /// Whether the way has ever taken less than was sent.
  private var isFinite = false
  private var grownAt: MonotonicTime?
  private var cutAt: MonotonicTime?
  private var overAt: MonotonicTime?
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
  /// - Parameters:
  ///   - payload: of the datagram.
  ///   - isNumbered: under ``SentPackets/next``; of others no arrival is told.
  mutating func left(bytes payload: Int, isNumbered: Bool, isRepair: Bool, now: MonotonicTime) {
    let bytes = payload + Self.datagramBytes
    if isRepair { repairPacer.sent(bytes: bytes, bitsPerSecond: bitsPerSecond, now: now) }
    pacer.sent(bytes: bytes, bitsPerSecond: bitsPerSecond, now: now)
    guard isNumbered else { return }
    sent.sent(bytes: bytes, now: now)
    probe?.sent(bytes: bytes, now: now)
  }

  /// When the next packet of a picture, or one that is sent again, may leave; nil for at once.
  func pause(isRepair: Bool = false, _ now: MonotonicTime) -> MonotonicTime? {
    guard isActive else { return nil }
    var ready = pacer.ready(bitsPerSecond: bitsPerSecond)
    if isRepair {
      ready = max(ready, repairPacer.ready(bitsPerSecond: bitsPerSecond))
      // It would come too late, and make all else later.
      if trend.isQueueLong { ready = max(ready, now + Self.queuePause) }
    }
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
      let arrival = arrival.map { clock.time($0) }
      probe?.told(sequence, bytes: packet.bytes, arrival: arrival)
      guard let arrival else {
        lost += 1
        return
      }
      let at = MonotonicTime(microseconds: arrival)
      newestArrival = max(newestArrival ?? at, at)
      arrived.add(bytes: packet.bytes, now: at)
      arrivedNow.add(bytes: packet.bytes, now: at)
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
      overAt = now
      if let cutAt, now - cutAt < Self.cutInterval { return }
      let rate = newestArrival.flatMap { arrivedNow.bitsPerSecond($0) }.map(Double.init) ?? delayBased
      delayBased = max(Self.least, min(delayBased, (trend.isQueueLong ? Self.cutDeep : Self.cut) * rate))
      // The losses of a full queue end with it.
      lossBased = max(lossBased, delayBased)
      noteCut(now)
    case .under: break
    case .normal:
      let step = max(Self.leastStep, min(Self.mostStep, Self.step / delayBased))
      var grown = isFinite ? delayBased + step * elapsed : delayBased * (1 + Self.growth * elapsed)
      if isFinite, let rate = newestArrival.flatMap({ arrived.bitsPerSecond($0) }) {
        grown = min(grown, Self.beyond * Double(rate) + 10_000)
      }
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
    // When a link becomes narrow of a sudden most is lost, and each moment counts.
    let isHeavy = lost >= Self.manyLost && lost * 3 > told
    guard isHeavy || told >= Self.lossPackets && now - start >= Self.lossInterval else { return }
    let fraction = Double(lost) / Double(told)
    let elapsed = min(1, (now - start).seconds)
    (lost, told, lossAt) = (0, 0, now)
    let queueGrows = overAt.map { now - $0 < Self.afterCut } ?? false
    switch loss.judge(fraction, at: lossBased, queueGrows: queueGrows) {
    case .isTooMuch:
      let rate = newestArrival.flatMap { arrivedNow.bitsPerSecond($0) }.map(Double.init) ?? lossBased
      let cut = max(Self.least, min(lossBased, 1.2 * rate) * (1 - 0.5 * fraction))
      // A queue that grows is what the trend of the delay is for.
      lossBased = queueGrows ? max(min(lossBased, delayBased), cut) : cut
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
      failure = Self.afterFailure
      probeAt = max(probeAt, now + Self.probeInterval)
    } else {
      probeAt = max(probeAt, now + failure)
      failure = min(failure * 2, Self.longestFailure)
    }
  }
}
