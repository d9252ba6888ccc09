import Glibc
import Synchronization

/// What a process has to say, one line for each event: with its fields to the journal where standard error leads there, else on
/// standard error, with the syslog priority in front (`<4>`) unless a person is reading.
public enum Log {
  private struct State {
    var name = "fieldbox"
    var sink: (@Sendable (_ priority: Int, _ line: String) -> Void)?
    var tap: (@Sendable (LogEntry) -> Void)?
    var important = LogLimit()
    var usual = LogLimit()
  }
  /// Not a static Mutex: one with so much in it is all zeros in Swift 6.3's optimized code.
  private final class Shared: Sendable {
    let state = Mutex(State())
  }
  private static let shared = Shared()
  private static let isTerminal = isatty(2) == 1
  private static let journal = Journal.ofStandardError()
  /// Set for a child whose lines the supervisor reads: it wants the fields too.
  public static let fieldsVariable = "FIELDBOX_LOG_FIELDS"
  private static let tellsFields = getenv(fieldsVariable) != nil

  /// The name of this process in its lines.
  public static func setName(_ name: String) { shared.state.withLock { $0.name = name } }

  /// Sends lines elsewhere (the console of a terminal); nil returns to standard error.
  public static func setSink(_ sink: (@Sendable (_ priority: Int, _ line: String) -> Void)?) {
    // Whatever the former one holds must not end under the lock: it may have something to say.
    _ = shared.state.withLock { state in
      defer { state.sink = sink }
      return state.sink
    }
  }

  /// Also hands every line to `tap`, wherever it goes.
  public static func setTap(_ tap: (@Sendable (LogEntry) -> Void)?) {
    _ = shared.state.withLock { state in
      defer { state.tap = tap }
      return state.tap
    }
  }

  /// `fields` say in a form for programs what the text says to people; their names are capital letters.
  public static func error(_ text: @autoclosure () -> String, _ fields: [String: String] = [:]) {
    write(.error, text(), fields)
  }
  public static func warning(_ text: @autoclosure () -> String, _ fields: [String: String] = [:]) {
    write(.warning, text(), fields)
  }
  public static func info(_ text: @autoclosure () -> String, _ fields: [String: String] = [:]) {
    write(.info, text(), fields)
  }

  /// A line that a child has written, which has been limited already.
  public static func relay(_ entry: LogEntry) { put(entry) }

  private static func write(_ priority: LogEntry.Priority, _ text: String, _ fields: [String: String]) {
    let now = MonotonicTime.now()
    let (name, leftOut) = shared.state.withLock { state in
      // What is wrong must not drown in what is usual.
      (state.name, priority == .info ? state.usual.take(at: now) : state.important.take(at: now))
    }
    guard let leftOut else { return }
    if leftOut > 0 { put(LogLimit.notice(leftOut, of: name)) }
    put(LogEntry(priority, name, text, fields))
  }

  private static func put(_ entry: LogEntry) {
    let (sink, tap) = shared.state.withLock { ($0.sink, $0.tap) }
    tap?(entry)
    if let sink { return sink(entry.priority.rawValue, entry.line) }
    if let journal, journal.send(entry) { return }
    let bytes = Array("\(isTerminal ? entry.line : entry.written(withFields: tellsFields))\n".utf8)
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
