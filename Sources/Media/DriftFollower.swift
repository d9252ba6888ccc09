import Linux

/// Says how much faster than it comes a sound is to be played, so that its delay stays what it is to be though the sender's clock
/// and the speaker's differ. Gentle: nobody hears a thousandth.
struct DriftFollower {
  /// In millionths; also the pitch changes by as much.
  static let most = 1_000.0
  /// No quartz differs from another by more.
  private static let mostDrift = 500.0
  /// An error of 1 ms is made good by 50 millionths, within about 20 s.
  private static let proportion = 50.0
  private static let integration = 0.625
  /// Larger errors come of the network and say nothing about clocks.
  private static let largestDriftError = 6.0
  private static let block = 0.02

  private var error = 0.0
  private var drift = 0.0

  /// In millionths; positive plays faster.
  var correction: Double { min(max(drift + error * Self.proportion, -Self.most), Self.most) }

  /// Takes, with each block of 20 ms, by how much the delay is more than it should be.
  mutating func note(excess: Interval) {
    let milliseconds = min(max(Double(excess.microseconds) / 1_000, -100), 100)
    error += (milliseconds - error) * Self.block
    guard abs(error) < Self.largestDriftError else { return }
    drift = min(max(drift + error * Self.integration * Self.block, -Self.mostDrift), Self.mostDrift)
  }
}
