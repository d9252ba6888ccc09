import Links
import Testing

@testable import Supervisor

@Suite struct ConsoleViewTests {
  static func status(state: String = "incoming") -> BoxStatus {
    BoxStatus(
      name: "Camp 7", version: "1", board: "simulated board", readyAfterMilliseconds: 42, uptimeSeconds: 4_000,
      isolated: false, httpsPort: 8443, httpPort: 8080, mediaPort: 5004,
      urls: ["https://192.168.4.1:8443/", "https://127.0.0.1:8443/"], state: state,
      lamps: ["status": "blue", "call": "off", "talk": "green"],
      children: [
        "server": .init(state: "running", pid: 11, restarts: 0, lastEnd: nil, counters: ["requests": 3]),
        "media": .init(state: "restarting", pid: 0, restarts: 2, lastEnd: "signal SIGKILL", counters: [:]),
      ],
      devices: [
        "camera": .init(state: "gone", detail: "unplugged"), "microphone": .init(state: "idle", detail: ""),
        "speaker": .init(state: "running", detail: "48 kHz"),
      ], counters: ["framesCaptured": 5, "framesDropped": 0],
      faults: [
        .init(what: "camera", detail: "unplugged", sinceUptimeSeconds: 3_940),
        .init(what: "storage", detail: "disk full", sinceUptimeSeconds: 100),
      ], faultsSoFar: 3, selfTest: .init(number: 1, atUptimeSeconds: 400, findings: ["storage: disk full"]))
  }

  /// Without colours.
  static func plain(_ text: String) -> String {
    var result = ""
    var inEscape = false
    for character in text {
      if character == "\u{1b}" { inEscape = true }
      if !inEscape { result.append(character) }
      if inEscape, character.isLetter { inEscape = false }
    }
    return result
  }

  static func lines(_ text: String) -> [Substring] { text.split(separator: "\r\n", omittingEmptySubsequences: false) }

  @Test func showsAddressLampsInColourAndWordsStateAndKeys() {
    let screen = ConsoleView(columns: 100, rows: 30).render(Self.status(), log: ["fieldbox: one", "fieldbox: two"])
    let text = Self.plain(screen)
    for part in [
      "Camp 7", "https://192.168.4.1:8443/", "● STATUS blue", "○ CALL off", "● TALK green",
      "somebody calls: CALL answers, HANGUP refuses", "server   running, process 11",
      "media    restarting, restarts 2, last ended by signal SIGKILL", "camera     gone, unplugged",
      "c CALL   h HANGUP",
      "fieldbox: two",
    ] { #expect(text.contains(part), "\(part)") }
    #expect(screen.contains("\u{1b}[1;92m●"))
    #expect(screen.contains("\u{1b}[1;92mgreen"))
  }

  @Test(arguments: [(20, 10), (40, 24), (80, 12), (200, 50)]) func neverLeavesTheTerminal(columns: Int, rows: Int) {
    let log = (0..<100).map { "line \($0) " + String(repeating: "x", count: 300) }
    let screen = ConsoleView(columns: columns, rows: rows).render(Self.status(), log: log)
    let lines = Self.lines(Self.plain(screen))
    #expect(lines.count <= rows - 1)
    #expect(lines.allSatisfy { $0.count <= columns })
  }

  @Test(arguments: [
    "starting", "ready", "nobodyReachable", "calling", "incoming", "inCall", "restarting", "fault", "stopping",
  ])
  func everyStateHasWords(state: String) {
    #expect(ConsoleView.words(state).count > 5)
    #expect(StatusText.render(Self.status(state: state)).contains("state       \(ConsoleView.words(state))\n"))
  }

  @Test func theStatusTextNamesWhatWentWrong() {
    let text = StatusText.render(Self.status())
    for part in [
      "box         Camp 7, simulated board, version 1",
      "media       restarting, restarts 2, last ended by signal SIGKILL",
      "camera      gone, unplugged", "up          1 h 6 min, ready after 42 ms", "isolation   not isolated",
      "framesCaptured 5", "server requests 3",
      "faults      camera: unplugged, for 1 min", "storage: disk full, for 1 h 5 min",
      "self-test   1 found wrong, 1 h 0 min ago",
    ] { #expect(text.contains(part), "\(part)") }
    #expect(!text.contains("framesDropped"))
  }
}
