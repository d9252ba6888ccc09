import Linux

/// Whether pictures go out while somebody watches. There is always one: the camera's, or one that says why there is none; so an encoder
/// that sends nothing is stuck, although the loop beside it turns.
struct EncoderPulse {
  /// Several times what lies between two pictures of a fault, and what it takes until the first of them.
  static let patience = Interval.seconds(5)

  private var watchedSince: MonotonicTime?
  private var lastPicture = MonotonicTime(microseconds: .min / 2)

  /// Somebody begins to watch, or nobody does any more.
  mutating func watch(_ isWatched: Bool, now: MonotonicTime) { watchedSince = isWatched ? watchedSince ?? now : nil }
  mutating func sent(_ now: MonotonicTime) { lastPicture = now }

  func isOverdue(_ now: MonotonicTime) -> Bool {
    watchedSince.map { now - max($0, lastPicture) > Self.patience } ?? false
  }
}
