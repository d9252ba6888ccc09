import Linux

/// Whether packets take much longer than they did at best of late: a queue that is full does not grow any more, and no trend shows it.
struct StandingDelay {
  /// Over the best, in microseconds.
  private static let long: Int64 = 100_000
  /// So many groups in a row.
  private static let groups = 3
  /// The best is forgotten after so long: the clocks of both sides drift, and ways change.
  private static let memory: Int64 = 10_000_000

  /// Of this while, and of the one before.
  private var best: (now: Int64, before: Int64)?
  private var since: Int64 = 0
  private var count = 0
  /// Over the best, smoothed, in milliseconds.
  private(set) var mean = 0.0

  var isLong: Bool { count >= Self.groups }

  /// - Parameters:
  ///   - delay: of a group of packets, by two clocks of which only the differences count, in microseconds.
  ///   - time: of its arrival.
  mutating func add(_ delay: Int64, at time: Int64) {
    guard var best else {
      self.best = (delay, delay)
      since = time
      return
    }
    if time - since > Self.memory {
      best = (delay, best.now)
      since = time
    }
    best.now = min(best.now, delay)
    self.best = best
    let over = delay - min(best.now, best.before)
    count = over > Self.long ? count + 1 : 0
    mean += 0.2 * (Double(over) / 1_000 - mean)
  }
}
