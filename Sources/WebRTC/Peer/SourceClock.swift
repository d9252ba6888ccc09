import Linux

/// Says when a packet of a peer was captured, on our monotonic clock, by the peer's sender reports (RFC 3550 section 6.4.1). One
/// offset between the peer's clock and ours serves all its streams, so sound and pictures keep their distance.
struct SourceClock {
  private var reference: (timestamp: UInt32, time: MonotonicTime)?

  /// Takes a sender report. `offset` is the peer's, see ``PeerClock``.
  mutating func receive(_ info: SenderInfo, clock: inout PeerClock, now: MonotonicTime) {
    reference = (info.rtpTimestamp, clock.time(of: info.ntp, now: now))
  }

  /// Nil before the first report, and when the sender's report makes no sense.
  func time(of timestamp: UInt32, clockRate: UInt32, now: MonotonicTime) -> MonotonicTime? {
    guard let reference else { return nil }
    let ticks = Int64(Int32(bitPattern: timestamp &- reference.timestamp))
    let time = reference.time + Interval(microseconds: ticks * 1_000_000 / Int64(clockRate))
    let age = now - time
    return age > .seconds(-1) && age < .seconds(10) ? time : nil
  }
}

/// The offset between a peer's NTP clock and our monotonic one, taken once.
struct PeerClock {
  private var reference: (ntp: UInt64, time: MonotonicTime)?

  mutating func time(of ntp: UInt64, now: MonotonicTime) -> MonotonicTime {
    guard let reference else {
      self.reference = (ntp, now)
      return now
    }
    // 2^32 to the second: microseconds fit 64 bits for centuries once the fraction is cut to 20 bits.
    let difference = Int64(bitPattern: ntp &- reference.ntp) >> 12
    return reference.time
      + Interval(
        microseconds: difference / 1_048_576 &* 1_000_000
          &+ difference % 1_048_576 &* 1_000_000 / 1_048_576)
  }
}
