import Configuration
import Glibc
import Linux

/// The sockets that the supervisor opens and the children inherit, so that a restart refuses no connection.
final class Listeners {
  enum Name: String, CaseIterable { case https, http, media }

  private final class Socket {
    let descriptor: Descriptor
    let address: SocketAddress

    init(_ descriptor: consuming Descriptor) throws(SystemError) {
      address = try Sockets.localAddress(descriptor.number).0
      self.descriptor = descriptor
    }
  }

  private let box: BoxConfiguration
  private var sockets: [Name: Socket] = [:]
  /// Those that were made here: for the service manager to keep.
  private var made: [Name] = []
  /// What stands in the way of those that are missing.
  private(set) var fault: String?

  /// Takes over those that were passed on.
  init(_ box: BoxConfiguration, _ inherited: inout InheritedDescriptors) throws(SystemError) {
    self.box = box
    for name in Name.allCases {
      guard let descriptor = inherited.take(name.rawValue) else { continue }
      try descriptor.setNonBlocking()
      sockets[name] = try Socket(descriptor)
    }
  }

  /// Opens those that are missing. Throws what waiting does not heal, and, unless it `waits`, also what it may: a port that another
  /// program has, an address that is not there yet.
  func open(waits: Bool) throws(SystemError) {
    fault = nil
    for name in Name.allCases where sockets[name] == nil {
      do throws(SystemError) {
        sockets[name] = try make(name)
        made.append(name)
      } catch {
        guard waits, [EADDRINUSE, EADDRNOTAVAIL].contains(error.code) else { throw error }
        fault = "\(error)"
      }
    }
  }

  var isComplete: Bool { sockets.count == Name.allCases.count }

  private func make(_ name: Name) throws(SystemError) -> Socket {
    let port = name == .https ? box.httpsPort : name == .http ? box.httpPort : box.mediaPort
    guard let address = SocketAddress(literal: box.listen, port: UInt16(clamping: port)) else {
      throw SystemError("bind", code: EINVAL, about: box.listen)
    }
    return name == .media
      ? try Socket(try Sockets.datagram(on: address)) : try Socket(try Sockets.listening(on: address))
  }

  /// -1 while it is missing.
  func number(_ name: Name) -> Int32 { sockets[name]?.descriptor.number ?? -1 }
  /// 0 while it is missing.
  func port(_ name: Name) -> Int { sockets[name].map { Int($0.address.port) } ?? 0 }

  /// Leaves them with the service manager, so that they outlive this process.
  func store(with manager: ServiceManager) {
    for name in made { manager.store(number(name), as: name.rawValue) }
    made = []
  }

  /// Where a browser on this machine or on its network can open the box.
  func urls() -> [String] {
    guard let address = sockets[.https]?.address else { return [] }
    let isAny = address.high == 0 && (address.low == 0 || address.low == 0xffff_0000_0000)
    var addresses = isAny ? NetworkInterfaces.addresses().filter(\.isIPv4) : [address]
    if isAny { addresses.append(SocketAddress(ipv4: 0x7f00_0001, port: 0)) }
    let port = address.port == 443 ? "" : ":\(address.port)"
    return addresses.map { $0.isIPv4 ? "https://\($0.literal)\(port)/" : "https://[\($0.literal)]\(port)/" }
  }
}
