import CLinux
import Glibc

/// Tells when the wall clock is set, and by how much (timerfd_create(2), TFD_TIMER_CANCEL_ON_SET).
public final class ClockWatch {
  private let timer: Descriptor
  private var watch: EventLoop.Watch?
  private var offset = ClockWatch.offset()

  public init(on loop: EventLoop, _ wasSet: @escaping (Interval) -> Void) throws(SystemError) {
    let number = fb_clock_watch()
    guard number >= 0 else { throw SystemError.last("timerfd_create") }
    timer = Descriptor(adopting: number)
    watch = try loop.watch(number) { [weak self] in
      guard let self, fb_clock_was_set(timer.number) == 1 else { return }
      let now = Self.offset()
      let change = now - offset
      offset = now
      wasSet(change)
    }
  }

  deinit { watch?.cancel() }

  /// What the wall clock is ahead of the monotonic one.
  private static func offset() -> Interval {
    Interval(microseconds: WallTime.now().milliseconds &* 1_000 &- MonotonicTime.now().microseconds)
  }
}
