import Linux

/// How unevenly packets come through: a high mark of how much later one group comes than the one before, that sinks slowly.
struct PathJitter {
  /// Below it a path is clean, in milliseconds: what the packets of one picture, a receiver's own clock and a busy air add.
  private static let clean = 25.0
  /// Of the mark, for each group of packets that came evenly; about 10 s to a tenth at 30 groups a second.
  private static let sinks = 0.992
  /// A leap, of a phone that changes its access point, is no jitter, in milliseconds.
  private static let leap = 400.0

  /// In milliseconds.
  private(set) var mark = 0.0

  /// A group of packets came so much later after the one before than it was sent after it, in milliseconds.
  mutating func add(_ variation: Double) {
    let size = min(abs(variation), Self.leap)
    // Not at once to the highest: the twentieth part of all may be above it.
    mark = size > mark ? mark + 0.3 * (size - mark) : mark * Self.sinks + size * (1 - Self.sinks)
  }

  /// What a receiver should hold pictures back for; zero on a clean path.
  var delay: Interval { mark < Self.clean ? .zero : .milliseconds(Int64(mark.rounded(.up))) }
}
