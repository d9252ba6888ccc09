import Linux

/// The bit rate of our own video by the loss that the receiver reports (the loss part of draft-ietf-rmcat-gcc-02 section 6), capped by
/// its REMB if it sends one.
public struct BitrateController: Sendable {
  public let minimum: Int
  public let maximum: Int
  private var wanted: Double
  /// What the receiver has asked for at most.
  public private(set) var cap = Int.max
  private var raisedAt: MonotonicTime?
  private var cutAt: MonotonicTime?

  /// Rates in bits per second.
  public init(minimum: Int = 300_000, start: Int = 1_500_000, maximum: Int = 2_500_000) {
    self.minimum = max(1, minimum)
    self.maximum = max(self.minimum, maximum)
    wanted = Double(min(max(start, self.minimum), self.maximum))
  }

  /// What the receiver and the sender allow, whatever the losses say.
  public var limit: Int { min(cap, maximum) }

  /// In bits per second, between `minimum` and `maximum`.
  public var bitsPerSecond: Int { min(max(min(Int(wanted), cap), minimum), maximum) }

  /// Takes the loss of one report interval, 0 to 1: below 2 % the rate grows by 8 % a second, above 10 % it is cut by half the loss.
  public mutating func receive(fractionLost: Double, now: MonotonicTime) {
    if fractionLost > 0.1 {
      // One loss shows in several reports; it is to count once.
      if let cutAt, now - cutAt < .milliseconds(300) { return }
      wanted = max(Double(minimum), Double(bitsPerSecond) * (1 - 0.5 * min(1, fractionLost)))
      cutAt = now
      raisedAt = now
    } else if fractionLost < 0.02 {
      let elapsed = raisedAt.map { max(0, min(1, (now - $0).seconds)) } ?? 0
      wanted = min(Double(maximum), wanted * (1 + 0.08 * elapsed))
      raisedAt = now
    } else {
      raisedAt = now
    }
  }

  /// Takes the receiver's own estimate.
  public mutating func receive(limit: UInt64) { cap = Int(clamping: limit) }
}
