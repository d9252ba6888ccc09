import Configuration
import Glibc
import Links
import Linux
import Supervisor

/// What a person's hands do to the simulated board, and the end of the box.
enum BoardCommands {
  /// `fieldbox press call|hangup|both [--hold milliseconds]`
  static func press(_ common: CommonOptions, _ arguments: [String]) throws -> Int32 {
    var buttons: [ButtonName] = []
    var milliseconds = 150
    var rest = arguments.makeIterator()
    while let argument = rest.next() {
      switch argument {
      case "call", "hangup", "both":
        guard buttons.isEmpty else { throw OptionError("press takes one of call, hangup and both") }
        buttons = argument == "both" ? ButtonName.allCases : [argument == "call" ? .call : .hangUp]
      case "--hold":
        guard let value = rest.next().flatMap({ Int($0) }), (1...60_000).contains(value) else {
          throw OptionError("--hold needs milliseconds, 1 to 60000")
        }
        milliseconds = value
      default: throw OptionError("press needs call, hangup or both, got '\(argument)'")
      }
    }
    guard !buttons.isEmpty else { throw OptionError("press needs call, hangup or both") }
    let client = try RunningBox.client(common)
    for button in buttons { try done(client.request(.button(button, down: true))) }
    poll(nil, 0, Int32(milliseconds))
    for button in buttons { try done(client.request(.button(button, down: false))) }
    return 0
  }

  /// `fieldbox board plug|unplug camera|microphone|speaker` and `fieldbox board check`
  static func board(_ common: CommonOptions, _ arguments: [String]) throws -> Int32 {
    if arguments == ["check"] {
      let findings = try BoardCheck.run(try common.load())
      Terminal.write(BoardCheck.text(findings))
      return findings.allSatisfy(\.isFound) ? 0 : 1
    }
    guard arguments.count == 2, ["plug", "unplug"].contains(arguments[0]),
      let device = DeviceName(rawValue: arguments[1])
    else { throw OptionError("board needs check, or plug or unplug and camera, microphone or speaker") }
    let client = try RunningBox.client(common)
    try done(client.request(.plug(device, in: arguments[0] == "plug")))
    return 0
  }

  /// `fieldbox self-test`: 0 when all is well, 1 when something is not.
  static func selfTest(_ common: CommonOptions, _ arguments: [String]) throws -> Int32 {
    guard arguments.isEmpty else { throw OptionError("self-test takes no arguments but the common options") }
    let client = try RunningBox.client(common)
    guard case .status(let before) = try client.request(.status) else { throw LocalClient.Failure.broken("no status") }
    try done(client.request(.selfTest))
    try client.send(.watch)
    while true {
      guard case .status(let now) = try client.next(seconds: 60) else { continue }
      guard let test = now.selfTest, test.number != before.selfTest?.number else { continue }
      Terminal.write(test.findings.isEmpty ? "all is well\n" : test.findings.map { "\($0)\n" }.joined())
      return test.findings.isEmpty ? 0 : 1
    }
  }

  /// `fieldbox stop`
  static func stop(_ common: CommonOptions, _ arguments: [String]) throws -> Int32 {
    guard arguments.isEmpty else { throw OptionError("stop takes no arguments but the common options") }
    let client = try RunningBox.client(common)
    try done(client.request(.stop))
    do throws(LocalClient.Failure) {
      _ = try client.next(seconds: 60)
    } catch {
      guard case .ended = error else { throw error }
    }
    return 0
  }

  private static func done(_ reply: LocalReply) throws {
    if case .refused(let why) = reply { throw LocalClient.Failure.refused(why) }
  }
}
