import Glibc
import TestSupport
import Testing

@testable import Configuration

@Suite struct ConfigurationTests {
  typealias Check = @Sendable (Configuration) -> Bool

  /// Each key with a value that is not its default, and where it must arrive.
  static let keys: [(setting: String, arrived: Check)] = [
    ("box.name=Camp 3", { $0.box.name == "Camp 3" }),
    ("calls.presets=ann, bob,everyone", { $0.box.presets == ["ann", "bob", "everyone"] }),
    ("calls.auto-answer=cid", { $0.box.autoAnswer == ["cid"] }),
    ("rooms.most-people=4", { $0.box.roomPeople == 4 }), ("rooms.most-senders=2", { $0.box.roomSenders == 2 }),
    ("rooms.most-rooms=3", { $0.box.rooms == 3 }),
    ("calls.ring-seconds=0.25", { $0.box.ringSeconds == 0.25 }),
    ("calls.longest-minutes=0.5", { $0.box.longestMinutes == 0.5 }),
    ("calls.connect-seconds=3", { $0.box.connectSeconds == 3 }),
    ("calls.grace-seconds=1.5", { $0.box.graceSeconds == 1.5 }),
    ("network.listen=192.168.4.1", { $0.box.listen == "192.168.4.1" }),
    ("network.https-port=0", { $0.box.httpsPort == 0 }), ("network.http-port=8080", { $0.box.httpPort == 8080 }),
    ("network.media-port=65535", { $0.box.mediaPort == 65535 }),
    ("network.name=camp-3.internal", { $0.box.hostName == "camp-3.internal" }),
    ("network.addresses=10.0.0.1,fd00::1", { $0.box.addresses == ["10.0.0.1", "fd00::1"] }),
    ("limits.session-hours=0.5", { $0.box.sessionHours == 0.5 }), ("limits.accounts=7", { $0.box.accounts == 7 }),
    ("limits.devices-per-user=2", { $0.box.devicesPerUser == 2 }),
    ("limits.attempts-per-minute=3", { $0.box.attemptsPerMinute == 3 }),
    ("limits.registrations-per-minute=4", { $0.box.registrationsPerMinute == 4 }),
    ("users.server-user=a", { $0.box.serverUser == "a" }), ("users.media-user=b", { $0.box.mediaUser == "b" }),
    ("board.model=simulated", { $0.board.model == .simulated }), ("board.name=desk", { $0.board.name == "desk" }),
    ("camera.file=/a.y4m", { $0.board.cameraFile == "/a.y4m" }),
    ("camera.source=file", { $0.board.cameraSource == .file }),
    ("camera.width=320", { $0.board.width == 320 }), ("camera.height=240", { $0.board.height == 240 }),
    ("camera.fps=15", { $0.board.framesPerSecond == 15 }),
    ("microphone.file=/a.wav", { $0.board.microphoneFile == "/a.wav" }),
    ("microphone.source=file", { $0.board.microphoneSource == .file }),
    ("microphone.frequency=997.5", { $0.board.frequency == 997.5 }),
    ("speaker.record=/s.wav", { $0.board.speakerRecording == "/s.wav" }),
    ("lamps.timeline=/l.txt", { $0.board.lampTimeline == "/l.txt" }),
    ("camera.strip=off", { $0.board.strip == .off }), ("buttons.bounces=3", { $0.board.buttonBounces == 3 }),
    ("camera.device=/dev/video2", { $0.board.cameraDevice == "/dev/video2" }),
    ("camera.format=mjpeg", { $0.board.cameraFormat == .mjpeg }),
    ("microphone.device=hw:CARD=U", { $0.board.microphoneDevice == "hw:CARD=U" }),
    ("speaker.device=default", { $0.board.speakerDevice == "default" }),
    ("sound.echo-cancellation=on", { $0.board.echoCancellation == .on }),
    ("sound.noise-suppression=on", { $0.board.noiseSuppression == .on }),
    ("sound.gain=-6.5", { $0.board.gain == "-6.5" }),
    ("buttons.chip=pinctrl-bcm2711", { $0.board.buttons.chip == "pinctrl-bcm2711" }),
    ("buttons.call=17", { $0.board.buttons.call == "17" }),
    ("buttons.hangup=GPIO27", { $0.board.buttons.hangUp == "GPIO27" }),
    ("buttons.active=high", { $0.board.buttons.active == .high }),
    ("buttons.bias=pull-down", { $0.board.buttons.bias == .pullDown }),
    ("lamps.chip=gpiochip4", { $0.board.lamps.chip == "gpiochip4" }),
    ("lamps.status-blue=5", { $0.board.lamps.statusBlue == "5" }),
    ("lamps.status-red=led:red", { $0.board.lamps.statusRed == "led:red" }),
    ("lamps.call=13", { $0.board.lamps.call == "13" }), ("lamps.talk=19", { $0.board.lamps.talk == "19" }),
    ("lamps.active=low", { $0.board.lamps.active == .low }),
    ("supervision.heartbeat-milliseconds=50", { $0.board.heartbeatMilliseconds == 50 }),
    ("supervision.missed-heartbeats=9", { $0.board.missedHeartbeats == 9 }),
    ("supervision.start-milliseconds=200", { $0.board.startMilliseconds == 200 }),
    ("supervision.stop-milliseconds=20", { $0.board.stopMilliseconds == 20 }),
    ("supervision.retry-milliseconds=90", { $0.board.retryMilliseconds == 90 }),
    ("supervision.most-restarts=7", { $0.board.mostRestarts == 7 }),
    ("supervision.server-memory-megabytes=0", { $0.board.serverMemoryMegabytes == 0 }),
    ("supervision.media-memory-megabytes=900", { $0.board.mediaMemoryMegabytes == 900 }),
    ("supervision.restarts-within-seconds=9", { $0.board.restartsWithinSeconds == 9 }),
  ]

