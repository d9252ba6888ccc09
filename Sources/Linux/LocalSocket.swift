import Glibc

/// A named SOCK_SEQPACKET socket of this machine, for the command line to reach the supervisor.
public enum LocalSocket {
  /// Listens on a path that only the owner may use. An older socket file there is replaced: the caller holds a lock.
  public static func listening(at path: String, backlog: Int32 = 16) throws(SystemError) -> Descriptor {
    let descriptor = try open()
    unlink(path)
    // The mode of the file comes from the umask, and there is no moment at which others could connect.
    let before = umask(0o177)
    let result = try withName(path) { bind(descriptor.number, $0, $1) }
    let code = errno
    umask(before)
    guard result == 0 else { throw SystemError("bind", code: code, about: path) }
    guard listen(descriptor.number, backlog) == 0 else { throw SystemError.last("listen", about: path) }
    try descriptor.setNonBlocking()
    return descriptor
  }

  /// The next connection, nil if none waits.
  public static func accept(_ listener: borrowing Descriptor) throws(SystemError) -> MessageSocket? {
    let number = Glibc.accept(listener.number, nil, nil)
    guard number >= 0 else {
      if [EAGAIN, EINTR, ECONNABORTED].contains(errno) { return nil }
      throw SystemError.last("accept")
    }
    return try MessageSocket(adopting: Descriptor(adopting: number))
  }

  /// Connects to a path; ENOENT or ECONNREFUSED when nobody listens there.
  public static func connect(to path: String) throws(SystemError) -> MessageSocket {
    let descriptor = try open()
    let result = try withName(path) { Glibc.connect(descriptor.number, $0, $1) }
    guard result == 0 else { throw SystemError.last("connect", about: path) }
    return try MessageSocket(adopting: descriptor)
  }

  /// Connects to a socket that takes datagrams; one whose name begins with `@` has no file (unix(7), abstract).
  static func connect(toDatagrams path: String) throws(SystemError) -> MessageSocket {
    let descriptor = try open(SOCK_DGRAM)
    let result = try withName(path) { Glibc.connect(descriptor.number, $0, $1) }
    guard result == 0 else { throw SystemError.last("connect", about: path) }
    return try MessageSocket(adopting: descriptor)
  }

  private static func open(_ type: __socket_type = SOCK_SEQPACKET) throws(SystemError) -> Descriptor {
    let number = socket(AF_UNIX, Int32(type.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard number >= 0 else { throw SystemError.last("socket") }
    return Descriptor(adopting: number)
  }

  /// The kernel's form of a path. One that is longer than the 107 bytes that fit is reached through a descriptor of
  /// its directory.
  private static func withName(
    _ path: String, _ body: (UnsafePointer<sockaddr>?, socklen_t) -> Int32
  ) throws(SystemError) -> Int32 {
    var name = sockaddr_un()
    name.sun_family = sa_family_t(AF_UNIX)
    let room = MemoryLayout.size(ofValue: name.sun_path) - 1
    var bytes = Array(path.utf8)
    var directory: Descriptor?
    if bytes.count > room, let slash = path.lastIndex(of: "/") {
      let number = Glibc.open(String(path[..<slash]), O_DIRECTORY | O_CLOEXEC)
      guard number >= 0 else { throw SystemError.last("open", about: path) }
      directory = Descriptor(adopting: number)
      bytes = Array("/proc/self/fd/\(number)\(path[slash...])".utf8)
    }
    guard bytes.count <= room else { throw SystemError("bind", code: ENAMETOOLONG, about: path) }
    var length = MemoryLayout<sockaddr_un>.size
    if bytes.first == UInt8(ascii: "@") {
      bytes[0] = 0
      length = MemoryLayout<sa_family_t>.size + bytes.count
    }
    withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: bytes) }
    let result = withUnsafeBytes(of: &name) {
      body($0.bindMemory(to: sockaddr.self).baseAddress, socklen_t(length))
    }
    let code = errno
    _ = consume directory
    errno = code
    return result
  }
}
