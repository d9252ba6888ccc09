import CLinux
import Glibc

/// How a child ended.
public enum ChildExit: Equatable, Sendable, CustomStringConvertible {
  case exited(code: Int32)
  case signal(Int32)

  /// In words, for people.
  public var description: String {
    switch self {
    case .exited(let code): "exit code \(code)"
    case .signal(let number): "signal \(Signals.name(number))"
    }
  }

  /// Collects a child that has ended, whichever; nil if none has.
  public static func collectAny() -> (pid: pid_t, exit: ChildExit)? {
    collect(-1)
  }

  /// Collects a certain child if it has ended.
  public static func collect(_ pid: pid_t) -> (pid: pid_t, exit: ChildExit)? {
    var status: Int32 = 0
    let ended = waitpid(pid, &status, WNOHANG)
    guard ended > 0 else { return nil }
    return (ended, fb_signaled(status) != 0 ? .signal(fb_term_signal(status)) : .exited(code: fb_exit_code(status)))
  }
}
