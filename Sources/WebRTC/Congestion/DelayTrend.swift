import Linux

/// Whether a queue on the way grows: the trend of how much later each group of packets comes than the one before
/// (draft-ietf-rmcat-gcc-02 sections 5.1 to 5.4, with the slope of a line through the last groups as its filter).
struct DelayTrend {
  enum Usage: Equatable { case normal, over, under }

  /// Packets that leave within this time are one group.
  private static let burst = Interval.milliseconds(5)
  private static let groups = 20
  private static let smoothing = 0.9
  /// What makes of a slope what the threshold is compared with.
  private static let gain = 4.0
  private static let mostCounted = 60
  /// In milliseconds.
  private static let leastQueue = 10.0
  /// In milliseconds; it follows what is seen, faster down than up (section 5.4).
  private static let firstThreshold = 12.5, threshold = 6.0...600.0
  private static let up = 0.0087, down = 0.039
  /// So long the trend must be over the threshold.
  private static let overAfter = Interval.milliseconds(10)

  private struct Group {
    var firstSent: MonotonicTime
    var lastSent: MonotonicTime
    /// On the receiver's clock, in microseconds.
    var lastArrival: Int64
  }

  private var group: Group?
  private var before: Group?
  private var points: [(arrival: Double, delay: Double)] = []
  private var firstArrival: Int64?
  private var accumulated = 0.0
  private var smoothed = 0.0
  private var counted = 0
  private var limit = Self.firstThreshold
  private var limitAt: Int64?
  private var overSince: Int64?
  private var lastTrend = 0.0
  private var standing = StandingDelay()
  /// Whether the queue on the way is long, growing or not.
  var isQueueLong: Bool { standing.isLong }
  private(set) var usage = Usage.normal
  private(set) var jitter = PathJitter()

  init() { points.reserveCapacity(Self.groups + 1) }

  /// A packet arrived, in microseconds on the receiver's clock.
  mutating func add(sent: MonotonicTime, arrival: Int64) {
    guard var open = group else {
      group = Group(firstSent: sent, lastSent: sent, lastArrival: arrival)
      return
    }
    // Overtaken by a later group: says nothing.
    guard sent >= open.firstSent else { return }
    if sent - open.firstSent <= Self.burst {
      open.lastSent = max(open.lastSent, sent)
      open.lastArrival = max(open.lastArrival, arrival)
      group = open
      return
    }
    standing.add(open.lastArrival - open.lastSent.microseconds, at: open.lastArrival)
    if let before {
      let apart = Double(open.lastArrival - before.lastArrival) / 1_000
      let sentApart = Double((open.lastSent - before.lastSent).microseconds) / 1_000
      note(apart - sentApart, arrival: open.lastArrival, apart: sentApart)
    }
    if standing.isLong { usage = .over }
    before = open
    group = Group(firstSent: sent, lastSent: sent, lastArrival: arrival)
  }

  private mutating func note(_ variation: Double, arrival: Int64, apart: Double) {
    jitter.add(variation)
    counted = min(counted + 1, 1_000)
    accumulated += variation
    smoothed = Self.smoothing * smoothed + (1 - Self.smoothing) * accumulated
    let start = firstArrival ?? arrival
    firstArrival = start
    points.append((Double(arrival - start) / 1_000, smoothed))
    if points.count > Self.groups { points.removeFirst() }
    detect(slope ?? lastTrend, arrival: arrival)
  }

  /// Of the line through the points; nil while there are too few.
  private var slope: Double? {
    guard points.count == Self.groups else { return nil }
    let count = Double(points.count)
    let x = points.reduce(0) { $0 + $1.arrival } / count
    let y = points.reduce(0) { $0 + $1.delay } / count
    var (above, below) = (0.0, 0.0)
    for point in points {
      above += (point.arrival - x) * (point.delay - y)
      below += (point.arrival - x) * (point.arrival - x)
    }
    return below > 0 ? above / below : nil
  }

  private mutating func detect(_ trend: Double, arrival: Int64) {
    let modified = Double(min(counted, Self.mostCounted)) * trend * Self.gain
    // Jitter makes slopes too; a queue makes what comes late as well.
    if modified > limit, standing.mean > max(Self.leastQueue, jitter.mark) {
      let since = overSince ?? arrival
      overSince = since
      if arrival - since > Self.overAfter.microseconds, trend >= lastTrend { usage = .over }
    } else {
      overSince = nil
      usage = modified < -limit ? .under : .normal
    }
    lastTrend = trend
    adapt(abs(modified), arrival: arrival)
  }

  private mutating func adapt(_ size: Double, arrival: Int64) {
    let elapsed = limitAt.map { min(100, Double(arrival - $0) / 1_000) } ?? 0
    limitAt = arrival
    // A leap is no jitter.
    guard size <= limit + 15 else { return }
    let rate = size < limit ? Self.down : Self.up
    limit = min(max(limit + rate * (size - limit) * elapsed, Self.threshold.lowerBound), Self.threshold.upperBound)
  }
}
