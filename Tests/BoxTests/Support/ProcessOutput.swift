import Glibc
import Linux
import Synchronization

/// What a process and its children write, read all the time so that none of them ever waits for us. The end comes when the
/// last of them has ended.
final class ProcessOutput: Sendable {
  private struct State {
    var bytes: [UInt8] = []
    var ended = false
  }
  private let state = Mutex(State())
  private let news: StopSignal
  /// For the process to write to; closed here once it has been started.
  let writing: Int32

  init() throws {
    var ends: (Int32, Int32) = (-1, -1)
    let result = withUnsafeMutableBytes(of: &ends) { pipe($0.bindMemory(to: Int32.self).baseAddress) }
    guard result == 0 else { throw SystemError("pipe", code: errno) }
    for end in [ends.0, ends.1] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    writing = ends.1
    news = try StopSignal()
    let reading = ends.0
    _ = try Worker(name: "output") { [self] in
      var buffer = [UInt8](repeating: 0, count: 4_096)
      while true {
        let count = read(reading, &buffer, buffer.count)
        if count < 0, errno == EINTR { continue }
        state.withLock { state in
          if count > 0 { state.bytes += buffer[..<count] } else { state.ended = true }
        }
        news.poke()
        if count <= 0 { break }
      }
      close(reading)
    }
  }

  func closeWriting() { close(writing) }

  var text: String { state.withLock { String(decoding: $0.bytes, as: UTF8.self) } }
  var hasEnded: Bool { state.withLock { $0.ended } }

  /// Waits until the text fulfils a condition, or all writers have ended; false if neither came in time.
  func wait(seconds: Int64 = 30, until condition: (String) -> Bool) -> Bool {
    let deadline = MonotonicTime.now() + .seconds(seconds)
    while true {
      if condition(text) { return true }
      let left = deadline - .now()
      guard left > .zero, !hasEnded else { return condition(text) }
      news.wait(atMost: left + .milliseconds(1))
    }
  }

  /// Waits until every process that could write has ended.
  func waitForEnd(seconds: Int64 = 30) -> Bool {
    let deadline = MonotonicTime.now() + .seconds(seconds)
    while !hasEnded {
      let left = deadline - .now()
      guard left > .zero else { return false }
      news.wait(atMost: left + .milliseconds(1))
    }
    return true
  }
}
