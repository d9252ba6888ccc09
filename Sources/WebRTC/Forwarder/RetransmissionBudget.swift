import Linux

/// How many packets one subscriber may get again: a burst, and a steady rate. What a peer asks for beyond that is no repair but
/// a flood.
struct RetransmissionBudget {
  static let burst: Int64 = 256
  /// Of one packet: 500 in a second.
  static let interval = Interval.milliseconds(2)

  /// When all that was spent is earned again.
  private var paidAt = MonotonicTime(microseconds: 0)

  /// Takes one packet out of the budget; false if it is used up.
  mutating func spend(_ now: MonotonicTime) -> Bool {
    let start = max(paidAt, now)
    guard start - now < Self.interval * Self.burst else { return false }
    paidAt = start + Self.interval
    return true
  }
}
