import Glibc
import Linux

/// The clocks that simulated devices run by, so that tests can hand in their own.
public protocol DeviceClock: Sendable {
  func monotonic() -> MonotonicTime
  /// Wall time now, in microseconds since 1970.
  func wallMicroseconds() -> Int64
  /// A virtual clock moves on to `time` and says true; false means that the waiter has to sleep.
  func jump(to time: MonotonicTime) -> Bool
}

/// The clocks of the machine.
public struct SystemClock: DeviceClock {
  public init() {}
  public func monotonic() -> MonotonicTime { .now() }
  public func wallMicroseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) &* 1_000_000 &+ Int64(time.tv_nsec) / 1_000
  }
  public func jump(to time: MonotonicTime) -> Bool { false }
}
