import Linux

/// NTP time for one call's sender reports: taken once from the wall clock, then run on the monotonic one, so that a jump of wall time
/// never tears sound and picture apart.
public struct NTPClock: Equatable, Sendable {
  private let base: UInt64
  private let start: MonotonicTime

  /// - Parameters:
  ///   - wall: wall time at the moment `start`.
  public init(wall: WallTime, at start: MonotonicTime) {
    self.start = start
    // Seconds from 1900 to 1970.
    let seconds = wall.milliseconds / 1000 &+ 2_208_988_800
    let fraction = UInt64(bitPattern: wall.milliseconds % 1000) & 0x3ff
    base = UInt64(bitPattern: seconds) << 32 &+ (fraction << 32) / 1000
  }

  /// 64-bit NTP time: seconds since 1900 above, fraction below.
  public func ntp(at now: MonotonicTime) -> UInt64 {
    let elapsed = (now - start).microseconds
    let seconds = elapsed / 1_000_000
    let fraction = (elapsed % 1_000_000) << 32 / 1_000_000
    return base &+ UInt64(bitPattern: seconds) << 32 &+ UInt64(bitPattern: fraction)
  }

  /// The middle 32 bits, which reports carry.
  public func middle(at now: MonotonicTime) -> UInt32 { UInt32(truncatingIfNeeded: ntp(at: now) >> 16) }
}
