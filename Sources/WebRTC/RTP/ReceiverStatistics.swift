import Linux

/// What a receiver counts about one stream, and the report block it sends (RFC 3550 section 6.4.1 and appendix A).
public struct ReceiverStatistics: Sendable {
  public let ssrc: UInt32
  /// Ticks of the stream's timestamps in a second.
  public let clockRate: Int

  public private(set) var packetsReceived: UInt64 = 0
  /// Interarrival jitter in timestamp units, in 1/16 (appendix A.8).
  private var jitter16: Int64 = 0
  private var first: Int64?
  private var highest: Int64 = 0
  private var expectedBefore: Int64 = 0
  private var receivedBefore: UInt64 = 0
  private var transit: Int64?
  private var lastTimestamp: UInt32 = 0
  private var lastSenderReport: (middle: UInt32, at: MonotonicTime)?
  /// Loss of the last report interval, 0 to 1.
  public private(set) var fractionLost = 0.0

  public init(ssrc: UInt32, clockRate: Int) {
    self.ssrc = ssrc
    self.clockRate = clockRate
  }

  /// Highest sequence number with its cycles.
  public var extendedHighest: UInt32 { UInt32(truncatingIfNeeded: highest) }
  /// In timestamp units.
  public var jitter: UInt32 { UInt32(truncatingIfNeeded: jitter16 >> 4) }
  /// Packets expected but not received; negative when duplicates outweigh the loss.
  public var cumulativeLost: Int64 {
    guard let first else { return 0 }
    return highest - first + 1 - Int64(clamping: packetsReceived)
  }

  public mutating func receive(sequence: UInt16, timestamp: UInt32, now: MonotonicTime) {
    packetsReceived &+= 1
    guard first != nil else {
      first = Int64(sequence)
      highest = Int64(sequence)
      measureJitter(timestamp, now)
      return
    }
    let ahead = sequence.distance(after: UInt16(truncatingIfNeeded: highest))
    // Far away on either side: the sender started anew (appendix A.1 names 3000 packets ahead).
    if ahead > 3000 || ahead < -3000 { return restart(at: sequence, timestamp, now) }
    if ahead > 0 { highest += Int64(ahead) }
    measureJitter(timestamp, now)
  }

  private mutating func restart(at sequence: UInt16, _ timestamp: UInt32, _ now: MonotonicTime) {
    // What was lost before stays lost, this packet being counted already; the numbering goes on from here.
    let lost = cumulativeLost + 1
    highest = (highest | 0xffff) + 1 + Int64(sequence)
    first = highest + 1 - Int64(clamping: packetsReceived) - lost
    transit = nil
    measureJitter(timestamp, now)
  }

  private mutating func measureJitter(_ timestamp: UInt32, _ now: MonotonicTime) {
    // Split, so that days of microseconds times the clock rate stay within 64 bits.
    let micro = now.microseconds
    let rate = Int64(clockRate)
    let arrival = micro / 1_000_000 &* rate &+ micro % 1_000_000 &* rate / 1_000_000
    let transitNow = Int64(Int32(truncatingIfNeeded: arrival &- Int64(timestamp)))
    // Packets of one frame share a timestamp and leave one after another: only the first tells about the network.
    guard let transit, timestamp != lastTimestamp else {
      if transit == nil { (self.transit, lastTimestamp) = (transitNow, timestamp) }
      return
    }
    (self.transit, lastTimestamp) = (transitNow, timestamp)
    let difference = abs(Int64(Int32(truncatingIfNeeded: transitNow &- transit)))
    jitter16 += difference - (jitter16 + 8) >> 4
  }

  /// Notes a sender report of this stream.
  public mutating func receive(_ info: SenderInfo, now: MonotonicTime) {
    lastSenderReport = (info.ntpMiddle, now)
  }

  /// The block for the next report; it closes the interval that its fraction is about.
  public mutating func reportBlock(now: MonotonicTime) -> ReportBlock {
    let expected = first.map { highest - $0 + 1 } ?? 0
    let expectedNow = expected - expectedBefore
    let lostNow = expectedNow - Int64(clamping: packetsReceived - receivedBefore)
    expectedBefore = expected
    receivedBefore = packetsReceived
    fractionLost = expectedNow > 0 && lostNow > 0 ? Double(lostNow) / Double(expectedNow) : 0
    var block = ReportBlock(ssrc: ssrc, extendedHighest: extendedHighest, jitter: jitter)
    block.fractionLost = UInt8(min(255, fractionLost * 256))
    block.cumulativeLost = Int32(min(0x7f_ffff, max(-0x80_0000, cumulativeLost)))
    if let last = lastSenderReport {
      block.lastSenderReport = last.middle
      let delay = max(0, min((now - last.at).microseconds, 60_000_000_000))
      block.delaySinceLastSenderReport = UInt32(truncatingIfNeeded: delay << 16 / 1_000_000)
    }
    return block
  }
}
