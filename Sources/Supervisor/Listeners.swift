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
  /// Those that were made here, by name: for the service manager to keep.
  private(set) var made: [String] = []

  /// Binds them, or takes over those that were passed on.
  init(_ box: BoxConfiguration, _ inherited: inout InheritedDescriptors) throws(SystemError) {
    var made: [String] = []
    func socket(_ name: String, _ port: Int, stream: Bool) throws(SystemError) -> Descriptor {
      if let descriptor = inherited.take(name) {
        try descriptor.setNonBlocking()
        return descriptor
      }
      made.append(name)
      guard let address = SocketAddress(literal: box.listen, port: UInt16(clamping: port)) else {
        throw SystemError("bind", code: EINVAL, about: box.listen)
      }
      return stream ? try Sockets.listening(on: address) : try Sockets.datagram(on: address)
    }
    https = try socket("https", box.httpsPort, stream: true)
    http = try socket("http", box.httpPort, stream: true)
    media = try socket("media", box.mediaPort, stream: false)
    self.made = made
    address = try Sockets.localAddress(https.number).0
    httpsPort = Int(address.port)
    httpPort = Int(try Sockets.localAddress(http.number).0.port)
    mediaPort = Int(try Sockets.localAddress(media.number).0.port)
  }

  /// Leaves them with the service manager, so that they outlive this process.
  func store(with manager: ServiceManager) {
    for name in made {
      manager.store(name == "https" ? https.number : name == "http" ? http.number : media.number, as: name)
    }
  }

  /// Where a browser on this machine or on its network can open the box.
  func urls() -> [String] {
    let isAny = address.high == 0 && (address.low == 0 || address.low == 0xffff_0000_0000)
    var addresses = isAny ? NetworkInterfaces.addresses().filter(\.isIPv4) : [address]
    if isAny { addresses.append(SocketAddress(ipv4: 0x7f00_0001, port: 0)) }
    let port = httpsPort == 443 ? "" : ":\(httpsPort)"
    return addresses.map { $0.isIPv4 ? "https://\($0.literal)\(port)/" : "https://[\($0.literal)]\(port)/" }
  }
}
