import Hardware
import Links
import Linux
import Testing

@testable import Supervisor

@Suite struct LampTests {
  static let displays: [Display] = [
    .starting, .ready, .nobodyReachable, .calling, .incoming, .inCall(boxCalled: true), .inCall(boxCalled: false),
    .restarting, .warning, .fault,
  ]

  /// What a lamp does in one period, as lights with milliseconds, sampled every 10 ms.
  static func course(_ display: Display, behind: Display, captured: Bool, _ lamp: KeyPath<LampLights, Light>) -> String
  {
    var runs: [(Light, Int)] = []
    for step in 0..<600 {
      let light = LampLights.render(
        display, behind: behind, captured: captured, elapsed: .milliseconds(Int64(step) * 10)
      ).lights[keyPath: lamp]
      if let last = runs.last, last.0 == light { runs[runs.count - 1].1 += 10 } else { runs.append((light, 10)) }
    }
    return runs.count == 1
      ? runs[0].0.rawValue : runs.prefix(2).map { "\($0.0.rawValue) \($0.1)" }.joined(separator: " ")
  }

  struct Row: Sendable, CustomTestStringConvertible {
    var display: Display
    var behind = Display.ready
    var captured = false
    var status: String
    var call: String
    var talk: String
    var sound: ToneSequence?
    var testDescription: String { "\(display) behind \(behind) captured \(captured)" }
  }

  /// The table of facts, once more in the words of its reader.
  static let rows: [Row] = [
    Row(display: .starting, status: "blue 500 off 500", call: "off", talk: "off"),
    Row(display: .ready, status: "blue", call: "off", talk: "off"),
    Row(display: .nobodyReachable, status: "blue 150 off 2850", call: "off", talk: "off"),
    Row(display: .calling, status: "blue", call: "amber 500 off 500", talk: "off", sound: .ringback),
    Row(display: .calling, captured: true, status: "blue", call: "amber 500 off 500", talk: "green", sound: .ringback),
    Row(display: .incoming, status: "blue", call: "off", talk: "green 250 off 250", sound: .ring),
    Row(display: .inCall(boxCalled: true), captured: true, status: "blue", call: "amber", talk: "green"),
    Row(display: .inCall(boxCalled: false), captured: true, status: "blue", call: "off", talk: "green"),
    Row(display: .restarting, status: "blue 500 red 500", call: "off", talk: "off"),
    Row(
      display: .restarting, behind: .calling, status: "blue 500 red 500", call: "amber 500 off 500", talk: "off"),
    Row(
      display: .restarting, behind: .inCall(boxCalled: true), status: "blue 500 red 500", call: "amber",
      talk: "green"),
    Row(display: .warning, status: "blue 1000 red 1000", call: "off", talk: "off"),
    Row(display: .fault, status: "red", call: "amber 500 off 500", talk: "off 500 green 500", sound: .fault),
    Row(display: .fault, captured: true, status: "red", call: "amber 500 off 500", talk: "green", sound: .fault),
    Row(display: .ready, captured: true, status: "blue", call: "off", talk: "green"),
  ]

  @Test(arguments: rows) func lampsFollowTheTable(row: Row) {
    func course(_ lamp: KeyPath<LampLights, Light>) -> String {
      Self.course(row.display, behind: row.behind, captured: row.captured, lamp)
    }
    #expect(course(\.status) == row.status)
    #expect(course(\.call) == row.call)
    #expect(course(\.talk) == row.talk)
    #expect(LampTable.row(row.display).sound == row.sound)
  }

  /// Whenever anyone watches or hears, TALK is lit without a pause, whatever the state.
  @Test(arguments: displays, displays) func talkIsLitWhileCaptured(display: Display, behind: Display) {
    #expect(Self.course(display, behind: behind, captured: true, \.talk) == "green")
  }

