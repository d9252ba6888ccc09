import Glibc
import Linux
import Testing

@Suite struct UDPSocketTests {
  static func literal(_ text: String, _ port: UInt16 = 0) throws -> SocketAddress {
    try #require(SocketAddress(literal: text, port: port))
  }

  /// One loop turn after another until so many datagrams have come.
  static func receive(_ count: Int, _ socket: UDPSocket, into queue: DatagramQueue) throws {
    let loop = try EventLoop()
    var failure: (any Error)?
    var late = false
    let watch = try loop.watch(socket.number) {
      do { _ = try socket.receive(into: queue) } catch { failure = error }
    }
    loop.after(.seconds(10)) { late = true }
    while queue.count < count, failure == nil, !late { loop.turn(atMost: nil) }
    watch.cancel()
    if let failure { throw failure }
    #expect(queue.count == count)
  }

  static func send(_ texts: [String], _ socket: UDPSocket, _ route: DatagramQueue.Route) {
    let queue = DatagramQueue(capacity: max(1, texts.count))
    for text in texts {
      queue.append(to: route) { slot in
        var writer = ByteWriter(slot)
        writer.put(text.utf8)
        return writer.position
      }
    }
    socket.send(queue)
    #expect(queue.count == 0)
  }

  static let nowhere = SocketAddress(high: 0, low: 0, port: 0)

  @Test func aBatchArrivesInOrderWithItsRoutes() throws {
    let a = try UDPSocket(binding: Self.literal("127.0.0.1"))
    let b = try UDPSocket(binding: Self.literal("127.0.0.1"))
    let texts = (0..<150).map { "datagram \($0)" }
    Self.send(texts, a, .init(remote: b.local, local: Self.nowhere))
    let queue = DatagramQueue(capacity: 256)
    try Self.receive(150, b, into: queue)
    for index in 0..<150 {
      let (bytes, route) = try #require(queue[index])
      #expect(String(decoding: bytes.array, as: UTF8.self) == texts[index])
      #expect(route.remote == a.local)
      #expect(route.local == b.local)
    }
  }

  /// The wildcard socket answers from the address that was asked, not from the one the kernel would choose.
  @Test(arguments: ["127.0.0.1", "127.0.0.2", "127.9.9.9", "::1"])
  func theAnswerLeavesFromTheAddressThatWasAsked(asked: String) throws {
    let box = try UDPSocket(binding: SocketAddress(high: 0, low: 0, port: 0))
    let phone = try UDPSocket(binding: Self.literal(asked == "::1" ? "::1" : "127.0.0.1"))
    let address = try Self.literal(asked, box.local.port)
    Self.send(["hello"], phone, .init(remote: address, local: Self.nowhere))
    let queue = DatagramQueue(capacity: 4)
    try Self.receive(1, box, into: queue)
    let (_, route) = try #require(queue[0])
    #expect(route.local == address)
    #expect(route.remote == phone.local)

    Self.send(["answer"], box, route)
    let answers = DatagramQueue(capacity: 4)
    try Self.receive(1, phone, into: answers)
    let (bytes, back) = try #require(answers[0])
    #expect(String(decoding: bytes.array, as: UTF8.self) == "answer")
    #expect(back.remote == address)
  }

  @Test func aDatagramLongerThanASlotIsEmptyAndCounted() throws {
    let box = try UDPSocket(binding: Self.literal("127.0.0.1"))
    let sender = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    defer { close(sender) }
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_port = box.local.port.bigEndian
    name.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let long = [UInt8](repeating: 1, count: DatagramQueue.slotBytes + 1)
    let sent = withUnsafePointer(to: &name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        sendto(sender, long, long.count, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    #expect(sent == long.count)
    let queue = DatagramQueue(capacity: 4)
    try Self.receive(1, box, into: queue)
    #expect(queue[0]?.bytes.count == 0)
    #expect(box.truncated == 1)
  }

  @Test func oneThatCannotGoDoesNotHoldUpTheOthers() throws {
    let a = try UDPSocket(binding: Self.literal("127.0.0.1"))
    let b = try UDPSocket(binding: Self.literal("127.0.0.1"))
    let queue = DatagramQueue(capacity: 3)
    // 203.0.113.0/24 is for documentation; from a loopback address the kernel refuses to send there.
    let unreachable = try Self.literal("203.0.113.1", 9)
    for remote in [b.local, unreachable, b.local] {
      queue.append(to: .init(remote: remote, local: Self.nowhere)) { $0.set(0, UInt8(1)) ? 1 : 0 }
    }
    a.send(queue)
    #expect(a.unsent == 1)
    let received = DatagramQueue(capacity: 4)
    try Self.receive(2, b, into: received)
  }
}
