import Glibc

/// A point on the monotonic clock, in microseconds. Timers, RTP and pacing run on it: wall time jumps on a
/// board without a battery clock. Cores are handed one; only the loops read the clock.
public struct MonotonicTime: Comparable, Hashable, Sendable, Codable {
  /// Microseconds since an arbitrary start, the same for all processes of one boot.
  public var microseconds: Int64

  public init(microseconds: Int64) { self.microseconds = microseconds }

  /// Later than any other.
  public static let never = MonotonicTime(microseconds: .max)

  /// Reads CLOCK_MONOTONIC. Not for use in cores.
  public static func now() -> MonotonicTime {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return MonotonicTime(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
  }

  public static func < (a: MonotonicTime, b: MonotonicTime) -> Bool { a.microseconds < b.microseconds }
  public static func + (a: MonotonicTime, b: Interval) -> MonotonicTime {
    MonotonicTime(microseconds: a.microseconds &+ b.microseconds)
  }
  public static func - (a: MonotonicTime, b: Interval) -> MonotonicTime {
    MonotonicTime(microseconds: a.microseconds &- b.microseconds)
  }
  public static func - (a: MonotonicTime, b: MonotonicTime) -> Interval {
    Interval(microseconds: a.microseconds &- b.microseconds)
  }
}

/// A length of time in microseconds. `Duration` of the standard library is 128 bits wide and slow to do sums with on
/// the packet path.
public struct Interval: Comparable, Hashable, Sendable, Codable {
  public var microseconds: Int64

  public init(microseconds: Int64) { self.microseconds = microseconds }
  public static func microseconds(_ n: Int64) -> Interval { Interval(microseconds: n) }
  public static func milliseconds(_ n: Int64) -> Interval { Interval(microseconds: n &* 1_000) }
  public static func seconds(_ n: Int64) -> Interval { Interval(microseconds: n &* 1_000_000) }
  public static let zero = Interval(microseconds: 0)

  /// Whole milliseconds, rounded towards zero.
  public var milliseconds: Int64 { microseconds / 1_000 }
  /// Seconds with their fraction.
  public var seconds: Double { Double(microseconds) / 1_000_000 }

  public static func < (a: Interval, b: Interval) -> Bool { a.microseconds < b.microseconds }
  public static func + (a: Interval, b: Interval) -> Interval {
    Interval(microseconds: a.microseconds &+ b.microseconds)
  }
  public static func - (a: Interval, b: Interval) -> Interval {
    Interval(microseconds: a.microseconds &- b.microseconds)
  }
  public static func * (a: Interval, n: Int64) -> Interval { Interval(microseconds: a.microseconds &* n) }
}

/// Wall time in milliseconds since 1970: for people, certificates and logs, never for timers.
public struct WallTime: Comparable, Hashable, Sendable, Codable {
  public var milliseconds: Int64

  public init(milliseconds: Int64) { self.milliseconds = milliseconds }

  /// Reads CLOCK_REALTIME. Not for use in cores.
  public static func now() -> WallTime {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return WallTime(milliseconds: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
  }

  public static func < (a: WallTime, b: WallTime) -> Bool { a.milliseconds < b.milliseconds }
}
