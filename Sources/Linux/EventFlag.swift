import CLinux
import Glibc

/// A descriptor that is readable from ``raise()`` to ``lower()``.
public struct EventFlag: ~Copyable, Sendable {
  private let event: Descriptor

  public var number: Int32 { event.number }

  public init() throws(SystemError) {
    let number = fb_eventfd()
    guard number >= 0 else { throw SystemError.last("eventfd") }
    event = Descriptor(adopting: number)
  }

  public func raise() { _ = eventfd_write(event.number, 1) }

  public func lower() {
    var count: eventfd_t = 0
    _ = eventfd_read(event.number, &count)
  }
}
