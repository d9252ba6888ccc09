import Glibc
import Links
import Linux
import TestSupport
import Testing

/// The box on a terminal, which is the other end of a pseudo-terminal here.
@Suite struct ConsoleTests {
  final class Screen {
    private let ours: Descriptor
    private let theirs: Descriptor
    private let directory: ScratchDirectory
    private let before: termios
    private var pid: pid_t
    private(set) var text = ""

    init() throws {
      // posix_openpt and its kin are not in Swift's Glibc; these are what they do.
      ours = Descriptor(adopting: open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC))
      var unlocked: Int32 = 0
      var number: Int32 = -1
      #expect(ioctl(ours.number, 0x4004_5431, &unlocked) == 0)
      #expect(ioctl(ours.number, 0x8004_5430, &number) == 0)
      let name = "/dev/pts/\(number)"
      theirs = Descriptor(adopting: open(name, O_RDWR | O_NOCTTY | O_CLOEXEC))
      var settings = termios()
      #expect(tcgetattr(theirs.number, &settings) == 0)
      before = settings
      directory = try ScratchDirectory()
      // The shell gives it the terminal as its input too.
      var spawn = Spawn(
        path: "/bin/sh",
        arguments: [
          "sh", "-c", "exec \"$0\" \"$@\" <\(name)", Box.binary, "supervise", "--console", "--root", directory.path,
          "--web", Box.web, "--set", "network.listen=127.0.0.1", "--set", "network.https-port=0", "--set",
          "network.http-port=0", "--set", "network.media-port=0",
        ])
      spawn.output = theirs.number
      pid = try LastingSpawn.start(spawn)
    }

    deinit {
      guard pid > 0 else { return }
      kill(pid, SIGKILL)
      waitpid(pid, nil, 0)
    }

    func type(_ bytes: [UInt8]) { #expect(write(ours.number, bytes, bytes.count) == bytes.count) }
    func send(_ signal: Int32) { kill(pid, signal) }

    func read(until condition: (String) -> Bool) throws {
      let deadline = MonotonicTime.now() + .seconds(Int64(Box.seconds))
      var bytes = [UInt8](repeating: 0, count: 65_536)
      while !condition(text) {
        var entry = pollfd(fd: ours.number, events: Int16(POLLIN), revents: 0)
        let left = (deadline - .now()).milliseconds
        guard left > 0, poll(&entry, 1, Int32(clamping: left)) == 1 else { throw Failure("the screen shows: \(text)") }
        let count = Glibc.read(ours.number, &bytes, bytes.count)
        guard count > 0 else { throw Failure("the terminal is closed; the screen shows: \(text)") }
        text += String(decoding: bytes[..<count], as: UTF8.self)
      }
    }

    func untilItWorks() throws { try read { $0.contains("nobody who could be called") } }

    /// It ends in good order, and the terminal is as it was.
    func expectEnd() throws {
      try read { $0.contains("\u{1b}[?1049l") }
      var info = siginfo_t()
      waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT)
      #expect(ChildExit.collect(pid)?.exit == .exited(code: 0))
      pid = 0
      #expect(text.contains("\u{1b}[?1049h"))
      #expect(text.contains("\u{1b}[?25h"))
      var after = termios()
      #expect(tcgetattr(theirs.number, &after) == 0)
      #expect(after.c_lflag == before.c_lflag)
    }
  }

  @Test func showsTheBoxAndTakesKeys() throws {
    let screen = try Screen()
    try screen.untilItWorks()
    #expect(screen.text.contains("https://127.0.0.1:"))
    #expect(screen.text.contains("STATUS") && screen.text.contains("TALK"))
    screen.type(Array("c".utf8))
    try screen.read { $0.contains("button: call pressed") }
    // The right arrow ends in C, Home in H, and Ctrl-S stops no output: none of them is a key of this box.
    screen.type([27, 91, 67])
    screen.type([27, 91, 72])
    screen.type([19])
    // The second key of a button does not end the long press of the first one.
    screen.type(Array("Hh".utf8))
    try screen.read { $0.contains("button: hangUp") }
    #expect(screen.text.contains("button: hangUp held"))
    #expect(!screen.text.contains("button: call held"))
    screen.type(Array("q".utf8))
    try screen.expectEnd()
  }

  @Test(arguments: [SIGTERM, SIGINT, SIGQUIT, SIGHUP]) func aSignalGivesTheTerminalBack(signal: Int32) throws {
    let screen = try Screen()
    try screen.untilItWorks()
    screen.send(signal)
    try screen.expectEnd()
  }

  /// Ctrl-C and Ctrl-\; Ctrl-Z is no key of it, and does not suspend it.
  @Test(arguments: [3, 28] as [UInt8]) func aKeyThatEndsProgramsGivesTheTerminalBack(key: UInt8) throws {
    let screen = try Screen()
    try screen.untilItWorks()
    screen.type([26, key])
    try screen.expectEnd()
  }
}
