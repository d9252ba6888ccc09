import Linux

/// How late packets come compared with the fastest of the last seconds, and the delay that 95 of 100 of them keep.
struct ArrivalDelay {
  /// The bins' width.
  static let bin = Interval.milliseconds(2)
  private static let bins = 160
  private static let quantile: Float = 0.95
  /// A sample's weight once many have come: the memory is about 600 packets, 12 s of sound.
  private static let smallestWeight: Float = 1 / 600
  /// The fastest packet is looked for within this and the same span before it: slow enough to see it, quick enough to follow a
  /// new path and the drift of two clocks.
  private static let window = Interval.seconds(5)

  private var histogram = [Float](repeating: 0, count: bins)
  private var samples: Float = 0
  private var windowStart: MonotonicTime?
  private var fastestNow = Int64.max
  private var fastestBefore = Int64.max

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
    let late = transit &- (fastest ?? transit)
    let index = Int(min(Int64(Self.bins - 1), max(0, late / Self.bin.microseconds)))
    samples = min(samples + 1, 1 / Self.smallestWeight)
    let weight = 1 / samples
    for position in histogram.indices { histogram[position] *= 1 - weight }
    histogram[index] += weight
  }

  /// The 0.95 quantile.
  var target: Interval {
    var sum: Float = 0
    for (index, share) in histogram.enumerated() {
      sum += share
      if sum >= Self.quantile { return Self.bin * Int64(index + 1) }
    }
    return Self.bin * Int64(Self.bins)
  }

  /// Forgets everything: another stream begins.
  mutating func reset() {
    self = ArrivalDelay()
  }
}
