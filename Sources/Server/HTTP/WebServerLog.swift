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

  static func line(_ text: String) {
    let minute = MonotonicTime.now().microseconds / 60_000_000
    let mayWrite = state.withLock { state in
      if minute != state.minute { state = State(left: linesPerMinute, minute: minute) }
      guard state.left > 0 else { return false }
      state.left -= 1
      return true
    }
    if mayWrite { Log.warning("libwebsockets: \(text.split(separator: "\n").first ?? "")") }
  }
}
