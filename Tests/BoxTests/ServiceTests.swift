import Configuration
import Glibc
import Links
import Linux
import TestSupport
import Testing

/// The box as a service: what its manager is told, and what outlives it there.
@Suite struct ServiceTests {
  @Test func itsManagerHearsThatItIsReadyThatItLivesAndThatItEnds() throws {
    let manager = try NotifySocket()
    let box = try Box(wrapper: ["/usr/bin/env", "NOTIFY_SOCKET=\(manager.path)", "WATCHDOG_USEC=100000"])
    try manager.wait(for: "its start and signs of life") {
      manager.told.filter { $0 == "WATCHDOG=1" }.count >= 3 && manager.told.contains("READY=1")
        && manager.told.contains { $0.hasPrefix("STATUS=ready") }
    }
    // A supervisor whose loop stands still gives none.
    box.send(SIGSTOP)
    let before = manager.told.count
    box.send(SIGCONT)
    try manager.wait(for: "another") { manager.told.count > before }
    box.send(SIGTERM)
    #expect(try box.waitForEnd() == .exited(code: 0))
    try manager.wait(for: "the end") { manager.told.contains("STATUS=stopping: SIGTERM") }
    #expect(manager.told.contains("STOPPING=1"))
    #expect(manager.told.filter { $0 == "READY=1" }.count == 1)
  }

  /// A service must not give up for a port: it says who stands in its way, and serves as soon as nobody does.
  @Test func itWaitsForAPortThatAnotherProgramHas() throws {
    let manager = try NotifySocket()
    let taken = try Sockets.listening(on: try #require(SocketAddress(literal: "127.0.0.1", port: 0))).release()
    let port = try Sockets.localAddress(taken).0.port
    let box = try Box(
      settings: ["network.https-port=\(port)"], wrapper: ["/usr/bin/env", "NOTIFY_SOCKET=\(manager.path)"],
      until: "fault: network: bind 127.0.0.1:\(port): Address already in use")
    let status = try box.wait(for: "the lamp") { $0.state == "fault" && $0.lamps["status"] == "red" }
    #expect(status.faults.map(\.what) == ["network"])
    #expect(status.httpsPort == 0)
    try manager.wait(for: "its start") { manager.told.contains("READY=1") }
    close(taken)
    let ready = try box.wait(for: "it to serve") { $0.readyAfterMilliseconds != nil && $0.faults.isEmpty }
    #expect(ready.httpsPort == Int(port))
    try manager.wait(for: "its sockets") { manager.names.count == 4 }
    box.send(SIGTERM)
    #expect(try box.waitForEnd() == .exited(code: 0))
  }

  @Test func whatIsWatchedByAnotherIsNotToldOf() throws {
    let manager = try NotifySocket()
    let box = try Box(
      wrapper: ["/usr/bin/env", "NOTIFY_SOCKET=\(manager.path)", "WATCHDOG_USEC=1000", "WATCHDOG_PID=1"])
    box.send(SIGTERM)
    #expect(try box.waitForEnd() == .exited(code: 0))
    try manager.wait(for: "the end") { manager.told.contains("STOPPING=1") }
    #expect(!manager.told.contains("WATCHDOG=1"))
  }

  /// kill -9 of the supervisor: nobody is refused meanwhile, and the next one is the same box.
  @Test(.enabled(if: Phone.isPossible, "curl is not installed"))
  func itsSocketsOutliveIt() throws {
    let manager = try NotifySocket()
    let directory = try ScratchDirectory()
    let first = try Box(in: directory, wrapper: ["/usr/bin/env", "NOTIFY_SOCKET=\(manager.path)"])
    try manager.wait(for: "its descriptors") { manager.names.count == 4 }
    #expect(manager.names.sorted() == ["http", "https", "media", "server-memory"])
    let before = try first.status()
    first.send(SIGKILL)
    #expect(try first.waitForEnd() == .signal(SIGKILL))

    // There is no box now, and whoever comes waits.
    let output = try ProcessOutput()
    var curl = Spawn(
      path: Phone.curl,
      arguments: [
        "curl", "--silent", "--show-error", "--fail", "--insecure", "--max-time", "\(Box.seconds)",
        "https://127.0.0.1:\(before.httpsPort)/api/box",
      ])
    curl.output = output.writing
    let pid = try LastingSpawn.start(curl)
    output.closeWriting()

    let names = ["media", "server-memory", "http", "https"]
    let numbers = try names.map { try #require(manager.descriptors[$0]).descriptor.number }
    let variables = "LISTEN_PID=$$ LISTEN_FDS=5 LISTEN_FDNAMES=\(names.joined(separator: ":")):stranger"
    let second = try Box(
      in: directory, wrapper: ["/bin/sh", "-c", "\(variables) exec \"$0\" \"$@\""],
      descriptors: numbers + [numbers[0]])
    let after = try second.status()
    #expect(after.httpsPort == before.httpsPort && after.httpPort == before.httpPort)
    #expect(after.mediaPort == before.mediaPort)
    #expect(output.waitForEnd(seconds: Int64(Box.seconds)))
    waitpid(pid, nil, 0)
    #expect(output.text.contains("\"protocol\""), "\(output.text)")
  }

  /// The calls too: media is another one, so they get new connections.
  @Test(.enabled(if: Phone.isPossible, "curl is not installed"))
  func aRingingCallOutlivesIt() throws {
    let manager = try NotifySocket()
    let stage = try Stage(wrapper: ["/usr/bin/env", "NOTIFY_SOCKET=\(manager.path)"])
    let ann = try stage.administrator()
    try manager.wait(for: "its descriptors") { manager.names.count == 4 }
    try ann.callTheBox()
    try stage.untilState("incoming")
    let call = ann.call?.id
    stage.box.send(SIGKILL)
    _ = try stage.box.waitForEnd()
    let names = ["media", "server-memory", "http", "https"]
    let numbers = try names.map { try #require(manager.descriptors[$0]).descriptor.number }
    let variables = "LISTEN_PID=$$ LISTEN_FDS=4 LISTEN_FDNAMES=\(names.joined(separator: ":"))"
    let second = try Box(
      in: stage.box.directory, wrapper: ["/bin/sh", "-c", "\(variables) exec \"$0\" \"$@\""], descriptors: numbers)
    try stage.until("the end of the stream") { !ann.isStreamOpen }
    try ann.openStream(resuming: true)
    try second.wait(for: "the call") { $0.state == "incoming" }
    #expect(ann.call?.id == call)
    try second.press(.call)
    ann.talk()
    try ann.untilCall(.connected)
    try stage.until("pictures") { (ann.media?.pictures.count ?? 0) >= 5 }
  }
}
