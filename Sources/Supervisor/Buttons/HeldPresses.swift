import Links
import Linux

/// Presses that no server is known to have heard: they came while there was none, or were sent to one that has not answered since
/// and may hang. They are for the one that comes back.
struct HeldPresses: Sendable {
  /// An older one is not delivered any more: whoever pressed has given up.
  static let longestAge = Interval.seconds(5)
  static let most = 16

  private struct Held: Sendable {
    var press: Press
    var at: MonotonicTime
    /// The number of the last ping before it was sent; nil if it was not.
    var ping: Int?
  }
  private var presses: [Held] = []

  /// Whether there is one to deliver.
  var isWaiting: Bool { presses.contains { $0.ping == nil } }

  /// Keeps the latest ``most``.
  /// - Parameter ping: the number of the last ping, if it was sent after that.
  mutating func hold(_ press: Press, at now: MonotonicTime, sentAfter ping: Int? = nil) {
    presses.append(Held(press: press, at: now, ping: ping))
    if presses.count > Self.most { presses.removeFirst() }
  }

  /// The server has ended, and this ping is the last that it answered: what was sent after it may have been heard by nobody.
  mutating func serverEnded(answered ping: Int) {
    presses.removeAll { held in held.ping.map { $0 < ping } ?? false }
    for index in presses.indices { presses[index].ping = nil }
  }

  /// All that are to be delivered and are still wanted, oldest first.
  mutating func take(at now: MonotonicTime) -> [Press] {
    defer { presses.removeAll { $0.ping == nil } }
    return presses.filter { $0.ping == nil && now - $0.at < Self.longestAge }.map(\.press)
  }
}
