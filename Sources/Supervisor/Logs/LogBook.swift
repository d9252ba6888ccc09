import Links
import Linux
import Synchronization

/// The latest lines of the log of all three processes, for whoever wants them where no journal keeps them.
final class LogBook: Sendable {
  /// Of text.
  static let mostBytes = 256 * 1024
  /// Of one answer, which may grow sixfold in JSON.
  static let pageBytes = 8 * 1024
  /// Longer ones are cut.
  static let longestText = 1_000

  private struct State {
    var lines: [LogLine] = []
    var bytes = 0
    var next = 0
  }
  private let state = Mutex(State())

  func add(_ entry: LogEntry, at time: WallTime) {
    state.withLock { state in
      let line = LogLine(
        number: state.next, milliseconds: time.milliseconds, priority: entry.priority.rawValue, process: entry.process,
        text: String(entry.text.prefix(Self.longestText)), fields: entry.fields)
      state.next += 1
      state.lines.append(line)
      state.bytes += line.size
      guard state.bytes > Self.mostBytes else { return }
      // A quarter at once, so that what is behind is not moved for each line.
      var dropped = 0
      while state.bytes > Self.mostBytes * 3 / 4, dropped < state.lines.count {
        state.bytes -= state.lines[dropped].size
        dropped += 1
      }
      state.lines.removeFirst(dropped)
    }
  }

  /// Lines from the number `from` on, as many as one answer takes; empty when there are no more.
  func page(from number: Int) -> [LogLine] {
    state.withLock { state in
      guard let first = state.lines.first,
        let start = state.lines.indices.first(where: {
          state.lines[$0].number >= max(number, first.number)
        })
      else { return [] }
      var bytes = 0
      return Array(
        state.lines[start...].prefix { line in
          defer { bytes += line.size }
          return bytes == 0 || bytes + line.size <= Self.pageBytes
        })
    }
  }
}

extension LogLine {
  fileprivate var size: Int {
    fields.reduce(60 + text.utf8.count + process.utf8.count) { $0 + $1.key.utf8.count + $1.value.utf8.count }
  }
}
