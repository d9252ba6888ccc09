import Linux

/// Consent checks on the selected route: each 5 s, spread by a fifth to both sides, each its own transaction that is not
/// repeated (RFC 7675 section 5.1).
struct ICEConsent {
  static let interval = Interval.seconds(5)
  /// As many as fit into the 30 s after which an answer is worth nothing.
  private static let maximumOutstanding = 8

  private(set) var lastHeard: MonotonicTime?
  private(set) var next = MonotonicTime(microseconds: .max)
  private var outstanding: [STUNTransactionID] = []

  mutating func begin(_ now: MonotonicTime) { next = now + Self.interval }

  /// `jitter` is in thousandths of the interval.
  mutating func sent(_ transactionID: STUNTransactionID, now: MonotonicTime, jitter: Int64) {
    if outstanding.count >= Self.maximumOutstanding { outstanding.removeFirst() }
    outstanding.append(transactionID)
    next = now + Interval(microseconds: Self.interval.microseconds / 1000 &* jitter)
  }

  /// Takes an answer; false if it is to none of the consent checks.
  mutating func answered(_ transactionID: STUNTransactionID, now: MonotonicTime) -> Bool {
    guard let index = outstanding.firstIndex(of: transactionID) else { return false }
    outstanding.remove(at: index)
    lastHeard = now
    return true
  }

  mutating func heard(_ now: MonotonicTime) { lastHeard = now }
}
