import Configuration
import Glibc
import Links
import Linux
import TestSupport
import Testing

/// The supervisor and its children as real processes.
@Suite struct SupervisionTests {
  /// Short bounds, yet far above what a healthy child needs on a busy machine.
  static let quick = ["supervision.heartbeat-milliseconds=300", "supervision.missed-heartbeats=3"]

  @Test func becomesReadyAndTellsItsStatus() throws {
    let box = try Box(settings: ["box.name=Camp 7"])
    let status = try box.wait(for: "the server's first state") { $0.state == "nobodyReachable" }
    #expect(status.name == "Camp 7")
    #expect(status.readyAfterMilliseconds != nil)
    #expect(Set(status.children.keys) == ["server", "media"])
    #expect(status.children.values.allSatisfy { $0.state == "running" && $0.pid > 0 && $0.restarts == 0 })
    #expect([status.httpsPort, status.httpPort, status.mediaPort].allSatisfy { $0 > 0 })
    #expect(status.urls == ["https://127.0.0.1:\(status.httpsPort)/"])
    #expect(Set(status.devices.keys) == ["camera", "microphone", "speaker"])
    #expect(status.lamps.keys.sorted() == ["call", "status", "talk"])
  }

  @Test func theStatusCommandSpeaksToPeopleAndPrograms() throws {
    let box = try Box()
    let text = try box.command("status")
    #expect(text.exit == .exited(code: 0))
    #expect(text.text.contains("state       ready"))
    #expect(text.text.contains("lamps       STATUS "))
    let json = try box.command("status", "--json")
    #expect(json.exit == .exited(code: 0))
    #expect(json.text.hasPrefix("{\"board\":\"simulated board\",\"children\":{"))
    #expect(json.text.hasSuffix("}\n"))
  }

  @Test(arguments: ["server", "media"]) func aChildThatDiesIsStartedAgain(child: String) throws {
    let box = try Box()
    let other = child == "server" ? "media" : "server"
    let pid = try box.pid(of: child)
    let otherPid = try box.pid(of: other)
    kill(pid, SIGKILL)
    let status = try box.wait(for: "\(child) to run again") {
      $0.children[child]?.state == "running" && $0.children[child]?.restarts == 1
    }
    #expect(status.children[child]?.pid != Int(pid))
    #expect(status.children[child]?.lastEnd == "signal SIGKILL")
    #expect(status.children[other].map { $0.pid == Int(otherPid) && $0.restarts == 0 } == true)
    try box.wait(for: "the usual state") { $0.state == "nobodyReachable" }
  }

  @Test(arguments: ["server", "media"]) func aChildThatHangsIsKilledAndStartedAgain(child: String) throws {
    let box = try Box(settings: Self.quick)
    kill(try box.pid(of: child), SIGSTOP)
    let status = try box.wait(for: "\(child) to be replaced") {
      $0.children[child]?.state == "running" && $0.children[child]?.restarts == 1
    }
    #expect(status.children[child]?.lastEnd == "hang: 3 heartbeats without an answer")
  }

  /// The server says that another start will not help. Somebody has to do something, and then it must.
  @Test func aDatabaseOfALaterReleaseIsAFaultUntilItIsTakenAway() throws {
    let box = try Box(settings: ["supervision.retry-milliseconds=300"])
    let path = Paths(root: box.root).database
    kill(try box.pid(of: "server"), SIGSTOP)
    for suffix in ["-wal", "-shm"] { unlink(path + suffix) }
    // `user_version` stands at byte 60 of the head (SQLite's file format, section 1.3).
    var bytes = try #require(SourceTests.bytes(path))
    bytes[60] = 0x7f
    try SourceTests.write(bytes, to: path)
    kill(try box.pid(of: "server"), SIGKILL)
    let status = try box.wait(for: "the fault") { $0.state == "fault" }
    #expect(status.children["server"]?.lastEnd == "exit code 78")
    #expect(status.lamps["status"] != "blue")
    for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
    try box.wait(for: "a box that works") {
      $0.state == "nobodyReachable" && $0.children["server"]?.state == "running"
    }
  }

