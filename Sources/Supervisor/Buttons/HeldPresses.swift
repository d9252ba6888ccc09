import Links
import Linux

/// Presses that no server has said that it heard: they came while there was none, or it hung or died with them. They are for the
/// one that comes back.
struct HeldPresses: Sendable {
  /// An older one is not delivered any more: whoever pressed has given up.
  static let longestAge = Interval.seconds(5)
  static let most = 16

  private struct Held: Sendable {
    var press: Press
    var at: MonotonicTime
    var isSent: Bool
  }
  private var presses: [Held] = []

  /// Keeps the latest ``most``.
  mutating func hold(_ press: Press, at now: MonotonicTime, isSent: Bool = false) {
    presses.append(Held(press: press, at: now, isSent: isSent))
    if presses.count > Self.most { presses.removeFirst() }
  }

  /// The server has heard the oldest that it was sent.
  mutating func heard() {
    if let index = presses.firstIndex(where: \.isSent) { presses.remove(at: index) }
  }

  /// There is no server any more that could hear what it was sent.
  mutating func serverEnded() {
    for index in presses.indices { presses[index].isSent = false }
  }

  /// All that are to be delivered and are still wanted, oldest first.
  mutating func take(at now: MonotonicTime) -> [Press] {
    defer { presses.removeAll { !$0.isSent } }
    return presses.filter { !$0.isSent && now - $0.at < Self.longestAge }.map(\.press)
  }
}
