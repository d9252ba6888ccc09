import CLinux
import Glibc

/// Signals as something to read. They are blocked for the whole process, so it must be made before any thread.
public final class Signals {
  private let descriptor: Descriptor

  /// Blocks the signals and opens a descriptor that tells of them.
  public init(_ numbers: [Int32]) throws(SystemError) {
    var set = sigset_t()
    sigemptyset(&set)
    for number in numbers { sigaddset(&set, number) }
    // Where whoever started us had them ignored, nobody would hear of a child's end.
    if numbers.contains(SIGCHLD) { signal(SIGCHLD, SIG_DFL) }
    guard pthread_sigmask(SIG_BLOCK, &set, nil) == 0 else { throw SystemError.last("pthread_sigmask") }
    let number = fb_signalfd(&set)
    guard number >= 0 else { throw SystemError.last("signalfd") }
    descriptor = Descriptor(adopting: number)
  }

  /// Whether whoever started this process had a signal ignored.
  public static func isIgnored(_ number: Int32) -> Bool { fb_signal_ignored(number) != 0 }

  /// For a loop to watch.
  public var number: Int32 { descriptor.number }

  /// The next signal that came, nil if there is none.
  public func next() -> Int32? {
    var info = signalfd_siginfo()
    let length = read(descriptor.number, &info, MemoryLayout<signalfd_siginfo>.size)
    return length == MemoryLayout<signalfd_siginfo>.size ? Int32(info.ssi_signo) : nil
  }

  /// Makes a write to a closed connection an error and not the end of the process.
  public static func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }

  /// `SIGKILL`, …
  public static func name(_ number: Int32) -> String {
    let names: [Int32: String] = [
      SIGHUP: "SIGHUP", SIGINT: "SIGINT", SIGQUIT: "SIGQUIT", SIGILL: "SIGILL", SIGTRAP: "SIGTRAP",
      SIGABRT: "SIGABRT", SIGBUS: "SIGBUS", SIGFPE: "SIGFPE", SIGKILL: "SIGKILL", SIGSEGV: "SIGSEGV",
      SIGPIPE: "SIGPIPE", SIGTERM: "SIGTERM", SIGSYS: "SIGSYS", SIGXCPU: "SIGXCPU",
    ]
    return names[number] ?? "\(number)"
  }
}
