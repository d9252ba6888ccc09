import CLinux
import Glibc

/// Making and asking IP sockets.
public enum Sockets {
  /// A TCP socket that listens, non-blocking; connections accepted from it send small writes at once.
  public static func listening(on address: SocketAddress, backlog: Int32 = 256) throws(SystemError) -> Descriptor {
    let descriptor = try bound(address, type: SOCK_STREAM)
    var on: Int32 = 1
    setsockopt(descriptor.number, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    guard listen(descriptor.number, backlog) == 0 else { throw SystemError.last("listen", about: "\(address)") }
    return descriptor
  }

  /// A UDP socket, for a child to inherit.
  public static func datagram(on address: SocketAddress) throws(SystemError) -> Descriptor {
    try bound(address, type: SOCK_DGRAM)
  }

  /// Where a socket is bound, and its family.
  public static func localAddress(_ number: Int32) throws(SystemError) -> (SocketAddress, family: Int32) {
    try name("getsockname") { getsockname(number, $0, $1) }
  }

  /// The other end of a connected socket.
  public static func remoteAddress(_ number: Int32) throws(SystemError) -> SocketAddress {
    try name("getpeername") { getpeername(number, $0, $1) }.0
  }

  private static func name(
    _ call: String, _ ask: (UnsafeMutablePointer<sockaddr>?, UnsafeMutablePointer<socklen_t>) -> Int32
  ) throws(SystemError) -> (SocketAddress, family: Int32) {
    var storage = sockaddr_in6()
    var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
    let (result, address) = withUnsafeMutableBytes(of: &storage) {
      let name = $0.bindMemory(to: sockaddr.self).baseAddress
      let result = ask(name, &length)
      return (result, name.flatMap { Self.address($0) })
    }
    guard result == 0 else { throw SystemError.last(call) }
    guard let address else { throw SystemError(call, code: EAFNOSUPPORT) }
    return (address, Int32(storage.sin6_family))
  }

  /// From the kernel's form; nil for other families than IPv4 and IPv6. The memory must be as long as its family says.
  static func address(_ name: UnsafePointer<sockaddr>) -> SocketAddress? {
    let raw = UnsafeRawPointer(name)
    switch Int32(name.pointee.sa_family) {
    case AF_INET:
      let v4 = raw.loadUnaligned(as: sockaddr_in.self)
      return SocketAddress(ipv4: UInt32(bigEndian: v4.sin_addr.s_addr), port: UInt16(bigEndian: v4.sin_port))
    case AF_INET6:
      let v6 = raw.loadUnaligned(as: sockaddr_in6.self)
      let high = raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
      let low = raw.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
      return SocketAddress(
        high: UInt64(bigEndian: high), low: UInt64(bigEndian: low), port: UInt16(bigEndian: v6.sin6_port),
        scope: v6.sin6_scope_id)
    default:
      return nil
    }
  }

  /// A bound socket, non-blocking and closed on exec. An IPv4 address gets an IPv4 socket; any other address a
  /// dual-stack one, and `::` falls back to IPv4 where the kernel has no IPv6.
  static func bound(_ address: SocketAddress, type: __socket_type) throws(SystemError) -> Descriptor {
    let isAny = address.high == 0 && address.low == 0
    if !address.isIPv4 {
      do {
        return try open(AF_INET6, type, address)
      } catch {
        guard isAny, [EAFNOSUPPORT, EADDRNOTAVAIL].contains(error.code) else { throw error }
      }
    }
    return try open(AF_INET, type, address)
  }

  private static func open(
    _ family: Int32, _ type: __socket_type, _ address: SocketAddress
  ) throws(SystemError) -> Descriptor {
    let flags = Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let number = socket(family, Int32(type.rawValue) | flags, 0)
    guard number >= 0 else { throw SystemError.last("socket") }
    let descriptor = Descriptor(adopting: number)
    var on: Int32 = 1
    var off: Int32 = 0
    let length = socklen_t(MemoryLayout<Int32>.size)
    if type == SOCK_STREAM { setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &on, length) }
    if family == AF_INET6 { setsockopt(number, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &off, length) }
    let result = withSocketName(address, family: family) { bind(number, $0, $1) }
    guard result == 0 else { throw SystemError.last("bind", about: "\(address)") }
    return descriptor
  }

  /// The kernel's form of an address.
  static func withSocketName<R>(
    _ address: SocketAddress, family: Int32, _ body: (UnsafePointer<sockaddr>?, socklen_t) -> R
  ) -> R {
    if family == AF_INET {
      var name = sockaddr_in()
      name.sin_family = sa_family_t(AF_INET)
      name.sin_port = address.port.bigEndian
      name.sin_addr.s_addr = address.ipv4.bigEndian
      return withUnsafeBytes(of: &name) {
        body($0.bindMemory(to: sockaddr.self).baseAddress, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    var name = sockaddr_in6()
    name.sin6_family = sa_family_t(AF_INET6)
    name.sin6_port = address.port.bigEndian
    name.sin6_scope_id = address.scope
    withUnsafeMutableBytes(of: &name.sin6_addr) {
      $0.storeBytes(of: address.high.bigEndian, toByteOffset: 0, as: UInt64.self)
      $0.storeBytes(of: address.low.bigEndian, toByteOffset: 8, as: UInt64.self)
    }
    return withUnsafeBytes(of: &name) {
      body($0.bindMemory(to: sockaddr.self).baseAddress, socklen_t(MemoryLayout<sockaddr_in6>.size))
    }
  }
}