  @Test(arguments: displays) func nothingBlinksFasterThanThreeTimesASecond(display: Display) {
    let row = LampTable.row(display)
    for pattern in [row.status, row.call, row.talk].compactMap({ $0 }) where pattern.steps.count > 1 {
      #expect(pattern.period >= .microseconds(333_334))
    }
  }

  /// The driver sleeps for `remaining`: the lights must not change before it is over, and must change then.
  @Test(arguments: displays) func theRestOfTheTimeIsRight(display: Display) {
    var elapsed = Interval.zero
    for _ in 0..<20 {
      let (lights, remaining) = LampLights.render(display, behind: .calling, captured: false, elapsed: elapsed)
      guard let remaining else { return }
      #expect(remaining > .zero)
      let before = LampLights.render(
        display, behind: .calling, captured: false, elapsed: elapsed + remaining - .microseconds(1))
      let after = LampLights.render(display, behind: .calling, captured: false, elapsed: elapsed + remaining)
      #expect(before.lights == lights)
      #expect(after.lights != lights)
      elapsed = elapsed + remaining
    }
  }

  @Test func lampsHaveTheColoursOfTheBoard() throws {
    let board = try SimulatedBoard(SimulatedBoardConfiguration())
    for display in Self.displays {
      for step in 0..<60 {
        let lights = LampLights.render(
          display, behind: .ready, captured: false, elapsed: .milliseconds(Int64(step) * 50)
        ).lights
        for lamp in board.lamps {
          let light = lamp.name == .status ? lights.status : lamp.name == .call ? lights.call : lights.talk
          try lamp.set(light.color)
        }
      }
    }
  }

  struct PolicyRow: Sendable {
    var policy: DisplayPolicy
    var display: Display
    var word: String
  }
  static let up = DisplayPolicy(started: true, serverRunning: true, mediaRunning: true)
  static func policy(_ change: (inout DisplayPolicy) -> Void) -> DisplayPolicy {
    var policy = up
    change(&policy)
    return policy
  }

  @Test func whatIsWrongWithTheBoxComesFirstThenTheCallThenWarnings() {
    let rows: [PolicyRow] = [
      PolicyRow(policy: DisplayPolicy(), display: .starting, word: "starting"),
      PolicyRow(policy: DisplayPolicy(serverRunning: true), display: .starting, word: "starting"),
      PolicyRow(policy: Self.up, display: .starting, word: "starting"),
      PolicyRow(policy: Self.policy { $0.box = .ready }, display: .ready, word: "ready"),
      PolicyRow(
        policy: Self.policy { $0.box = .nobodyReachable }, display: .nobodyReachable, word: "nobodyReachable"),
      PolicyRow(policy: Self.policy { $0.box = .calling }, display: .calling, word: "calling"),
      PolicyRow(policy: Self.policy { $0.box = .incoming }, display: .incoming, word: "incoming"),
      PolicyRow(
        policy: Self.policy { $0.box = .inCall(boxCalled: true, autoAnswered: false) },
        display: .inCall(boxCalled: true), word: "inCall"),
      PolicyRow(
        policy: Self.policy {
          $0.box = .calling
          $0.mediaRunning = false
        }, display: .restarting, word: "restarting"),
      PolicyRow(policy: Self.policy { $0.serverRunning = false }, display: .restarting, word: "restarting"),
      PolicyRow(
        policy: Self.policy {
          $0.box = .ready
          $0.deviceFault = true
        }, display: .warning, word: "ready"),
      PolicyRow(
        policy: Self.policy {
          $0.box = .incoming
          $0.deviceFault = true
        }, display: .incoming, word: "incoming"),
      PolicyRow(
        policy: Self.policy {
          $0.box = .incoming
          $0.childFault = true
        }, display: .fault, word: "fault"),
    ]
    for row in rows {
      #expect(row.policy.display == row.display, "\(row.policy)")
      #expect(row.policy.word == row.word, "\(row.policy)")
    }
  }
}
