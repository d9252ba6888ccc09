import CLinux
import Glibc

/// Descriptors behind one, which is readable while any of them is or has ended. It stays the same while they come and go, so
/// whoever watches it need not be told.
public struct DescriptorGroup: ~Copyable, Sendable {
  private let epoll: Descriptor

  public var number: Int32 { epoll.number }

  public init() throws(SystemError) {
    let number = fb_epoll_create()
    guard number >= 0 else { throw SystemError.last("epoll_create1") }
    epoll = Descriptor(adopting: number)
  }

  /// The descriptor stays the caller's and must not be closed before ``remove(_:)``.
  public func add(_ number: Int32) throws(SystemError) {
    var event = epoll_event()
    event.events = FB_EPOLL_IN
    guard epoll_ctl(epoll.number, EPOLL_CTL_ADD, number, &event) == 0 else { throw SystemError.last("epoll_ctl") }
  }

  public func remove(_ number: Int32) { _ = epoll_ctl(epoll.number, EPOLL_CTL_DEL, number, nil) }
}
