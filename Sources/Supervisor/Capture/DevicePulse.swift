import Hardware
import Linux
import Synchronization

/// Shows other threads whether a thread's call into a driver is overdue: one that is stuck in the kernel cannot say so itself.
final class DevicePulse: Sendable {
  private static let resting = Int64.max
  /// When the call that is in the driver has to be back, on the monotonic clock.
  private let due = Atomic(resting)

  /// Makes a call that has to be back within a time.
  func call<Value>(
    within limit: Interval, _ body: () throws(DeviceError) -> Value
  ) throws(DeviceError) -> Value {
    due.store((MonotonicTime.now() + limit).microseconds, ordering: .relaxed)
    defer { due.store(Self.resting, ordering: .relaxed) }
    return try body()
  }

  func isOverdue(_ now: MonotonicTime) -> Bool { due.load(ordering: .relaxed) < now.microseconds }
}
