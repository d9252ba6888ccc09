import CLinux
import Glibc
import Synchronization

/// Tells a worker thread to end, also while it waits.
public final class StopSignal: Sendable {
  private let raised = Atomic(false)
  private let wakeUp: Descriptor

  public init() throws(SystemError) {
    let number = fb_eventfd()
    guard number >= 0 else { throw SystemError.last("eventfd") }
    wakeUp = Descriptor(adopting: number)
  }

  public var isRaised: Bool { raised.load(ordering: .acquiring) }

  public func raise() {
    raised.store(true, ordering: .releasing)
    poke()
  }

  /// Ends one present or next ``wait(atMost:reading:)`` without raising.
  public func poke() { eventfd_write(wakeUp.number, 1) }

  /// Waits until it is raised or poked, a descriptor (if not negative) can be read, or the time is over; nil waits for
  /// ever. True if the other end of the descriptor is closed: it can be read for ever then, and must not be waited for again.
  @discardableResult
  public func wait(atMost interval: Interval?, reading descriptor: Int32 = -1) -> Bool {
    var entries = (
      pollfd(fd: wakeUp.number, events: Int16(POLLIN), revents: 0),
      pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    )
    let milliseconds = interval.map { Int32(clamping: max(0, $0.milliseconds)) } ?? -1
    _ = withUnsafeMutableBytes(of: &entries) {
      poll($0.assumingMemoryBound(to: pollfd.self).baseAddress, 2, milliseconds)
    }
    var count: eventfd_t = 0
    if entries.0.revents != 0 { eventfd_read(wakeUp.number, &count) }
    return entries.1.revents & Int16(POLLHUP | POLLERR) != 0
  }
}
