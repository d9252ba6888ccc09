import Configuration
import Glibc
import Linux

/// The sockets that the supervisor opens and the children inherit, so that a restart refuses no connection.
final class Listeners {
  let https: Descriptor
  let http: Descriptor
  let media: Descriptor
  let httpsPort: Int
  let httpPort: Int
  let mediaPort: Int
  private let address: SocketAddress

  /// Binds them, or takes over those that systemd has passed on (sd_listen_fds(3)).
  init(_ box: BoxConfiguration) throws(SystemError) {
    var inherited = Self.inherited()
    func socket(_ name: String, _ port: Int, stream: Bool) throws(SystemError) -> Descriptor {
      if let number = inherited.removeValue(forKey: name) {
        let descriptor = Descriptor(adopting: number)
        try descriptor.setNonBlocking()
        return descriptor
      }
      guard let address = SocketAddress(literal: box.listen, port: UInt16(clamping: port)) else {
        throw SystemError("bind", code: EINVAL, about: box.listen)
      }
      return stream ? try Sockets.listening(on: address) : try Sockets.datagram(on: address)
    }
    https = try socket("https", box.httpsPort, stream: true)
    http = try socket("http", box.httpPort, stream: true)
    media = try socket("media", box.mediaPort, stream: false)
    address = try Sockets.localAddress(https.number).0
    httpsPort = Int(address.port)
    httpPort = Int(try Sockets.localAddress(http.number).0.port)
    mediaPort = Int(try Sockets.localAddress(media.number).0.port)
  }

  /// Where a browser on this machine or on its network can open the box.
  func urls() -> [String] {
    let isAny = address.high == 0 && (address.low == 0 || address.low == 0xffff_0000_0000)
    var addresses = isAny ? NetworkInterfaces.addresses().filter(\.isIPv4) : [address]
    if isAny { addresses.append(SocketAddress(ipv4: 0x7f00_0001, port: 0)) }
    let port = httpsPort == 443 ? "" : ":\(httpsPort)"
    return addresses.map { $0.isIPv4 ? "https://\($0.literal)\(port)/" : "https://[\($0.literal)]\(port)/" }
  }

  /// Descriptors by name (`https`, `http`, `media`); without names they count in this order.
  private static func inherited() -> [String: Int32] {
    func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
    guard let process = variable("LISTEN_PID").flatMap({ pid_t($0) }), process == getpid(),
      let count = variable("LISTEN_FDS").flatMap({ Int32($0) }), (1...3).contains(count)
    else { return [:] }
    let names = variable("LISTEN_FDNAMES")?.split(separator: ":").map(String.init) ?? []
    var found: [String: Int32] = [:]
    for index in 0..<count {
      let fallback = ["https", "http", "media"][Int(index)]
      let name = names.count == Int(count) ? names[Int(index)] : fallback
      found[name] = 3 + index
    }
    return found
  }
}
