import Linux

/// Says how much faster than it comes a sound is to be played, so that its delay stays what it is to be though the sender's clock
/// and the speaker's differ. Gentle: nobody hears a thousandth, nor, for a few seconds, four of them.
struct DriftFollower {
  /// In millionths; also the pitch changes by as much.
  static let most = 4_000.0
  /// No quartz differs from another by more.
  private static let mostDrift = 500.0
  /// An error of 1 ms is made good by 100 millionths, within about 10 s; a constant drift within 20 s, without swinging.
  private static let proportion = 100.0
  private static let integration = 2.5
  /// What an error has beyond this many milliseconds comes of a beginning or of another way through the network, and goes faster.
  private static let small = 3.0
  private static let hurry = 400.0
  /// Larger errors come of the network and say nothing about clocks.
  private static let largestDriftError = 6.0
  private static let block = 0.02
  /// A change of a millionth or two is not worth a new filter; nor is one each block.
  private static let smallestChange = 3.0
  private static let blocksBetweenChanges = 50

  private var error = 0.0
  private var drift = 0.0
  private var blocksSinceChange = 0

  /// How much faster than it comes the sound is to be played, in millionths.
  private(set) var correction = 0.0

  /// Takes, with each block of 20 ms, by how much the delay is more than it should be. Gives the correction when it has changed.
  mutating func note(excess: Interval) -> Double? {
    learn(excess)
    blocksSinceChange += 1
    let large = error - min(max(error, -Self.small), Self.small)
    let wanted = min(max(drift + error * Self.proportion + large * Self.hurry, -Self.most), Self.most)
    guard blocksSinceChange >= Self.blocksBetweenChanges, abs(wanted - correction) >= Self.smallestChange else {
      return nil
    }
    blocksSinceChange = 0
    correction = wanted
    return wanted
  }

  private mutating func learn(_ excess: Interval) {
    let milliseconds = min(max(Double(excess.microseconds) / 1_000, -100), 100)
    error += (milliseconds - error) * Self.block
    guard abs(error) < Self.largestDriftError else { return }
    drift = min(max(drift + error * Self.integration * Self.block, -Self.mostDrift), Self.mostDrift)
  }
}
