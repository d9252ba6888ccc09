import CLinux
import Glibc

/// A thread for what blocks or burns (capture, playback, encoding, hashing). It hands its results to the loop through a
/// ``Mailbox``.
public final class Worker {
  private var thread = pthread_t()
  private var joined = false

  private final class Start {
    let name: String
    let body: () -> Void
    init(_ name: String, _ body: @escaping () -> Void) {
      self.name = name
      self.body = body
    }
  }

  /// Starts the thread. `name` shows in `top` (15 bytes).
  public init(name: String, _ body: @escaping @Sendable () -> Void) throws(SystemError) {
    let start = Unmanaged.passRetained(Start(name, body))
    let code = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
        fb_set_name(start.name)
        start.body()
        return nil
      }, start.toOpaque())
    guard code == 0 else {
      start.release()
      throw SystemError("pthread_create", code: code, about: name)
    }
  }

  deinit { if !joined { pthread_detach(thread) } }

  /// Waits until the thread's body has returned.
  public func join() {
    guard !joined else { return }
    joined = true
    pthread_join(thread, nil)
  }

  /// The same for at most so long. False if it has not returned by then: it may be stuck in the kernel, and is left to itself
  /// when its owner lets go of it.
  public func join(within limit: Interval) -> Bool {
    if !joined { joined = fb_thread_join(thread, max(0, limit.microseconds)) == 0 }
    return joined
  }
}