  @Test func everyKeyArrivesFromTheFile() throws {
    var box = ""
    var board = ""
    for (text, _) in Self.keys {
      let setting = try Setting(text)
      let lines = "[\(setting.section)]\n\(setting.key) = \(setting.value)\n"
      if BoxConfiguration.sections.contains(setting.section) { box += lines } else { board += lines }
    }
    let configuration = try Configuration.parse(box: box, board: board)
    for (text, arrived) in Self.keys { #expect(arrived(configuration), "\(text)") }
  }

  @Test func everyKeyArrivesFromTheCommandLine() throws {
    let configuration = try Configuration.parse(box: nil, board: nil, settings: Self.keys.map(\.setting))
    for (text, arrived) in Self.keys { #expect(arrived(configuration), "\(text)") }
  }

  @Test func everyKeyIsOptional() throws {
    #expect(try Configuration.parse(box: nil, board: nil) == Configuration())
    #expect(try Configuration.parse(box: "", board: "[camera]\n") == Configuration())
  }

  /// The refusal of an unknown key lists those that are known: they are the keys of this test.
  @Test func theseAreAllKeys() throws {
    let own = Dictionary(grouping: try Self.keys.map { try Setting($0.setting) }, by: \.section)
    #expect(Set(own.keys) == BoxConfiguration.sections.union(BoardConfiguration.sections))
    for (section, settings) in own {
      let keys = settings.map(\.key).sorted().joined(separator: ", ")
      #expect {
        try Configuration.parse(box: nil, board: nil, settings: ["\(section).nonsense=1"])
      } throws: { ($0 as? ConfigurationError)?.expected == "one of the keys \(keys)" }
    }
  }

  @Test func theCommandLineWins() throws {
    let configuration = try Configuration.parse(
      box: "[calls]\nring-seconds = 5\n", board: nil, settings: ["calls.ring-seconds=6", "calls.ring-seconds=7"])
    #expect(configuration.box.ringSeconds == 7)
  }

  /// File, line, key, what was expected and what came.
  @Test(arguments: [
    ("[box]\nname = a\u{1b}b", "fieldbox.conf:2: box.name: expected 1 to 64 characters, got \"a\u{1b}b\""),
    ("[box]\nname =", "fieldbox.conf:2: box.name: expected 1 to 64 characters, got \"\""),
    (
      "\n[calls]\nring-seconds = soon",
      "fieldbox.conf:3: calls.ring-seconds: expected a number from 0.01 to 600.0, got \"soon\""
    ),
    (
      "[calls]\nring-seconds = 601",
      "fieldbox.conf:2: calls.ring-seconds: expected a number from 0.01 to 600.0, got \"601\""
    ),
    (
      "[calls]\nring-seconds = nan",
      "fieldbox.conf:2: calls.ring-seconds: expected a number from 0.01 to 600.0, got \"nan\""
    ),
    (
      "[calls]\npresets = ann,,bob",
      "fieldbox.conf:2: calls.presets: expected user ids other than box, with commas between them, got \"ann,,bob\""
    ),
    (
      "[calls]\npresets = ann, box",
      "fieldbox.conf:2: calls.presets: expected user ids other than box, with commas between them, got \"ann, box\""
    ),
    (
      "[calls]\nauto-answer = Ann",
      "fieldbox.conf:2: calls.auto-answer: expected user ids other than box and everyone, with commas between them, got \"Ann\""
    ),
    (
      "[calls]\nauto-answer = box",
      "fieldbox.conf:2: calls.auto-answer: expected user ids other than box and everyone, with commas between them, got \"box\""
    ),
    (
      "[calls]\nauto-answer = ann,everyone",
      "fieldbox.conf:2: calls.auto-answer: expected user ids other than box and everyone, with commas between them, got \"ann,everyone\""
    ),
    (
      "[network]\nhttps-port = 65536",
      "fieldbox.conf:2: network.https-port: expected a whole number from 0 to 65535, got \"65536\""
    ),
    (
      "[network]\nhttp-port = 99999999999999999999",
      "fieldbox.conf:2: network.http-port: expected a whole number from 0 to 65535, got \"99999999999999999999\""
    ),
    ("[network]\nlisten = localhost", "fieldbox.conf:2: network.listen: expected an IP address, got \"localhost\""),
    ("[network]\nname = -a", "fieldbox.conf:2: network.name: expected a host name, got \"-a\""),
    ("[limits]\naccounts = 0", "fieldbox.conf:2: limits.accounts: expected a whole number from 1 to 500, got \"0\""),
    (
      "[limits]\naccounts = 501", "fieldbox.conf:2: limits.accounts: expected a whole number from 1 to 500, got \"501\""
    ),
    (
      "[calls]\nrings = 3",
      "fieldbox.conf:2: calls.rings: expected one of the keys auto-answer, connect-seconds, grace-seconds, longest-minutes, presets, ring-seconds, got key \"rings\""
    ),
    (
      "[camera]\nwidth = 640",
      "fieldbox.conf:2: camera.width: expected one of the sections box, calls, limits, network, rooms, users, got section \"camera\""
    ),
    ("[users]\nserver-user = a\u{7}b", "fieldbox.conf:2: users.server-user: expected a text, got \"a\u{7}b\""),
  ])
  func mistakesInTheBoxFile(text: String, message: String) {
    #expect {
      try Configuration.parse(box: text, board: nil, paths: Paths(root: "/x"))
    } throws: { "\($0)" == "/x/etc/fieldbox/\(message)" }
  }

