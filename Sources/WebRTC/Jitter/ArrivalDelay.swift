import Linux

/// How late packets come compared with the fastest of the last seconds, and the delay that 95 of 100 of them keep.
struct ArrivalDelay {
  /// The bins' width.
  static let bin = Interval.milliseconds(2)
  private static let bins = 160
  private static let quantile: Float = 0.95
  /// The memory is about so many packets, 12 s of sound.
  private static let memory: Float = 600
  /// The fastest packet is looked for within this and the same span before it: slow enough to see it, quick enough to follow a
  /// new path and the drift of two clocks.
  private static let window = Interval.seconds(5)
  /// What stays too late for so long is not late: the sender's clock stood still, as when a phone holds up its capture.
  private static let longestBreak = Interval.milliseconds(200)

  /// Newer samples weigh more, which spares scaling all the old ones each time.
  private var histogram = [Float](repeating: 0, count: bins)
  private var total: Float = 0
  private var weight: Float = 1
  private var samples: Float = 0
  /// The 0.95 quantile of the lateness, rounded up to a bin.
  private(set) var target = Interval.zero
  private var windowStart: MonotonicTime?
  private var fastestNow = Int64.max
  private var fastestBefore = Int64.max
  /// When packets began to be too late for any delay to save, and the least transit since.
  private var breakStart: MonotonicTime?
  private var leastInBreak = Int64.max

  /// Arrival minus media time of the fastest packet, in microseconds; nil before the first.
  var fastest: Int64? {
    let least = min(fastestNow, fastestBefore)
    return least == .max ? nil : least
  }

  /// - Parameter mediaTime: the packet's timestamp as microseconds on the sender's clock.
  mutating func add(mediaTime: Int64, arrival: MonotonicTime) {
    let transit = arrival.microseconds &- mediaTime
    if let start = windowStart {
      if arrival - start >= Self.window {
        fastestBefore = fastestNow
        fastestNow = transit
        windowStart = arrival
      }
    } else {
      windowStart = arrival
    }
    fastestNow = min(fastestNow, transit)
    let late = Interval.microseconds(max(0, transit &- (fastest ?? transit)))
    // What no delay could save is a break, not jitter: waiting longer would not help.
    guard late.microseconds / Self.bin.microseconds < Int64(Self.bins) else { return noteBreak(transit, arrival) }
    breakStart = nil
    record(Int(late.microseconds / Self.bin.microseconds))
  }

  private mutating func noteBreak(_ transit: Int64, _ arrival: MonotonicTime) {
    if breakStart == nil { leastInBreak = .max }
    let start = breakStart ?? arrival
    leastInBreak = min(leastInBreak, transit)
    breakStart = start
    guard arrival - start >= Self.longestBreak else { return }
    (fastestNow, fastestBefore, windowStart, breakStart) = (leastInBreak, .max, arrival, nil)
  }

  private mutating func record(_ index: Int) {
    samples += 1
    // Until the memory is full all samples weigh the same, so the first ones do not count too much.
    if samples > Self.memory { weight *= 1 + 1 / Self.memory }
    histogram[index] += weight
    total += weight
    if weight > 1e6 {
      for position in histogram.indices { histogram[position] /= weight }
      total /= weight
      weight = 1
    }
    var sum: Float = 0
    var bin = 0
    while bin < Self.bins - 1 {
      sum += histogram[bin]
      if sum >= Self.quantile * total { break }
      bin += 1
    }
    target = Self.bin * Int64(bin + 1)
  }

  /// Forgets everything: another stream begins.
  mutating func reset() {
    self = ArrivalDelay()
  }
}
