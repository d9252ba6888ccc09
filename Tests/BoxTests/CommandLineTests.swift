import Configuration
import Glibc
import Linux
import TestSupport
import Testing

/// What the command line says when something is wrong, and its help.
@Suite struct CommandLineTests {
  struct Row: Sendable, CustomTestStringConvertible {
    var arguments: [String]
    var code: Int32
    var says: String
    var testDescription: String { arguments.joined(separator: " ") }
  }

  static let rows: [Row] = [
    Row(arguments: ["--help"], code: 0, says: "usage: fieldbox [COMMAND]"),
    Row(arguments: ["help", "press"], code: 0, says: "usage: fieldbox press"),
    Row(arguments: ["supervise", "--help"], code: 0, says: "--exit-when-ready"),
    Row(arguments: ["version"], code: 0, says: "fieldbox "),
    Row(arguments: ["dance"], code: 2, says: "there is no command 'dance'"),
    Row(arguments: ["supervise", "--fast"], code: 2, says: "supervise does not know '--fast'"),
    Row(arguments: ["status", "--root"], code: 2, says: "--root needs a value"),
    Row(arguments: ["press"], code: 2, says: "press needs call, hangup or both"),
    Row(arguments: ["press", "call", "hangup"], code: 2, says: "press takes one of call, hangup and both"),
    Row(arguments: ["supervise", "--console"], code: 2, says: "--console needs a terminal"),
    Row(arguments: ["press", "call", "--hold", "soon"], code: 2, says: "--hold needs milliseconds"),
    Row(arguments: ["board", "unplug", "sofa"], code: 2, says: "board needs check, or plug or unplug"),
    Row(arguments: ["status", "--root", "/nonexistent"], code: 1, says: "no box is running here"),
    Row(arguments: ["press", "call", "--root", "/nonexistent"], code: 1, says: "no box is running here"),
    Row(arguments: ["stop", "--root", "/nonexistent"], code: 1, says: "no box is running here"),
    Row(arguments: ["server"], code: 2, says: "started by the supervisor"),
    Row(arguments: ["media"], code: 2, says: "--control is missing"),
  ]

  @Test func aBoardIsChecked() throws {
    let directory = try ScratchDirectory()
    let simulated = try CommandResult.run(["board", "check", "--root", directory.path])
    #expect(simulated.exit == .exited(code: 0))
    for line in ["call button", "hangUp button", "status lamp", "call lamp", "talk lamp", "microphone", "speaker"] {
      #expect(simulated.text.contains("\(line) "), "\(simulated.text)")
    }
    #expect(simulated.text.contains("found, 640×480"))
    let settings = [
      "board.model=other", "buttons.chip=nochip", "buttons.call=17", "lamps.talk=led:none",
      "camera.device=/dev/nocamera",
      "microphone.device=hw:CARD=nocard", "speaker.device=hw:CARD=nocard",
    ]
    let bare = try CommandResult.run(
      ["board", "check", "--root", directory.path] + settings.flatMap { ["--set", $0] })
    #expect(bare.exit == .exited(code: 1))
    for words in ["nochip", "hangUp button  not wired", "none", "nocamera", "nocard"] {
      #expect(bare.text.contains(words), "\(words) in \(bare.text)")
    }
  }

  @Test(arguments: rows) func saysWhatIsWrong(row: Row) throws {
    let result = try CommandResult.run(row.arguments)
    #expect(result.exit == .exited(code: row.code))
    #expect(result.text.contains(row.says), "\(result.text)")
  }

  @Test(arguments: [
    ("network.https-port=lots", "network.https-port"), ("box.colour=red", "box.colour"), ("sofa.soft=yes", "sofa.soft"),
    ("nonsense", "section.key=value"),
  ])
  func aWrongSettingIsNamed(setting: String, says: String) throws {
    let directory = try ScratchDirectory()
    let result = try CommandResult.run(["supervise", "--no-console", "--root", directory.path, "--set", setting])
    #expect(result.exit == .exited(code: 2))
    #expect(result.text.contains(says), "\(result.text)")
  }

  @Test func aPortThatIsTakenIsToldAndNothingIsLeftRunning() throws {
    let taken = try Sockets.listening(on: try #require(SocketAddress(literal: "127.0.0.1", port: 0)))
    let port = try Sockets.localAddress(taken.number).0.port
    let directory = try ScratchDirectory()
    let result = try CommandResult.run([
      "supervise", "--no-console", "--root", directory.path, "--set", "network.listen=127.0.0.1", "--set",
      "network.https-port=\(port)",
    ])
    #expect(result.exit == .exited(code: 1))
    #expect(result.text.contains("bind 127.0.0.1:\(port): Address already in use"))
  }

  /// As from another terminal beside `Board/simulated/run`.
  @Test func findsTheBoxOfTheCheckoutItIsCalledIn() throws {
    let checkout = try ScratchDirectory()
    try Files.makeDirectory("\(checkout.path)/Sources/deep")
    let box = try Box(in: checkout, root: "\(checkout.path)/.box")
    let output = try ProcessOutput()
    var spawn = Spawn(
      path: "/bin/sh",
      arguments: ["sh", "-c", "cd \(checkout.path)/Sources/deep && \"$0\" press call && \"$0\" status", Box.binary])
    spawn.output = output.writing
    let pid = try LastingSpawn.start(spawn)
    output.closeWriting()
    #expect(output.waitForEnd(seconds: Int64(Box.seconds)))
    waitpid(pid, nil, 0)
    #expect(output.text.contains("HTTPS \(try box.status().httpsPort)"), "\(output.text)")
    #expect(box.output.text.contains("button: call pressed"))
  }

  @Test func whatCannotBecomeReadySaysSoIfItIsToEndThen() throws {
    let directory = try ScratchDirectory()
    // Nothing heals a folder in its place.
    try Files.makeDirectory(Paths(root: directory.path).database)
    let result = try CommandResult.run([
      "supervise", "--exit-when-ready", "--root", directory.path, "--web", Box.web, "--set", "network.listen=127.0.0.1",
      "--set", "network.https-port=0", "--set", "network.http-port=0", "--set", "network.media-port=0",
    ])
    #expect(result.exit == .exited(code: 1))
    #expect(result.text.contains("stopping: cannot become ready"), "\(result.text)")
  }

  @Test func outlivesItsTerminalIfItIsToldTo() throws {
    let box = try Box(wrapper: ["/usr/bin/nohup"])
    box.send(SIGHUP)
    #expect(try box.status().children["server"]?.state == "running")
    box.send(SIGTERM)
    #expect(try box.waitForEnd() == .exited(code: 0))
    #expect(box.output.text.contains("stopping: SIGTERM"))
    #expect(!box.output.text.contains("SIGHUP"))
  }

  @Test func endsWhenReadyIfAskedTo() throws {
    let box = try Box(arguments: ["--exit-when-ready"])
    #expect(try box.waitForEnd() == .exited(code: 0))
    #expect(box.output.text.contains("ready after"))
  }
}
