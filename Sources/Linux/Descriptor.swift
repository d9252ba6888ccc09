import Glibc

/// The one owner of a file descriptor, which closes it in the end.
public struct Descriptor: ~Copyable, Sendable {
  public let number: Int32

  /// Takes over an open descriptor.
  public init(adopting number: Int32) { self.number = number }

  deinit { close(number) }

  /// Gives the descriptor away without closing it.
  public consuming func release() -> Int32 {
    let number = self.number
    discard self
    return number
  }

  /// A second descriptor of the same thing.
  public func duplicate() throws(SystemError) -> Descriptor {
    let copy = fcntl(number, F_DUPFD_CLOEXEC, 3)
    guard copy >= 0 else { throw SystemError.last("fcntl(F_DUPFD_CLOEXEC)") }
    return Descriptor(adopting: copy)
  }

  /// Makes reads and writes return at once, and closes the descriptor on exec.
  public func setNonBlocking() throws(SystemError) {
    let flags = fcntl(number, F_GETFL)
    guard flags >= 0, fcntl(number, F_SETFL, flags | O_NONBLOCK) == 0, fcntl(number, F_SETFD, FD_CLOEXEC) == 0 else {
      throw SystemError.last("fcntl")
    }
  }
}