  /// The damaged one is kept, the copy takes its place, and both are said.
  @Test func aDatabaseThatIsDamagedIsReplacedByItsCopy() throws {
    let directory = try ScratchDirectory()
    let path = Paths(root: directory.path).database
    let first = try Box(in: directory)
    first.send(SIGTERM)
    #expect(try first.waitForEnd() == .exited(code: 0))
    #expect(Files.exists("\(path).saved"))
    let nonsense = [UInt8](repeating: 0x55, count: 8_192)
    try SourceTests.write(nonsense, to: path)
    let box = try Box(in: directory)
    let status = try box.wait(for: "the warning") { $0.fault("database") != nil }
    #expect(status.fault("database")?.hasSuffix(": an earlier copy is in use") == true)
    #expect(status.children["server"]?.restarts == 0)
    try box.wait(for: "the lamp") { $0.lamps["status"] == "red" }
    #expect(SourceTests.bytes("\(path).damaged-1") == nonsense)
  }

  @Test func childrenAreConfinedAndGoFirstWhenMemoryRunsOut() throws {
    let box = try Box()
    for child in ["server", "media"] {
      let pid = try box.pid(of: child)
      #expect(BoardCommandTests.read("/proc/\(pid)/oom_score_adj") == "500\n")
      let lines = (BoardCommandTests.read("/proc/\(pid)/status") ?? "").split(separator: "\n")
      #expect(lines.contains("NoNewPrivs:\t1") && lines.contains("Seccomp:\t2"))
    }
  }

  /// What starting it alone does not heal is healed otherwise: by both anew, then by a new supervisor, whom systemd starts.
  @Test func aChildThatEndsTooOftenTakesTheOtherAlongAndThenTheSupervisorLeaves() throws {
    let manager = try NotifySocket()
    let box = try Box(
      settings: ["supervision.most-restarts=1"], wrapper: ["/usr/bin/env", "NOTIFY_SOCKET=\(manager.path)"])
    var before: Int?
    func kill(_ what: String) throws {
      let status = try box.wait(for: what) {
        guard let server = $0.children["server"] else { return false }
        return server.state == "running" && server.pid != before
      }
      before = status.children["server"]?.pid
      Glibc.kill(pid_t(before ?? 0), SIGKILL)
    }
    for end in 1...2 { try kill("end \(end)") }
    try box.wait(for: "the fault") { $0.state == "fault" && $0.lamps["status"] == "red" }
    try box.wait(for: "media anew") { $0.children["media"]?.restarts == 1 && $0.children["media"]?.state == "running" }
    for end in 3...4 { try kill("end \(end)") }
    #expect(try box.waitForEnd() == .exited(code: 75))
    #expect(box.output.text.contains("stopping: server ends again and again"))
  }

  @Test func bothAtOnceComeBack() throws {
    let box = try Box()
    for child in ["server", "media"] { kill(try box.pid(of: child), SIGKILL) }
    try box.wait(for: "both to run again") { status in
      status.children.values.allSatisfy { $0.state == "running" && $0.restarts == 1 }
    }
  }

  @Test(arguments: [SIGTERM, SIGINT]) func aSignalEndsTheBoxInGoodOrder(signal: Int32) throws {
    let box = try Box()
    box.send(signal)
    #expect(try box.waitForEnd() == .exited(code: 0))
    #expect(!Files.exists("\(box.root)/run/fieldbox/fieldbox.sock"))
    #expect(box.output.text.contains("server: ended\n"))
    #expect(box.output.text.contains("media: ended\n"))
    #expect(!box.output.text.contains("SIGKILL"))
    let lines = box.output.text.split(separator: "\n")
    #expect(!lines.drop { !$0.contains("stopping: ") }.contains { $0.hasPrefix("<4>") }, "\(box.output.text)")
  }

  @Test func theStopCommandReturnsWhenTheBoxHasEnded() throws {
    let box = try Box()
    let result = try box.command("stop")
    #expect(result.exit == .exited(code: 0))
    #expect(result.text == "")
    #expect(try box.waitForEnd() == .exited(code: 0))
  }

