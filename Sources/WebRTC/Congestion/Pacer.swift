import Linux

/// How much may leave towards one peer at once (draft-ietf-rmcat-gcc-02 section 4): a burst, and after it at a multiple of what the way
/// takes, so that a key frame does not fill the queue on the way.
struct Pacer {
  /// Of the rate of the way.
  let factor: Double
  /// What the way takes in this time may leave at once.
  private static let burst = Interval.milliseconds(40)
  /// On the narrowest way two packets.
  private static let leastBurst = 2_400.0

  /// What has left and is not paid off, in bytes.
  private var debt = 0.0
  private var paidAt = MonotonicTime(microseconds: 0)

  init(factor: Double) { self.factor = factor }

  /// Bytes have left.
  /// - Parameter bitsPerSecond: of the way.
  mutating func sent(bytes: Int, bitsPerSecond: Int, now: MonotonicTime) {
    pay(bitsPerSecond, now)
    debt += Double(bytes)
  }

  private mutating func pay(_ bitsPerSecond: Int, _ now: MonotonicTime) {
    debt = max(0, debt - max(0, (now - paidAt).seconds) * bytesPerSecond(bitsPerSecond))
    paidAt = now
  }

  /// When the next packet may leave; not later than now if it may at once.
  func ready(bitsPerSecond: Int) -> MonotonicTime {
    let allowed = max(Self.leastBurst, Double(bitsPerSecond) / 8 * Self.burst.seconds)
    guard debt > allowed else { return paidAt }
    let wait = (debt - allowed) / bytesPerSecond(bitsPerSecond)
    return paidAt + .microseconds(Int64(min(wait, 10) * 1_000_000) + 1)
  }

  private func bytesPerSecond(_ bitsPerSecond: Int) -> Double { max(1, Double(bitsPerSecond) * factor / 8) }
}
