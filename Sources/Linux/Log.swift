import Glibc
import Synchronization

/// One line on standard error for each event, with the syslog priority in front (`<4>`) unless a person is reading.
public enum Log {
  private struct State {
    var name = "fieldbox"
    var sink: (@Sendable (_ priority: Int, _ line: String) -> Void)?
  }
  private static let state = Mutex(State())
  private static let isTerminal = isatty(2) == 1

  /// The name of this process in its lines.
  public static func setName(_ name: String) { state.withLock { $0.name = name } }

  /// Sends lines elsewhere (the console of a terminal); nil returns to standard error.
  public static func setSink(_ sink: (@Sendable (_ priority: Int, _ line: String) -> Void)?) {
    state.withLock { $0.sink = sink }
  }

  public static func error(_ text: @autoclosure () -> String) { write(3, text()) }
  public static func warning(_ text: @autoclosure () -> String) { write(4, text()) }
  public static func info(_ text: @autoclosure () -> String) { write(6, text()) }

  private static func write(_ priority: Int, _ text: String) {
    let (name, sink) = state.withLock { ($0.name, $0.sink) }
    let line = "\(name): \(oneLine(text))"
    if let sink { return sink(priority, line) }
    let bytes = Array((isTerminal ? "\(line)\n" : "<\(priority)>\(line)\n").utf8)
    // One write, so lines of several processes do not mix; a log that cannot be written is no reason to stop.
    _ = bytes.withUnsafeBytes { Glibc.write(2, $0.baseAddress, $0.count) }
  }

  /// Text from outside must not start a line or move the cursor.
  public static func oneLine(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { $0.value < 0x20 || (0x7f..<0xa0).contains($0.value) }) else {
      return text
    }
    var clean = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      clean.append(scalar.value < 0x20 || (0x7f..<0xa0).contains(scalar.value) ? " " : scalar)
    }
    return String(clean)
  }
}
