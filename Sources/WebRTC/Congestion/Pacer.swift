import Linux

/// How much may leave towards one peer at once (draft-ietf-rmcat-gcc-02 section 4): a burst, and after it as fast as the way takes and half
/// as fast again and more, so that a key frame does not fill the queue on the way. Only pictures wait for it; sound and what is
/// sent again count, and go at once.
struct Pacer {
  /// Of the rate of the way.
  private static let factor = 2.5
  /// What the way takes in this time may leave at once.
  private static let burst = Interval.milliseconds(40)
  /// On the narrowest way two packets.
  private static let leastBurst = 2_400.0

  /// What has left and is not paid off, in bytes.
  private var debt = 0.0
  private var paidAt = MonotonicTime(microseconds: 0)

  /// Bytes have left.
  /// - Parameter bitsPerSecond: of the way.
  mutating func sent(bytes: Int, bitsPerSecond: Int, now: MonotonicTime) {
    pay(bitsPerSecond, now)
    debt += Double(bytes)
  }

  private mutating func pay(_ bitsPerSecond: Int, _ now: MonotonicTime) {
    debt = max(0, debt - max(0, (now - paidAt).seconds) * Self.bytesPerSecond(bitsPerSecond))
    paidAt = now
  }

  /// When the next packet may leave; not later than now if it may at once.
  func ready(bitsPerSecond: Int) -> MonotonicTime {
    let allowed = max(Self.leastBurst, Double(bitsPerSecond) / 8 * Self.burst.seconds)
    guard debt > allowed else { return paidAt }
    let wait = (debt - allowed) / Self.bytesPerSecond(bitsPerSecond)
    return paidAt + .microseconds(Int64(min(wait, 10) * 1_000_000) + 1)
  }

  private static func bytesPerSecond(_ bitsPerSecond: Int) -> Double { max(1, Double(bitsPerSecond) * factor / 8) }
}
