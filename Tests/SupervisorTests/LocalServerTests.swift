import Links
import Linux
import TestSupport
import Testing

@testable import Supervisor

@Suite struct LocalServerTests {
  final class Watcher {
    private var link: Link<LocalReply, LocalRequest>?
    private(set) var states: [String] = []

    init(_ path: String, on loop: EventLoop) throws {
      link = try Link(
        try LocalSocket.connect(to: path), on: loop,
        receive: { [unowned self] reply, _ in if case .status(let status) = reply { states.append(status.state) } },
        closed: { Issue.record("closed: \($0)") })
      link?.send(.watch)
    }
  }

  static let status = BoxStatus(
    name: "box", version: "1", board: "none", readyAfterMilliseconds: nil, uptimeSeconds: 0, isolated: false,
    httpsPort: 1, httpPort: 2, mediaPort: 3, urls: [], state: "starting", lamps: [:], children: [:], devices: [:],
    counters: [:])

  @Test func aButtonThatIsHeldByACommandThatDiesIsReleased() throws {
    let directory = try ScratchDirectory()
    let path = "\(directory.path)/socket"
    let loop = try EventLoop()
    var edges: [Bool] = []
    let server = try LocalServer(
      at: path, on: loop, status: { Self.status },
      answer: { request in
        if case .button(.call, let down) = request { edges.append(down) }
        return .done
      })
    var client: LocalClient? = try LocalClient(path: path)
    for down in [true, false, true] { try client?.send(.button(.call, down: down)) }
    #expect(CaptureTests.turn(loop) { edges.count == 3 })
    client = nil
    #expect(CaptureTests.turn(loop) { edges.count == 4 })
    #expect(edges == [true, false, true, false])
    server.close()
  }

  @Test func oneTooManyIsToldWhy() throws {
    let directory = try ScratchDirectory()
    let path = "\(directory.path)/socket"
    let loop = try EventLoop()
    let server = try LocalServer(at: path, on: loop, status: { Self.status }, answer: { _ in .done })
    var clients: [LocalClient] = []
    for _ in 0..<LocalServer.mostClients {
      let client = try LocalClient(path: path)
      try client.send(.stop)
      #expect(CaptureTests.turn(loop) { (try? client.next(seconds: 0)) == .done })
      clients.append(client)
    }
    let last = try LocalClient(path: path)
    loop.turn(atMost: .zero)
    do {
      #expect(try last.request(.status, seconds: 0) == .refused("too many are connected to the box already (32)"))
    } catch {
      #expect("\(error)" == "too many are connected to the box already (32)")
    }
    server.close()
  }

  @Test func eachWatcherIsToldWhatHasChangedSinceItsOwnLastStatus() throws {
    let directory = try ScratchDirectory()
    let path = "\(directory.path)/socket"
    let loop = try EventLoop()
    var status = Self.status
    let server = try LocalServer(at: path, on: loop, status: { status }, answer: { _ in .done })
    let first = try Watcher(path, on: loop)
    #expect(CaptureTests.turn(loop) { first.states.count == 1 })
    // The change that the second one begins with is news for the first one all the same.
    status.state = "ready"
    let second = try Watcher(path, on: loop)
    #expect(CaptureTests.turn(loop) { second.states.count == 1 })
    server.publish()
    #expect(CaptureTests.turn(loop) { first.states.count == 2 })
    // Time alone is none.
    status.uptimeSeconds = 1
    server.publish()
    status.state = "calling"
    server.publish()
    #expect(CaptureTests.turn(loop) { first.states.count >= 3 && second.states.count >= 2 })
    #expect(first.states == ["starting", "ready", "calling"])
    #expect(second.states == ["ready", "calling"])
    server.close()
  }
}
