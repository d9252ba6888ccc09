import CVirtualClock
import Linux

/// The wall clock as C libraries see it through `gettimeofday`, for the calling thread. OpenSSL runs its DTLS retransmission on it.
public enum VirtualWallClock {
  /// Runs `body`, which moves the clock with `set`, and gives the thread its real clock back. `body` must not change threads.
  public static func during<R>(from start: MonotonicTime, _ body: () throws -> R) rethrows -> R {
    set(start)
    defer { virtual_clock_set(-1) }
    return try body()
  }

  /// Makes the wall clock show `time`, as if the monotonic clock had started in 1970.
  public static func set(_ time: MonotonicTime) { virtual_clock_set(max(0, time.microseconds)) }
}
