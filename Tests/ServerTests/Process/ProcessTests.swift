import Linux
import Synchronization
import Testing

@testable import Server

/// Tests of the whole server over its sockets, one after the other.
@Suite(.serialized) struct ProcessTests {}

/// What the process writes to its log meanwhile.
final class LogLines: Sendable {
  private let lines = Mutex<[String]>([])

  func start() { Log.setSink { [self] _, line in lines.withLock { $0.append(line) } } }

  func stop() -> [String] {
    Log.setSink(nil)
    return lines.withLock { $0 }
  }
}
