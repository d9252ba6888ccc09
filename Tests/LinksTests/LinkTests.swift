import Glibc
import Linux
import Testing

@testable import Links

/// A link on a loop, over a real socket pair.
@Suite struct LinkTests {
  typealias ServerEnd = Link<ControlCommand, ControlReport>

  /// Turns the loop until something holds; every turn waits for an event.
  private func turn(_ loop: EventLoop, until done: () -> Bool) {
    var turns = 0
    while !done(), turns < 10_000 {
      loop.turn(atMost: .seconds(10))
      turns += 1
    }
    #expect(done())
  }

  @Test func messagesArriveInOrderWithTheirDescriptor() throws {
    let loop = try EventLoop()
    let (near, far) = try MessageSocket.pair()
    let (left, right) = try MessageSocket.pair()
    var got: [ControlCommand] = []
    var passed: MessageSocket?
    let end = try ServerEnd(
      near, on: loop,
      receive: { (message: ControlCommand, descriptor: consuming Descriptor?) in
        got.append(message)
        // Swift 6.0 unwraps a noncopyable optional by taking only.
        if let descriptor = descriptor.take() { passed = try? MessageSocket(adopting: descriptor) }
      }, closed: { Issue.record("closed: \($0)") })
    far.send(try LinkCodec.encode(ControlCommand.ping(1)))
    far.send(try LinkCodec.encode(ControlCommand.mediaLink), descriptor: left.number)
    far.send(try LinkCodec.encode(ControlCommand.stop))
    turn(loop) { got.count == 3 }
    #expect(got == [.ping(1), .mediaLink, .stop])
    // The descriptor is that very socket.
    try #require(passed).send([1, 2, 3])
    #expect(try right.receive()?.bytes == [1, 2, 3])
    end.send(.ready)
    #expect(try LinkCodec.decode(ControlReport.self, from: far.receive()?.bytes ?? []) == .ready)
    end.close()
  }

  @Test func garbageIsCountedAndTheLinkGoesOn() throws {
    let loop = try EventLoop()
    let (near, far) = try MessageSocket.pair()
    var got: [ControlCommand] = []
    let end = try ServerEnd(
      near, on: loop, receive: { message, _ in got.append(message) }, closed: { Issue.record("closed: \($0)") })
    far.send(Array("garbage".utf8))
    far.send(Array("{\"v\":9,\"m\":{\"stop\":{}}}".utf8))
    far.send([UInt8](repeating: 0, count: LinkCodec.largestMessageBytes))
    far.send(try LinkCodec.encode(ControlCommand.stop))
    turn(loop) { got == [.stop] }
    #expect(end.refused == 3)
    #expect(end.isOpen)
  }

  @Test func theEndOfTheOtherSideIsToldOnce() throws {
    let loop = try EventLoop()
    var pair: (near: MessageSocket, far: MessageSocket?) = try MessageSocket.pair()
    var reasons: [String] = []
    var got = 0
    let end = try ServerEnd(pair.near, on: loop, receive: { _, _ in got += 1 }, closed: { reasons.append($0) })
    pair.far?.send(try LinkCodec.encode(ControlCommand.stop))
    pair.far = nil
    turn(loop) { !reasons.isEmpty }
    #expect(got == 1, "what it sent before still arrives")
    #expect(reasons.count == 1)
    #expect(!end.isOpen)
    end.send(.ready)
    #expect(reasons.count == 1)
  }

  @Test func whatTheOtherSideIsTooSlowForWaitsAndArrivesInOrder() throws {
    let loop = try EventLoop()
    let (near, far) = try MessageSocket.pair(bufferBytes: 4096)
    let end = try ServerEnd(near, on: loop, receive: { _, _ in }, closed: { Issue.record("closed: \($0)") })
    for n in 0..<500 { end.send(.pong(n, counters: [:])) }
    var got: [Int] = []
    turn(loop) {
      while let received = try? far.receive() {
        guard case .pong(let n, _) = try? LinkCodec.decode(ControlReport.self, from: received.bytes) else { break }
        got.append(n)
      }
      return got.count == 500
    }
    #expect(got == Array(0..<500))
  }

  @Test func aSideThatNeverReadsBreaksTheLink() throws {
    let loop = try EventLoop()
    let (near, far) = try MessageSocket.pair(bufferBytes: 4096)
    var reasons: [String] = []
    let end = try ServerEnd(near, on: loop, receive: { _, _ in }, closed: { reasons.append($0) })
    for n in 0..<5_000 where end.isOpen { end.send(.pong(n, counters: [:])) }
    #expect(reasons.count == 1)
    #expect(!end.isOpen)
    withExtendedLifetime(far) {}
  }
}
