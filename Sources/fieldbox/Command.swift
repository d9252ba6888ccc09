import Configuration
import Linux
import Media
import Supervisor

/// The first word says what to do; without one the box is run.
enum Command {
  static func run(_ arguments: [String]) -> Int32 {
    Signals.ignoreBrokenPipes()
    var arguments = arguments
    let isNamed = arguments.first?.hasPrefix("-") == false
    let word = isNamed ? arguments.removeFirst() : "supervise"
    if word == "help" || arguments.contains("--help") || arguments.contains("-h") {
      print(Help.text(for: word == "help" ? arguments.first : isNamed ? word : nil))
      return 0
    }
    do {
      let common = try CommonOptions(taking: &arguments)
      switch word {
      case "supervise": return try supervise(common, arguments)
      case "sign": return try ServerCommands.sign(common, arguments)
      case "server":
        try confine()
        return try ServerCommands.server(common, arguments)
      case "media":
        try confine()
        return MediaProcess.run(try MediaOptions(arguments: arguments))
      case "status": return try StatusCommand.run(common, arguments)
      case "press": return try BoardCommands.press(common, arguments)
      case "board": return try BoardCommands.board(common, arguments)
      case "logs": return try LogsCommand.run(common, arguments)
      case "self-test": return try BoardCommands.selfTest(common, arguments)
      case "clock": return try ServerCommands.clock(common, arguments)
      case "stop": return try BoardCommands.stop(common, arguments)
      case "version", "--version":
        print("fieldbox \(Version.current)")
        return 0
      default:
        throw OptionError("there is no command '\(word)'; 'fieldbox --help' lists them")
      }
    } catch {
      Terminal.writeError("fieldbox: \(error)")
      return error is LocalClient.Failure ? 1 : 2
    }
  }

  /// A child that serves the network has less than its supervisor, before it reads anything.
  private static func confine() throws(SystemError) {
    OutOfMemory.offerFirst()
    try SystemCallFilter.install()
  }

  private static func supervise(_ common: CommonOptions, _ arguments: [String]) throws -> Int32 {
    var options = SuperviseOptions(common: common, version: Version.current)
    options.console = SuperviseCommand.canShowConsole
    for argument in arguments {
      switch argument {
      case "--console": options.console = true
      case "--no-console": options.console = false
      case "--exit-when-ready": options.exitWhenReady = true
      case "--version":
        print("fieldbox \(Version.current)")
        return 0
      default: throw OptionError("supervise does not know '\(argument)'; 'fieldbox --help' lists the options")
      }
    }
    if options.exitWhenReady { options.console = false }
    return SuperviseCommand.run(options)
  }
}
