import Configuration
import Glibc
import Links
import Linux
import Signaling
import TestSupport
import Testing

/// What the box tells of itself: its log, its numbers, its self-test.
@Suite struct LogsTests {
  @Test func theLogHasTheLinesOfAllThreeProcesses() throws {
    let box = try Box()
    let log = try box.command("logs")
    #expect(log.exit == .exited(code: 0))
    for part in [
      " info fieldbox: server: ready, process ", " info fieldbox: media: ready, process ",
      " info fieldbox-sign: new certificate authority and certificate", " info fieldbox: self-test: all is well",
    ] { #expect(log.text.contains(part), "\(part) is not in \(log.text)") }
    #expect(log.text.split(separator: "\n").allSatisfy { $0.hasPrefix("20") && $0.contains("Z ") })
  }

  @Test func theEndOfAChildIsInTheLog() throws {
    let box = try Box()
    kill(try box.pid(of: "media"), SIGKILL)
    try box.wait(for: "the restart") { $0.children["media"]?.restarts == 1 && $0.children["media"]?.state == "running" }
    let log = try box.command("logs").text
    #expect(log.contains("warning fieldbox: media: ended: signal SIGKILL"))
  }

  @Test(.enabled(if: Phone.isPossible, "curl is not installed"))
  func anArchiveHoldsEverythingButNamesAndSecrets() throws {
    let directory = try ScratchDirectory()
    let stage = try Stage(settings: ["calls.presets=secretname"])
    let phone = try Phone("secretname", of: stage)
    _ = try? phone.post("signIn", SignInRequest(id: "othername", password: Secret("wrong password")))
    let file = "\(directory.path)/logs.tar.gz"
    let exported = try stage.box.command("logs", "export", file)
    #expect(exported.exit == .exited(code: 0), "\(exported.text)")
    #expect(exported.text == "\(file)\n")
    var status = stat()
    #expect(stat(file, &status) == 0 && status.st_mode & 0o077 == 0, "only its owner may read it")
    let unpacked = try CommandResult.run(
      program: "/bin/tar", ["--extract", "--gzip", "--file", file, "--directory", directory.path])
    #expect(unpacked.exit == .exited(code: 0), "\(unpacked.text)")
    var texts: [String: String] = [:]
    for name in Files.names(in: "\(directory.path)/fieldbox-logs") {
      texts[name] = String(decoding: SourceTests.bytes("\(directory.path)/fieldbox-logs/\(name)") ?? [], as: UTF8.self)
    }
    #expect(
      Set(texts.keys).isSuperset(of: [
        "log.txt", "status.txt", "status.json", "metrics.txt", "configuration.txt", "machine.txt", "README.txt",
      ]))
    #expect(texts["log.txt"]?.contains("audit: user-1 registered from address-1") == true)
    #expect(texts["log.txt"]?.contains("audit: sign-in of user-2 from address-1 failed") == true)
    #expect(texts["metrics.txt"]?.contains("fieldbox_running{process=\"server\"} 1\n") == true)
    #expect(texts["machine.txt"]?.contains("MemAvailable:") == true)
    for (name, text) in texts {
      for word in ["secretname", "othername", "PRIVATE KEY", "correct horse"] {
        #expect(!text.contains(word), "\(word) in \(name)")
      }
    }
  }

  @Test func withoutABoxAnArchiveTellsWhatThereIs() throws {
    let directory = try ScratchDirectory()
    let file = "\(directory.path)/logs.tar.gz"
    let exported = try CommandResult.run(["logs", "export", file, "--root", directory.path])
    #expect(exported.exit == .exited(code: 0), "\(exported.text)")
    let listed = try CommandResult.run(program: "/bin/tar", ["--list", "--gzip", "--file", file])
    #expect(listed.text.contains("fieldbox-logs/machine.txt"))
    let nowhere = try CommandResult.run(["logs", "export", "/no/such/place.tar.gz", "--root", directory.path])
    #expect(nowhere.exit == .exited(code: 1))
    #expect(try CommandResult.run(["logs", "--root", directory.path]).exit == .exited(code: 1))
    #expect(try CommandResult.run(["logs", "import"]).exit == .exited(code: 2))
  }

  @Test func theSelfTestSaysWhatItFinds() throws {
    let box = try Box()
    try box.wait(for: "the first") { $0.selfTest?.findings == [] }
    #expect(try box.command("self-test") == CommandResult(exit: .exited(code: 0), text: "all is well\n"))
    try box.plug(.camera, in: false)
    #expect(try box.command("self-test") == CommandResult(exit: .exited(code: 1), text: "camera: unplugged\n"))
    let status = try box.status()
    #expect(status.faults.map(\.what) == ["camera"])
    #expect(status.faultsSoFar == 1)
    try box.plug(.camera, in: true)
    try box.wait(for: "its end") { $0.faults.isEmpty }
    #expect(try box.command("self-test").exit == .exited(code: 0))
    #expect(try box.command("logs").text.contains("info fieldbox: fault over: camera"))
  }

  @Test(.enabled(if: Phone.isPossible, "curl is not installed"))
  func administratorsAndNobodyElseSeeHowTheBoxIs() throws {
    let stage = try Stage()
    let ann = try stage.phone("ann")
    let paths = ["box/health", "box/metrics", "box/log"]
    for path in paths {
      #expect(refusal { _ = try ann.get(path) }.contains("\"forbidden\""))
    }
    // She becomes administrator, and the call ends.
    try stage.box.press(.call)
    try stage.until("her to be administrator") { ann.me?.administrator == true }
    let health = try APICodec.decode(HealthResponse.self, from: try ann.get("box/health").utf8)
    #expect(health.status.children["media"]?.state == "running")
    #expect(health.status.memoryBytes > 1 << 20)
    #expect(health.status.children["server"]?.memoryBytes ?? 0 > 1 << 20)
    try stage.until("the server's numbers") { stage.status.children["server"]?.counters["calls.started"] == 1 }
    #expect(try ann.get("box/metrics").contains("\nfieldbox_server_calls_started 1\n"))
    #expect(try ann.get("box/log").contains("audit: user-1 became administrator by the CALL button"))
    try ann.post("box/selfTest", EmptyRequest())
    try stage.until("the self-test") { stage.status.selfTest?.number == 2 }
    let ben = try Phone("ben", of: stage)
    for path in paths { #expect(throws: Failure.self) { try ben.get(path) } }
    #expect(throws: Failure.self) { try ben.post("box/selfTest", EmptyRequest()) }
  }
}
