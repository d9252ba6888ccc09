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
  /// Losses are looked at over so many packets at least, and so much time.
  private static let lossPackets = 20, lossInterval = Interval.milliseconds(200)
  /// One overuse shows in several reports; it is to count once.
  private static let cutInterval = Interval.milliseconds(300)

  var sent = SentPackets()
  private var trend = DelayTrend()
  private var arrived = RateMeter(window: .milliseconds(500))
  private var delayBased = Self.first
  private var lossBased = Self.first
  /// At which the last overuse came.
  private var edge: Double?
  private var grownAt: MonotonicTime?
  private var cutAt: MonotonicTime?
  private var lost = 0
  private var told = 0
  private var lossAt: MonotonicTime?
  /// Whether any report has come: without one nothing is known.
  private(set) var isActive = false

  var bitsPerSecond: Int { Int(min(delayBased, lossBased)) }

  /// Takes one report.
  /// - Returns: whether the estimate has become smaller.
  mutating func receive(_ report: RTCPTransportFeedback, now: MonotonicTime) -> Bool {
    isActive = true
    let before = bitsPerSecond
    report.forEachPacket { sequence, arrival in
      guard let packet = sent.take(sequence) else { return }
      told += 1
      guard let arrival else {
        lost += 1
        return
      }
      arrived.add(bytes: packet.bytes, now: now)
      trend.add(sent: packet.time, arrival: arrival)
    }
    adjust(now)
    judgeLoss(now)
    return bitsPerSecond < before
  }

  private mutating func adjust(_ now: MonotonicTime) {
    let elapsed = grownAt.map { min(1, max(0, (now - $0).seconds)) } ?? 0
    grownAt = now
    switch trend.usage {
    case .over:
      if let cutAt, now - cutAt < Self.cutInterval { return }
      cutAt = now
      let rate = arrived.bitsPerSecond(now).map(Double.init) ?? delayBased
      edge = rate
      delayBased = max(Self.least, min(delayBased, Self.cut * rate))
    case .under: break
    case .normal:
      if let edge, delayBased > 0.7 * edge, delayBased < 1.3 * edge {
        delayBased += Self.step * elapsed
      } else {
        if let edge, delayBased >= 1.3 * edge { self.edge = nil }
        delayBased *= 1 + Self.growth * elapsed
      }
      delayBased = min(Self.most, delayBased)
    }
  }

  private mutating func judgeLoss(_ now: MonotonicTime) {
    let start = lossAt ?? now
    lossAt = start
    guard told >= Self.lossPackets, now - start >= Self.lossInterval else { return }
    let fraction = Double(lost) / Double(told)
    let elapsed = min(1, (now - start).seconds)
    (lost, told, lossAt) = (0, 0, now)
    if fraction > 0.1 {
      let rate = arrived.bitsPerSecond(now).map(Double.init) ?? lossBased
      lossBased = max(Self.least, min(lossBased, 1.2 * rate) * (1 - 0.5 * fraction))
    } else if fraction < 0.02 {
      lossBased = min(Self.most, lossBased * (1 + Self.growth * elapsed))
    }
  }
}
