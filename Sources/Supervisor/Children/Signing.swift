import Glibc
import Linux

/// The one-shot child that makes the certificate authority and the leaf where they are missing. It alone reads the
/// authority's key, and it must have succeeded before the server starts.
final class Signing {
  /// It takes well below a second; after this it hangs and is killed.
  static let limit = Interval.seconds(20)

  private let limit: Interval
  private let start: () throws(SystemError) -> pid_t
  private let done: () -> Void
  private let changed: () -> Void
  private let loop: EventLoop
  private var policy = RestartPolicy()
  private var stopped = false
  /// Until the next try, or until the present one has taken too long.
  private var timer: LoopTimer?
  /// Why we killed it: what its end is called then.
  private var verdict: String?
  private(set) var pid: pid_t = 0
  /// Why it failed last, in words; nil after a success.
  private(set) var lastEnd: String?

  /// `done` is called after each success, `changed` after each end, good or bad.
  init(
    limit: Interval = Signing.limit, start: @escaping () throws(SystemError) -> pid_t, done: @escaping () -> Void,
    changed: @escaping () -> Void, on loop: EventLoop
  ) {
    self.limit = limit
    self.start = start
    self.done = done
    self.changed = changed
    self.loop = loop
  }

  var isFault: Bool { policy.isFault }
  var isAlive: Bool { pid > 0 }

  func run() {
    guard !stopped, !isAlive else { return }
    timer?.cancel()
    do {
      pid = try start()
      timer = loop.after(limit) { [weak self] in self?.hangs() }
    } catch {
      again("\(error)")
    }
  }

  func ended(_ exit: ChildExit) {
    pid = 0
    timer?.cancel()
    guard !stopped else { return }
    if exit == .exited(code: 0) {
      policy = RestartPolicy()
      lastEnd = nil
      done()
      changed()
    } else {
      again(verdict ?? "\(exit)")
    }
    verdict = nil
  }

  func stop() {
    stopped = true
    timer?.cancel()
    if pid > 0 { kill(pid, SIGKILL) }
  }

  private func hangs() {
    guard pid > 0 else { return }
    verdict = "hang: not done after \(limit.milliseconds) ms"
    kill(pid, SIGKILL)
  }

  private func again(_ why: String) {
    lastEnd = "signing: \(why)"
    let wait = policy.ended(served: false, at: .now())
    Log.error("sign: \(why); again in \(wait.milliseconds) ms")
    timer = loop.after(wait) { [weak self] in self?.run() }
    changed()
  }
}
