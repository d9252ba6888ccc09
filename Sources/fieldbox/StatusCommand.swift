import Configuration
import FoundationEssentials
import Links
import Linux
import Supervisor

/// `fieldbox status`.
enum StatusCommand {
  static func run(_ common: CommonOptions, _ arguments: [String]) throws -> Int32 {
    var json = false
    var follow = false
    for argument in arguments {
      switch argument {
      case "--json": json = true
      case "--follow": follow = true
      default: throw OptionError("status does not know '\(argument)'; it takes --json and --follow")
      }
    }
    let client = try RunningBox.client(common)
    guard follow else {
      _ = try show(try client.request(.status), json)
      return 0
    }
    try client.send(.watch)
    while true {
      do throws(LocalClient.Failure) {
        let reply = try client.next(seconds: 86_400)
        if let isRead = try? show(reply, json), !isRead { return 0 }
      } catch {
        guard case .ended = error else { throw error }
        return 0
      }
    }
  }

  private static func show(_ reply: LocalReply, _ json: Bool) throws -> Bool {
    guard case .status(let status) = reply else { throw LocalClient.Failure.broken("\(reply)") }
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return Terminal.write(String(decoding: try encoder.encode(status), as: UTF8.self) + "\n")
    } else {
      return Terminal.write(StatusText.render(status))
    }
  }
}