  @Test(arguments: [
    (
      "[board]\nmodel = pi",
      "board.conf:2: board.model: expected simulated or rpi3 or rpi4 or rpi5 or rpi-zero2w or other, got \"pi\""
    ),
    ("[camera]\nsource = file", "board.conf:2: camera.file: expected a path, because camera.source is file, got none"),
    (
      "[microphone]\nsource = file",
      "board.conf:2: microphone.file: expected a path, because microphone.source is file, got none"
    ),
    ("[sound]\ngain = loud", "board.conf:2: sound.gain: expected auto or decibels from -40 to 40, got \"loud\""),
    ("[buttons]\nbias = up", "board.conf:2: buttons.bias: expected pull-up or pull-down or none or as-is, got \"up\""),
    ("[camera]\nfps = 0", "board.conf:2: camera.fps: expected a whole number from 1 to 120, got \"0\""),
    (
      "[microphone]\nfrequency = -1",
      "board.conf:2: microphone.frequency: expected a number from 20.0 to 20000.0, got \"-1\""
    ),
  ])
  func mistakesInTheBoardFile(text: String, message: String) {
    #expect {
      try Configuration.parse(box: nil, board: text)
    } throws: { "\($0)" == "/etc/fieldbox/\(message)" }
  }

  @Test func mistakesOnTheCommandLine() {
    #expect {
      try Configuration.parse(box: "[calls]\nring-seconds = 5", board: nil, settings: ["calls.ring-seconds=x"])
    } throws: { "\($0)" == "--set: calls.ring-seconds: expected a number from 0.01 to 600.0, got \"x\"" }
    #expect(throws: ConfigurationError.self) {
      try Configuration.parse(box: nil, board: nil, settings: ["nowhere.key=1"])
    }
  }

  // MARK: Files

  /// The example says every key, each with its default.
  @Test func theExample() throws {
    let file = path(#filePath, "../../Sources/Configuration/fieldbox.conf")
    let configuration = try Configuration.load(Paths(boxConfiguration: file), required: [file])
    #expect(configuration.box == BoxConfiguration())
    let text = try #require(try Configuration.read(file))
    let named = Set(try INIFile(text, file: file).entries.map(\.name))
    let all = try Self.keys.map { try Setting($0.setting) }.filter { BoxConfiguration.sections.contains($0.section) }
    #expect(named == Set(all.map { "\($0.section).\($0.key)" }))
  }

  /// Each board for soldering names all that a person has to solder, and takes care of its sound.
  @Test(arguments: [BoardConfiguration.Model.rpi3, .rpi4, .rpi5, .rpiZero2W])
  func realBoards(model: BoardConfiguration.Model) throws {
    let file = path(#filePath, "../../Board/\(model.rawValue)/board.conf")
    let board = try Configuration.load(Paths(boardConfiguration: file), required: [file]).board
    #expect(board.model == model)
    let lines = [
      board.buttons.call, board.buttons.hangUp, board.lamps.statusBlue, board.lamps.statusRed, board.lamps.call,
      board.lamps.talk,
    ].compactMap { $0 }
    #expect(Set(lines).count == 6, "six lines, none of them twice")
    #expect(board.buttons.chip == board.lamps.chip)
    #expect(board.echoCancellation == .on && board.noiseSuppression == .on && board.gain == "auto")
    let readme = try #require(try Configuration.read(path(#filePath, "../../Board/README.md")))
    for line in lines { #expect(readme.contains(line), "\(line) is drawn") }
  }

  @Test func aRealBoardTakesCareOfItsSound() throws {
    #expect(try Configuration.parse(box: nil, board: "[board]\nmodel = other\n").board.gain == "auto")
    let board = try Configuration.parse(box: nil, board: "[board]\nmodel = other\n[sound]\ngain = 3\n").board
    #expect(board.gain == "3" && board.echoCancellation == .on)
  }

  @Test func theSimulatedBoard() throws {
    let file = path(#filePath, "../../Board/simulated/board.conf")
    let configuration = try Configuration.load(Paths(boardConfiguration: file), required: [file])
    #expect(configuration.board == BoardConfiguration(), "it says that it shows the defaults")
  }

  /// A path beside a source file's folder.
  private func path(_ file: String, _ relative: String) -> String {
    file.split(separator: "/").dropLast().reduce(into: "") { $0 += "/\($1)" } + "/" + relative
  }

  @Test func filesUnderTheRoot() throws {
    let scratch = try ScratchDirectory()
    let paths = Paths(root: scratch.path)
    #expect(try Configuration.load(paths) == Configuration(), "absent files")
    try write("[box]\nname = Camp\n", to: paths.boxConfiguration, under: scratch)
    #expect(try Configuration.load(paths, settings: ["camera.width=320"]).box.name == "Camp")
    try write([UInt8]([0x5b, 0xff, 0x5d]), to: paths.boxConfiguration, under: scratch)
    #expect { try Configuration.load(paths) } throws: {
      "\($0)" == "\(paths.boxConfiguration): expected UTF-8, got other bytes"
    }
    try write(
      [UInt8](repeating: UInt8(ascii: "#"), count: INIFile.largestBytes + 1), to: paths.boxConfiguration, under: scratch
    )
    #expect { try Configuration.load(paths) } throws: { "\($0)".hasSuffix("expected at most 65536 bytes, got more") }
  }

  @Test func aDirectoryIsNoFile() throws {
    let scratch = try ScratchDirectory()
    let paths = Paths(root: scratch.path, boxConfiguration: scratch.path)
    #expect { try Configuration.load(paths) } throws: { ($0 as? ConfigurationError)?.file == scratch.path }
  }

  @Test func aFileThatWasNamedMustBeThere() throws {
    let scratch = try ScratchDirectory()
    var arguments = ["run", "--root", scratch.path, "--board", "\(scratch.path)/none.conf", "--set", "box.name=X"]
    let options = try CommonOptions(taking: &arguments)
    #expect(arguments == ["run"])
    #expect { try options.load() } throws: { ($0 as? ConfigurationError)?.file == "\(scratch.path)/none.conf" }
  }

  private func write(_ text: String, to path: String, under scratch: ScratchDirectory) throws {
    try write(Array(text.utf8), to: path, under: scratch)
  }

  private func write(_ bytes: [UInt8], to path: String, under scratch: ScratchDirectory) throws {
    for directory in ["/etc", "/etc/fieldbox"] { mkdir(scratch.path + directory, 0o700) }
    let file = try #require(fopen(path, "w"))
    defer { fclose(file) }
    #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
  }

  @Test func paths() {
    #expect(Paths().database == "/var/lib/fieldbox/fieldbox.db")
    #expect(Paths(root: "/tmp/x/").socket == "/tmp/x/run/fieldbox/fieldbox.sock")
    #expect(Paths(root: "/tmp/x").leafKey == "/tmp/x/var/lib/fieldbox/tls/leaf.key")
    #expect(Paths(root: "/tmp/x").authorityCertificate == "/tmp/x/var/lib/fieldbox/authority/ca.crt")
    #expect(Paths(root: "/tmp/x").web == "/tmp/x/usr/share/fieldbox/web")
    #expect(Paths(root: "/tmp/x", web: "/w").web == "/w")
  }

  @Test func optionsSurviveBeingHandedDown() throws {
    var arguments = [
      "--root", "/r", "status", "--web", "/w", "--set", "a.b=c", "--json", "--config", "/f.conf", "--board", "/b.conf",
      "--set", "d.e=f",
    ]
    let options = try CommonOptions(taking: &arguments)
    #expect(arguments == ["status", "--json"])
    #expect(options.settings == ["a.b=c", "d.e=f"])
    var again = options.arguments
    #expect(try CommonOptions(taking: &again) == options)
    #expect(again.isEmpty)
    for bad in [["--root"], ["--set", ""], ["x", "--web"]] {
      var arguments = bad
      #expect(throws: OptionError.self) { try CommonOptions(taking: &arguments) }
    }
  }
}
