import Glibc
import Linux
import Testing

@Suite struct MessageSocketTests {
  /// The next message without its descriptor.
  static func next(_ socket: MessageSocket) throws -> [UInt8]? {
    guard let received = try socket.receive() else { return nil }
    return received.bytes
  }

  @Test func messagesKeepTheirBoundsAndOrder() throws {
    let (a, b) = try MessageSocket.pair()
    #expect(a.send([1, 2, 3]) == .sent)
    #expect(a.send([4]) == .sent)
    #expect(try Self.next(b) == [1, 2, 3])
    #expect(try Self.next(b) == [4])
    #expect(try Self.next(b) == nil)
  }

  @Test func aDescriptorTravelsWithItsMessage() throws {
    let (a, b) = try MessageSocket.pair()
    let (c, d) = try MessageSocket.pair()
    #expect(a.send([1], descriptor: c.number) == .sent)
    guard var received = try b.receive(), let descriptor = received.descriptor.take() else {
      Issue.record("no message with a descriptor")
      return
    }
    let other = try MessageSocket(adopting: descriptor)
    #expect(other.send([42]) == .sent)
    #expect(try Self.next(d) == [42])
  }

  @Test func theLargestMessageFitsAndALongerOneIsRefused() throws {
    let (a, b) = try MessageSocket.pair()
    let largest = [UInt8](repeating: 7, count: MessageSocket.largestMessageBytes)
    #expect(a.send(largest) == .sent)
    #expect(try Self.next(b) == largest)
    #expect(a.send(largest + [7]) == .failed(SystemError("sendmsg", code: EMSGSIZE, about: "65537 bytes")))
  }

  @Test func aMessageLongerThanTheReadersMemoryIsAnError() throws {
    let (a, b) = try MessageSocket.pair()
    a.send([UInt8](repeating: 1, count: 100))
    withUnsafeTemporaryAllocation(byteCount: 10, alignment: 8) { memory in
      _ = #expect(throws: MessageSocket.ReceiveError.failed(SystemError("recvmsg", code: EMSGSIZE))) {
        try b.receive(into: PacketView(memory))
      }
    }
  }

  @Test func aSlowReaderMakesItFullAndAGoneOneClosed() throws {
    let (a, b) = try MessageSocket.pair(bufferBytes: 8_192)
    var sent = 0
    while a.send([UInt8](repeating: 0, count: 1_000)) == .sent, sent < 1_000 { sent += 1 }
    #expect((1..<20).contains(sent))
    for _ in 0..<sent { #expect(try Self.next(b) != nil) }
    #expect(a.send([1]) == .sent)
  }

  @Test func theEndOfTheOtherSideIsTold() throws {
    let (a, b) = try MessageSocket.pair()
    shutdown(a.number, Int32(SHUT_RDWR))
    #expect(b.send([1]) == .failed(SystemError("sendmsg", code: EPIPE)))
    #expect(throws: MessageSocket.ReceiveError.closed) { try Self.next(b) }
  }
}
