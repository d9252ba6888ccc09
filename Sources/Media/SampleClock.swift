import Linux

/// When the samples of a sound card's stream are heard, and how fast its clock is, evened out: the times that a card tells swing by
/// a millisecond or two, its samples do not. Times are in samples at 48 kHz on the monotonic clock.
///
/// The straight line that fits all times best (least squares, found step by step), over the last 30 s.
struct SampleClock {
  /// Further off than this, the stream was interrupted and begins anew.
  private static let interruption = 720.0
  /// Before so many times, a card is taken to keep the time: it is nearer to it than the line would be.
  private static let fewest = 100.0
  private static let most = 1_500.0

  private var expected: Double?
  private var count = 0.0
  private var length = 0.0
  /// How far the times that are told swing, on average.
  private(set) var swing = 0.0
  /// By how much one sample takes longer than it should.
  private(set) var slowness = 0.0

  /// Whether enough is known for a time to be good to a part of a millisecond: after 1 s.
  var isSettled: Bool { count >= Self.fewest / 2 }

  /// How far ``slowness`` may be off; infinite at first.
  var uncertainty: Double {
    // The standard error of a line's slope, of the mean swing instead of the standard deviation.
    count >= Self.fewest ? 4.4 * swing / (length * count * count.squareRoot()) : .infinity
  }

  static func samples(_ time: MonotonicTime) -> Double { Double(time.microseconds) * 0.048 }

  /// Takes the time of a block; gives the evened time of its first sample, and whether the stream goes on where it was.
  mutating func take(_ time: MonotonicTime, count samples: Int) -> (start: Double, goesOn: Bool) {
    let told = Self.samples(time)
    length = max(1, Double(samples))
    guard let expected, abs(told - expected) < Self.interruption else {
      // The card stays what it is.
      count = min(count, 1)
      self.expected = told + length * (1 + slowness)
      return (told, false)
    }
    count = min(count + 1, Self.most)
    let error = told - expected
    var start = expected
    if count < Self.fewest {
      start += error / count
      swing += (abs(error) - swing) / count
    } else {
      start += error * 2 * (2 * count - 1) / (count * (count + 1))
      slowness += error / length * 6 / (count * (count + 1))
      swing += (abs(error) - swing) / Self.fewest
    }
    self.expected = start + length * (1 + slowness)
    return (start, true)
  }
}
