import Glibc
import Links
import Linux

/// One child process with its control link: does what its ``ChildLifecycle`` says.
final class Child {
  typealias ControlLink = Link<ControlReport, ControlCommand>

  /// What the supervisor does for a child.
  struct Hooks {
    /// Starts the process with its end of the control link; returns its id.
    var spawn: (_ control: Int32) throws(SystemError) -> pid_t
    /// The process exists; the server–media link is due.
    var spawned: () -> Void
    /// A report other than `ready` and `pong`.
    var report: (ControlReport) -> Void
    /// Anything that `fieldbox status` shows has changed.
    var changed: () -> Void
    /// Does what may heal an end with ``Child/hopelessCode``, then calls ``Child/prepared()``; nil where nothing may.
    var prepare: (() -> Void)?
    /// It ends again and again: starting it alone does not help.
    var endsTooOften: () -> Void = {}
  }

  /// The exit code of a child for which another start will not help, as far as it knows (EX_CONFIG).
  static let hopelessCode: Int32 = 78
  /// More counters than any child has, and longer than any of their names.
  static let mostCounters = 128
  static let longestCounterName = 64

  let name: String
  private(set) var lifecycle: ChildLifecycle
  private(set) var pid: pid_t = 0
  private(set) var counters: [String: Int] = [:]
  private let loop: EventLoop
  private let hooks: Hooks
  private var link: ControlLink?
  private var timer: LoopTimer?

  init(_ name: String, on loop: EventLoop, bounds: ChildLifecycle.Bounds, hooks: Hooks) {
    self.name = name
    self.loop = loop
    self.hooks = hooks
    lifecycle = ChildLifecycle(bounds: bounds, startAt: .now())
  }

  var isRunning: Bool { lifecycle.isRunning }
  /// Whether what is sent now can arrive.
  var hears: Bool { isRunning && link?.isOpen == true }
  var isStopped: Bool { lifecycle.state == .stopped }

  /// Does what is due, and again when the next is.
  func advance() {
    timer?.cancel()
    let wasFault = lifecycle.isFault
    while let action = lifecycle.poll(.now()) { perform(action) }
    // A run that was long enough ends a fault, and nothing else may happen for hours to show it.
    if lifecycle.isFault != wasFault { hooks.changed() }
    guard let next = lifecycle.nextTimeout else { return }
    timer = loop.at(next) { [weak self] in self?.advance() }
  }

  func send(_ command: ControlCommand, descriptor: Int32? = nil) { link?.send(command, descriptor: descriptor) }

  /// Ends it in good order, with force after the bound.
  func stop() {
    if let action = lifecycle.stop(at: .now()) { perform(action) }
    hooks.changed()
    advance()
  }

  /// It was collected.
  func ended(_ exit: ChildExit) {
    // What it said last is still in the link.
    link?.close()
    link = nil
    pid = 0
    counters = [:]
    let wasStopping = if case .stopping = lifecycle.state { true } else { false }
    lifecycle.ended(exit.description, isHopeless: exit == .exited(code: Self.hopelessCode), at: .now())
    if wasStopping, exit == .exited(code: 0) {
      Log.info("\(name): ended")
    } else {
      Log.warning("\(name): ended: \(lifecycle.lastEnd ?? "?")", ["CHILD": name, "CHILD_STATE": "ended"])
    }
    hooks.changed()
    if !wasStopping, lifecycle.policy.wantsEscalation { hooks.endsTooOften() }
    advance()
  }

  /// What ``Hooks/prepare`` was to do is done.
  func prepared() {
    lifecycle.prepared(at: .now())
    advance()
  }

  private func perform(_ action: ChildLifecycle.Action) {
    switch action {
    case .prepare:
      // Without a hook the loop that performs actions goes on by itself.
      if let prepare = hooks.prepare { prepare() } else { lifecycle.prepared(at: .now()) }
    case .spawn: spawn()
    case .ping(let number): send(.ping(number))
    case .tellToStop: send(.stop)
    case .kill:
      guard pid > 0 else { return }
      kill(pid, SIGKILL)
      hooks.changed()
    }
  }

  private func spawn() {
    do {
      let (ours, theirs) = try MessageSocket.pair()
      let link = try ControlLink(
        ours, on: loop, receive: { [weak self] report, _ in self?.handle(report) },
        closed: { [weak self] reason in self?.linkClosed(reason) })
      defer { withExtendedLifetime(theirs) {} }
      pid = try hooks.spawn(theirs.number)
      self.link = link
      lifecycle.spawned(at: .now())
      hooks.spawned()
    } catch {
      lifecycle.ended("not started: \(error)", at: .now())
      Log.error("\(name): not started: \(error)")
      if lifecycle.policy.wantsEscalation { hooks.endsTooOften() }
    }
    hooks.changed()
  }

  private func handle(_ report: ControlReport) {
    switch report {
    case .ready:
      lifecycle.ready(at: .now())
      Log.info(
        "\(name): ready, process \(pid)\(lifecycle.restarts > 0 ? ", restart \(lifecycle.restarts)" : "")",
        ["CHILD": name, "CHILD_STATE": "ready", "RESTARTS": "\(lifecycle.restarts)"])
      hooks.report(report)
      hooks.changed()
      advance()
    case .pong(let number, let counters):
      lifecycle.pong(number)
      let counters = Self.plausible(counters)
      guard counters != self.counters else { return }
      self.counters = counters
      hooks.changed()
    default:
      hooks.report(report)
    }
  }

  /// What a child says goes to terminals: names of plain letters only, and not without end.
  private static func plausible(_ counters: [String: Int]) -> [String: Int] {
    guard counters.count <= mostCounters else { return [:] }
    return counters.filter { name, _ in
      (1...longestCounterName).contains(name.utf8.count) && name.utf8.allSatisfy { (0x21...0x7e).contains($0) }
    }
  }

  /// Kills it, to be started anew: it says what it has no business to say, or is to forget what it knows.
  func restart(_ why: String) {
    guard let action = lifecycle.broke(why) else { return }
    perform(action)
    advance()
  }

  /// A child whose link has broken cannot be led any more. One that is ending closes it just before its end.
  private func linkClosed(_ reason: String) {
    link = nil
    // It is usually the end of the process, which is collected within this time and has better words for it.
    loop.after(.milliseconds(200)) { [weak self, pid] in
      guard let self, self.pid == pid, pid > 0, let action = lifecycle.broke("link: \(reason)") else { return }
      perform(action)
      advance()
    }
  }
}
