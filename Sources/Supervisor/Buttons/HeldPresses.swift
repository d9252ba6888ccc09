import Links
import Linux

/// Presses that came while there was no server to hear them, for the one that comes back.
struct HeldPresses: Sendable {
  /// An older one is not delivered any more: whoever pressed has given up.
  static let longestAge = Interval.seconds(5)
  static let most = 16

  private var presses: [(press: Press, at: MonotonicTime)] = []

  /// Keeps the latest ``most``.
  mutating func hold(_ press: Press, at now: MonotonicTime) {
    presses.append((press, now))
    if presses.count > Self.most { presses.removeFirst() }
  }

  /// All that are still wanted, oldest first; none is left.
  mutating func take(at now: MonotonicTime) -> [Press] {
    defer { presses = [] }
    return presses.filter { now - $0.at < Self.longestAge }.map(\.press)
  }
}
