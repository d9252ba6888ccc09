import Configuration
import FoundationEssentials
import Links
import Linux
import Supervisor

/// `fieldbox status`.
enum StatusCommand {
  static func run(_ common: CommonOptions, _ arguments: [String]) throws -> Int32 {
    var form = Form.text
    var follow = false
    for argument in arguments {
      switch argument {
      case "--json": form = .json
      case "--metrics": form = .metrics
      case "--follow": follow = true
      default: throw OptionError("status does not know '\(argument)'; it takes --json, --metrics and --follow")
      }
    }
    let client = try RunningBox.client(common)
    guard follow else {
      _ = try show(try client.request(.status), form)
      return 0
    }
    try client.send(.watch)
    while true {
      do throws(LocalClient.Failure) {
        let reply = try client.next(seconds: 86_400)
        if let isRead = try? show(reply, form), !isRead { return 0 }
      } catch {
        guard case .ended = error else { throw error }
        return 0
      }
    }
  }

  enum Form { case text, json, metrics }

  private static func show(_ reply: LocalReply, _ form: Form) throws -> Bool {
    guard case .status(let status) = reply else { throw LocalClient.Failure.broken("\(reply)") }
    return Terminal.write(try render(status, form))
  }

  static func render(_ status: BoxStatus, _ form: Form) throws -> String {
    switch form {
    case .text: return StatusText.render(status)
    case .metrics: return MetricsText.render(status)
    case .json:
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(status), as: UTF8.self) + "\n"
    }
  }
}
