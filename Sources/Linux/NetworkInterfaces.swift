import Glibc

/// The addresses of this machine.
public enum NetworkInterfaces {
  /// Of interfaces that are up, IPv4 first, without link-local ones; loopback only where asked for.
  public static func addresses(loopback: Bool = false) -> [SocketAddress] {
    var list: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&list) == 0 else { return [] }
    defer { freeifaddrs(list) }
    var found: [SocketAddress] = []
    var next = list
    while let entry = next?.pointee {
      next = entry.ifa_next
      guard let name = entry.ifa_addr, entry.ifa_flags & UInt32(IFF_UP) != 0,
        loopback || entry.ifa_flags & UInt32(IFF_LOOPBACK) == 0, let address = Sockets.address(name),
        address.high >> 54 != 0xfe80 >> 6
      else { continue }
      found.append(address)
    }
    return found.filter(\.isIPv4) + found.filter { !$0.isIPv4 }
  }
}
