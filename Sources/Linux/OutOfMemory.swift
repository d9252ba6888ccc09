import Glibc

/// What the kernel does when memory runs out: it ends a process, the one with the most memory and the highest score first.
public enum OutOfMemory {
  /// This process offers itself before others: it is started again, and whoever does that must not be ended. Anybody may raise
  /// their own score (proc(5)); where it cannot be written, all are alike.
  public static func offerFirst() {
    let number = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC)
    guard number >= 0 else { return }
    let score = "500"
    _ = write(number, score, score.utf8.count)
    close(number)
  }
}
