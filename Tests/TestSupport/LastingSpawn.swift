import Glibc
import Linux
import Synchronization

/// Starts processes from a thread that lives as long as the test run: a child is killed when the thread that started it
/// ends, and the threads that run tests come and go.
public enum LastingSpawn {
  private final class Request: Sendable {
    let spawn: Spawn
    let result = Mutex<Result<pid_t, SystemError>?>(nil)
    let done: StopSignal
    init(_ spawn: Spawn) throws(SystemError) {
      self.spawn = spawn
      done = try StopSignal()
    }
  }
  private struct Starter {
    let requests = Waiting()
    final class Waiting: Sendable {
      let list = Mutex<[Request]>([])
    }
    let news: StopSignal

    init() throws {
      news = try StopSignal()
      _ = try Worker(name: "spawn") { [news, requests] in
        while true {
          for request in requests.list.withLock({ list in
            defer { list = [] }
            return list
          }) {
            let result: Result<pid_t, SystemError>
            do throws(SystemError) { result = .success(try request.spawn.start()) } catch { result = .failure(error) }
            request.result.withLock { $0 = result }
            request.done.raise()
          }
          news.wait(atMost: nil)
        }
      }
    }
  }
  private static let starter = Result { try Starter() }

  public static func start(_ spawn: Spawn) throws -> pid_t {
    let starter = try starter.get()
    let request = try Request(spawn)
    starter.requests.list.withLock { $0.append(request) }
    starter.news.poke()
    while true {
      if let result = request.result.withLock({ $0 }) { return try result.get() }
      request.done.wait(atMost: nil)
    }
  }
}
