import Glibc
import Linux
import TestSupport
import Testing

/// The end of a service manager: what a box tells it, and what it leaves with it.
final class NotifySocket {
  let path: String
  private let directory: ScratchDirectory
  private let socket: MessageSocket
  private(set) var told: [String] = []
  /// In the order of their coming.
  private(set) var names: [String] = []
  private(set) var descriptors: [String: OwnedDescriptor] = [:]

  final class OwnedDescriptor {
    let descriptor: Descriptor
    init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }
  }

  init() throws {
    directory = try ScratchDirectory()
    path = "\(directory.path)/notify"
    let number = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    let descriptor = Descriptor(adopting: number)
    var name = sockaddr_un()
    name.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    try #require(number >= 0 && bytes.count < MemoryLayout.size(ofValue: name.sun_path))
    withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: bytes) }
    let bound = withUnsafeBytes(of: &name) {
      bind(number, $0.bindMemory(to: sockaddr.self).baseAddress, socklen_t(MemoryLayout<sockaddr_un>.size))
    }
    try #require(bound == 0)
    socket = try MessageSocket(adopting: descriptor)
  }

  /// Waits until a condition holds, reading what comes.
  func wait(for what: String, _ condition: () -> Bool) throws {
    let deadline = MonotonicTime.now() + .seconds(Int64(Box.seconds))
    while !condition() {
      let left = (deadline - .now()).milliseconds
      guard left > 0 else { throw Failure("waited \(Box.seconds) s for \(what); told: \(told)") }
      var entry = pollfd(fd: socket.number, events: Int16(POLLIN), revents: 0)
      poll(&entry, 1, Int32(clamping: left))
      while var received = try socket.receive() {
        let lines = String(decoding: received.bytes, as: UTF8.self).split(separator: "\n").map(String.init)
        told += lines
        guard let descriptor = received.descriptor.take() else { continue }
        let name = lines.first { $0.hasPrefix("FDNAME=") }.map { String($0.dropFirst(7)) } ?? ""
        names.append(name)
        descriptors[name] = OwnedDescriptor(descriptor)
      }
    }
  }
}