  @Test func aChildThatDoesNotStopIsKilledAfterItsTime() throws {
    let box = try Box(settings: ["supervision.stop-milliseconds=200"])
    kill(try box.pid(of: "media"), SIGSTOP)
    box.send(SIGTERM)
    #expect(try box.waitForEnd() == .exited(code: 0))
    #expect(box.output.text.contains("media: ended: killed: had not stopped after 200 ms"))
  }

  @Test func childrenDieWithASupervisorThatIsKilled() throws {
    let box = try Box()
    let children = try ["server", "media"].map { try box.pid(of: $0) }
    box.send(SIGKILL)
    #expect(try box.waitForEnd() == .signal(SIGKILL))
    for child in children { #expect(hasEnded(child)) }
  }

  @Test func theSocketsSurviveARestartOfTheChildren() throws {
    let box = try Box()
    let before = try box.status()
    for child in ["server", "media"] { kill(try box.pid(of: child), SIGKILL) }
    let after = try box.wait(for: "both to run again") { status in
      status.children.values.allSatisfy { $0.state == "running" && $0.restarts == 1 }
    }
    #expect(after.httpsPort == before.httpsPort)
    #expect(after.httpPort == before.httpPort)
    #expect(after.mediaPort == before.mediaPort)
  }

  @Test func aSecondBoxOnTheSameRootIsRefused() throws {
    let box = try Box()
    let second = try CommandResult.run(["supervise", "--no-console", "--root", box.root])
    #expect(second.exit == .exited(code: 1))
    #expect(second.text.contains("a box is running here already"))
    #expect(try box.status().children["server"]?.state == "running")
  }

  @Test func stateSurvivesAndASecondStartSignsNothingNew() throws {
    let directory = try ScratchDirectory()
    let first = try Box(in: directory)
    #expect(first.output.text.contains("new certificate authority and certificate"))
    first.send(SIGTERM)
    #expect(try first.waitForEnd() == .exited(code: 0))
    let second = try Box(in: directory)
    #expect(!second.output.text.contains("new certificate"))
  }

  @Test func asManyWatchersAsThereAreGetEveryChange() throws {
    let box = try Box()
    let clients = try (0..<5).map { _ in try box.client }
    for client in clients { try client.send(.watch) }
    try box.plug(.camera, in: false)
    for client in clients {
      var seen = false
      while !seen {
        guard case .status(let status) = try client.next(seconds: Box.seconds) else { continue }
        seen = status.devices["camera"]?.state == "gone"
      }
      #expect(seen)
    }
  }

  /// systemd's way of handing sockets over (sd_listen_fds(3)).
  @Test func takesOverSocketsThatWerePassedOn() throws {
    let https = try Sockets.listening(on: try #require(SocketAddress(literal: "127.0.0.1", port: 0)))
    let http = try Sockets.listening(on: try #require(SocketAddress(literal: "127.0.0.1", port: 0)))
    let ports = try [https.number, http.number].map { Int(try Sockets.localAddress($0).0.port) }
    let directory = try ScratchDirectory()
    let output = try ProcessOutput()
    var spawn = Spawn(
      path: "/bin/sh",
      arguments: [
        "sh", "-c", "LISTEN_PID=$$ LISTEN_FDS=2 LISTEN_FDNAMES=https:http exec \"$0\" \"$@\"", Box.binary, "supervise",
        "--root", directory.path, "--web", Box.web, "--set", "network.listen=127.0.0.1", "--set",
        "network.media-port=0",
      ])
    spawn.descriptors = [https.number, http.number]
    spawn.output = output.writing
    let pid = try LastingSpawn.start(spawn)
    output.closeWriting()
    #expect(output.wait(seconds: Int64(Box.seconds)) { $0.contains("ready after") })
    let status = try CommandResult.run(["status", "--root", directory.path])
    #expect(status.text.contains("HTTPS \(ports[0]), HTTP \(ports[1]), media "))
    kill(pid, SIGTERM)
    #expect(output.waitForEnd(seconds: Int64(Box.seconds)))
    waitpid(pid, nil, 0)
  }
}
