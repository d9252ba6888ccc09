import Glibc
import Linux

/// The one-shot child that makes the certificate authority and the leaf where they are missing. It alone reads the
/// authority's key, and it must have succeeded before the server starts.
final class Signing {
  private let start: () throws(SystemError) -> pid_t
  private let done: () -> Void
  private let loop: EventLoop
  private var policy = RestartPolicy()
  private var stopped = false
  private var timer: LoopTimer?
  private(set) var pid: pid_t = 0

  init(start: @escaping () throws(SystemError) -> pid_t, done: @escaping () -> Void, on loop: EventLoop) {
    self.start = start
    self.done = done
    self.loop = loop
  }

  var isFault: Bool { policy.isFault }
  var isAlive: Bool { pid > 0 }

  func run() {
    guard !stopped else { return }
    do {
      pid = try start()
    } catch {
      again("\(error)")
    }
  }

  func ended(_ exit: ChildExit) {
    pid = 0
    guard !stopped else { return }
    if exit == .exited(code: 0) { done() } else { again("\(exit)") }
  }

  func stop() {
    stopped = true
    timer?.cancel()
    if pid > 0 { kill(pid, SIGKILL) }
  }

  private func again(_ why: String) {
    let wait = policy.ended(afterRunning: .zero) + RestartPolicy.firstWait
    Log.error("sign: \(why); again in \(wait.milliseconds) ms")
    timer = loop.after(wait) { [weak self] in self?.run() }
  }
}
