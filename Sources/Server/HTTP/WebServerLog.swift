import Linux
import Synchronization

/// What libwebsockets has to say: errors that it meets, a few in a minute, so that no stranger can fill the log.
enum WebServerLog {
  private struct State {
    var left = 0
    var minute: Int64 = -1
  }
  private static let state = Mutex(State())
  private static let linesPerMinute = 20

  /// What a line has to say, without the time in front, `[2026/11/29 18:59:43:9113] `, for the log has one already; nil for what is no
  /// fault here.
  static func words(_ line: String) -> Substring? {
    let line = line.prefix { $0 != "\n" }
    let words = line.first == "[" ? line.drop { $0 != "]" }.dropFirst(2) : line
    // It would watch the routes of the machine, which this server needs not, and may not.
    return words.isEmpty || words.contains("unable to open netlink") ? nil : words
  }

  static func line(_ text: String) {
    guard let words = words(text) else { return }
    let minute = MonotonicTime.now().microseconds / 60_000_000
    let mayWrite = state.withLock { state in
      if minute != state.minute { state = State(left: linesPerMinute, minute: minute) }
      guard state.left > 0 else { return false }
      state.left -= 1
      return true
    }
    if mayWrite { Log.warning("libwebsockets: \(words)") }
  }
}
