import Glibc
import Linux

/// The lock of a simulated device, with its plug and its stream: what a blocked call waits on, so that closing or unplugging
/// in another thread ends it. Everything else a device keeps is touched only inside ``locked(_:)``.
final class DeviceMonitor: @unchecked Sendable {
  private enum Stream { case closed, running, broken }

  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var plugged = true
  private var stream = Stream.closed
  private let clock: any DeviceClock

  init(clock: any DeviceClock) {
    self.clock = clock
    pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(changed, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(changed)
    pthread_mutex_destroy(mutex)
    changed.deallocate()
    mutex.deallocate()
  }

  /// Runs `body` as the only thread in the device. ``wait(until:)`` lets others in meanwhile.
  func locked<Result>(_ body: () throws(DeviceError) -> Result) throws(DeviceError) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body()
  }

  /// The same for what cannot fail.
  func always<Result>(_ body: () -> Result) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return body()
  }

  /// Begins the stream; inside the lock.
  func begin() throws(DeviceError) {
    guard plugged else { throw .gone }
    guard stream != .running else { throw .busy(by: nil) }
    stream = .running
  }

  /// Takes back ``begin()``; inside the lock.
  func end() { stream = .closed }

  /// Ends the stream and the call that waits in it, and runs `cleanUp` if there was one. Outside the lock.
  func close(_ cleanUp: () -> Void) {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    guard stream != .closed else { return }
    stream = .closed
    cleanUp()
    pthread_cond_broadcast(changed)
  }

  /// Pulls the plug or puts it back. A stream that was running stays broken until it is closed. Outside the lock.
  func plug(in plugged: Bool) {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    self.plugged = plugged
    if !plugged, stream == .running { stream = .broken }
    pthread_cond_broadcast(changed)
  }

  /// Outside the lock.
  var isPluggedIn: Bool { always { plugged } }

  /// Throws unless the stream runs; inside the lock.
  func check() throws(DeviceError) {
    switch stream {
    case .running: return
    case .broken: throw .gone
    case .closed: throw .closed
    }
  }

  /// Lets time pass to `deadline` on the monotonic clock; inside the lock.
  func wait(until deadline: MonotonicTime) throws(DeviceError) {
    try check()
    while clock.monotonic() < deadline {
      if !clock.jump(to: deadline) {
        var time = timespec(
          tv_sec: Int(deadline.microseconds / 1_000_000), tv_nsec: Int(deadline.microseconds % 1_000_000) * 1_000)
        pthread_cond_timedwait(changed, mutex, &time)
      }
      try check()
    }
  }
}
