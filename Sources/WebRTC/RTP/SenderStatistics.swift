import Linux

/// What a sender counts about one stream, its sender report, and what the receiver's reports say (RFC 3550 section 6.4).
public struct SenderStatistics: Sendable {
  public let ssrc: UInt32
  public let clockRate: Int

  public private(set) var packetsSent: UInt64 = 0
  /// Payload bytes.
  public private(set) var octetsSent: UInt64 = 0
  private var last: (timestamp: UInt32, at: MonotonicTime)?
  /// The last round trip measured; nil before the first report that answers one of ours.
  public private(set) var roundTrip: Interval?
  /// The receiver's last report.
  public private(set) var lastBlock: ReportBlock?
  /// Loss that the receiver reported for its last interval, 0 to 1.
  public var fractionLost: Double { Double(lastBlock?.fractionLost ?? 0) / 256 }

  public init(ssrc: UInt32, clockRate: Int) {
    self.ssrc = ssrc
    self.clockRate = clockRate
  }

  /// - Parameter capturedAt: when what the timestamp stands for happened.
  public mutating func sent(timestamp: UInt32, payloadBytes: Int, capturedAt: MonotonicTime) {
    packetsSent &+= 1
    octetsSent &+= UInt64(max(0, payloadBytes))
    last = (timestamp, capturedAt)
  }

  /// The sender's part of the next report; nil before anything was sent.
  public func report(clock: NTPClock, now: MonotonicTime) -> SenderInfo? {
    guard let last else { return nil }
    let elapsed = max(-60_000_000, min(60_000_000_000, (now - last.at).microseconds))
    let ticks = elapsed * Int64(clockRate) / 1_000_000
    return SenderInfo(
      ssrc: ssrc, ntp: clock.ntp(at: now), rtpTimestamp: last.timestamp &+ UInt32(truncatingIfNeeded: ticks),
      packetCount: UInt32(truncatingIfNeeded: packetsSent), octetCount: UInt32(truncatingIfNeeded: octetsSent))
  }

  /// Takes a report block about this stream and measures the round trip from it.
  public mutating func receive(_ block: ReportBlock, clock: NTPClock, now: MonotonicTime) {
    lastBlock = block
    guard block.lastSenderReport != 0 else { return }
    let ticks = clock.middle(at: now) &- block.lastSenderReport &- block.delaySinceLastSenderReport
    // Rounding may take it a little below zero; more than a minute is a lie.
    let signed = Int64(Int32(bitPattern: ticks))
    guard signed >= -655, signed <= 65_536 * 60 else { return }
    roundTrip = .microseconds(max(0, signed) * 1_000_000 / 65_536)
  }
}
