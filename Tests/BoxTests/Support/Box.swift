import Configuration
import Glibc
import Links
import Linux
import Supervisor
import TestSupport
import Testing

/// The real binary on a scratch root, with free ports of 127.0.0.1 and the simulated board. Killed with all its children
/// when the test lets go of it.
final class Box {
  /// One deadline for everything that is waited for, far above what it takes.
  static let seconds = 60

  /// Beside the test bundle; FIELDBOX names another one.
  static let binary: String = {
    if let named = getenv("FIELDBOX") { return String(cString: named) }
    var path = [CChar](repeating: 0, count: 4_096)
    let count = readlink("/proc/self/exe", &path, path.count)
    let own = String(decoding: path[..<max(0, count)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return own[..<(own.lastIndex(of: "/") ?? own.startIndex)] + "/fieldbox"
  }()

  /// The browser client of the checkout.
  static let web: String = {
    let here = #filePath
    return here.components(upTo: "/Tests/BoxTests/") + "/Sources/WebClient"
  }()

  let directory: ScratchDirectory
  let output: ProcessOutput
  private(set) var pid: pid_t
  private var exit: ChildExit?

  let root: String

  /// Starts a box, by way of another program if that is named, and waits until it is ready, or for another sign in its log.
  init(
    settings: [String] = [], arguments: [String] = [], in directory: ScratchDirectory? = nil, root: String? = nil,
    web: String = Box.web, wrapper: [String] = [], descriptors: [Int32] = [], until sign: String = "ready after"
  ) throws {
    self.directory = try directory ?? ScratchDirectory()
    self.root = root ?? self.directory.path
    output = try ProcessOutput()
    pid = 0
    var all = ["fieldbox", "supervise", "--no-console"] + arguments + ["--root", self.root, "--web", web]
    let network = ["network.listen=127.0.0.1", "network.https-port=0", "network.http-port=0", "network.media-port=0"]
    let sanitized = ["supervision.server-memory-megabytes=0", "supervision.media-memory-megabytes=0"]
    for setting in network + (getenv("FIELDBOX_SANITIZED") == nil ? [] : sanitized) + settings {
      all += ["--set", setting]
    }
    if !wrapper.isEmpty { all[0] = Self.binary }
    var spawn = Spawn(path: wrapper.first ?? Self.binary, arguments: wrapper + all)
    spawn.output = output.writing
    spawn.descriptors = descriptors
    pid = try LastingSpawn.start(spawn)
    output.closeWriting()
    let isReady = output.wait(seconds: Int64(Self.seconds)) { $0.contains(sign) }
    try #require(isReady, "not ready; its log: \(output.text)")
  }

  deinit {
    // Its children die with it.
    if exit == nil, pid > 0 {
      kill(pid, SIGKILL)
      waitpid(pid, nil, 0)
    }
  }

  var client: LocalClient {
    get throws { try LocalClient(path: Paths(root: root).socket) }
  }

  func status() throws -> BoxStatus {
    guard case .status(let status) = try client.request(.status, seconds: Self.seconds) else {
      throw LocalClient.Failure.broken("no status")
    }
    return status
  }

  /// Waits for a status that fulfils a condition, by the stream of changes.
  @discardableResult
  func wait(for what: String, _ condition: (BoxStatus) -> Bool) throws -> BoxStatus {
    let client = try client
    try client.send(.watch)
    let deadline = MonotonicTime.now() + .seconds(Int64(Self.seconds))
    var last: BoxStatus?
    while MonotonicTime.now() < deadline {
      do {
        guard case .status(let status) = try client.next(seconds: Self.seconds) else { continue }
        last = status
        if condition(status) { return status }
      } catch {
        throw Failure(
          "waiting for \(what): \(error); last status: \(last.map { "\($0)" } ?? "none"); log: \(output.text)")
      }
    }
    throw Failure(
      "waited \(Self.seconds) s for \(what); last status: \(last.map { "\($0)" } ?? "none"); log: \(output.text)")
  }

  /// The fingers stay while this does: a button that nobody holds is up.
  private var hand: LocalClient?

  /// A button of the board, down or up.
  func button(_ name: ButtonName, down: Bool) throws {
    let client = try hand ?? client
    hand = client
    #expect(try client.request(.button(name, down: down), seconds: Self.seconds) == .done)
  }

  /// A short press.
  func press(_ name: ButtonName) throws {
    try button(name, down: true)
    try button(name, down: false)
  }

  func plug(_ device: DeviceName, in plugged: Bool) throws {
    #expect(try client.request(.plug(device, in: plugged), seconds: Self.seconds) == .done)
  }

  /// A child's process id.
  func pid(of child: String) throws -> pid_t { pid_t(try status().children[child]?.pid ?? 0) }

  func send(_ signal: Int32) { kill(pid, signal) }

  /// How the supervisor ended; waits for it and for everything that it started.
  func waitForEnd() throws -> ChildExit {
    if let exit { return exit }
    try #require(output.waitForEnd(seconds: Int64(Self.seconds)), "a process is left; log: \(output.text)")
    var info = siginfo_t()
    waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT)
    let ended = try #require(ChildExit.collect(pid)?.exit)
    exit = ended
    return ended
  }

  /// Runs `fieldbox` with the given arguments and this box's root.
  func command(_ arguments: String...) throws -> CommandResult {
    try CommandResult.run(arguments + ["--root", root])
  }
}

/// Whether a process that is not ours to collect has ended in time.
func hasEnded(_ pid: pid_t) -> Bool {
  let deadline = MonotonicTime.now() + .seconds(Int64(Box.seconds))
  // The kernel gives no event of it without a system call that Swift does not see (pidfd_open).
  while kill(pid, 0) == 0, MonotonicTime.now() < deadline { poll(nil, 0, 10) }
  return kill(pid, 0) != 0
}

extension BoxStatus {
  /// What is wrong with something, in words.
  func fault(_ what: String) -> String? { faults.first { $0.what == what }?.detail }
}

/// What an attempt that must fail says; nothing if it does not fail.
func refusal(_ attempt: () throws -> Void) -> String {
  do {
    try attempt()
    return ""
  } catch {
    return "\(error)"
  }
}

/// Why a wait ended in vain.
struct Failure: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}

/// What a `fieldbox` command printed (both streams) and how it ended.
struct CommandResult: Equatable {
  var exit: ChildExit
  var text: String

  static func run(_ arguments: [String], environment: [String] = Spawn.keptEnvironment()) throws -> CommandResult {
    try run(Spawn(path: Box.binary, arguments: ["fieldbox"] + arguments, environment: environment))
  }

  /// Another program.
  static func run(program path: String, _ arguments: [String]) throws -> CommandResult {
    try run(Spawn(path: path, arguments: [path] + arguments))
  }

  private static func run(_ spawn: Spawn) throws -> CommandResult {
    let output = try ProcessOutput()
    var spawn = spawn
    spawn.output = output.writing
    let pid = try LastingSpawn.start(spawn)
    output.closeWriting()
    let isOver = output.waitForEnd(seconds: Int64(Box.seconds))
    if !isOver { kill(pid, SIGKILL) }
    var info = siginfo_t()
    waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT)
    let exit = try #require(ChildExit.collect(pid)?.exit)
    return CommandResult(exit: exit, text: output.text)
  }
}

extension String {
  /// What stands before the first occurrence of a marker; the whole without one.
  fileprivate func components(upTo marker: String) -> String {
    var index = startIndex
    while index < endIndex {
      if self[index...].hasPrefix(marker) { return String(self[..<index]) }
      index = self.index(after: index)
    }
    return self
  }
}
