import Linux

/// When the samples of a sound card's stream are heard, evened out: the times that a card tells swing by a millisecond or two, its
/// samples do not. Times are in samples at 48 kHz on the monotonic clock.
struct SampleClock {
  /// Further off than this, the stream was interrupted and begins anew.
  private static let interruption = 720.0
  private static let slowest = 1.0 / 64

  private var expected: Double?
  private var gain = 1.0
  /// How far the times that are told swing, on average.
  private(set) var swing = 0.0

  static func samples(_ time: MonotonicTime) -> Double { Double(time.microseconds) * 0.048 }

  /// Takes the time of a block; gives the evened time of its first sample, and whether the stream goes on where it was.
  mutating func take(_ time: MonotonicTime, count: Int) -> (start: Double, goesOn: Bool) {
    let told = Self.samples(time)
    guard let expected, abs(told - expected) < Self.interruption else {
      expected = told + Double(count)
      gain = 1
      return (told, false)
    }
    // The mean of the first times, and later one that follows the card.
    gain = max(Self.slowest, gain / (1 + gain))
    swing += (abs(told - expected) - swing) * gain
    let start = expected + (told - expected) * gain
    self.expected = start + Double(count)
    return (start, true)
  }
}
