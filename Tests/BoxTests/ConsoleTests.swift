import Glibc
import Links
import Linux
import TestSupport
import Testing

/// The box on a terminal, which is the other end of a pseudo-terminal here.
@Suite struct ConsoleTests {
  @Test func showsTheBoxTakesKeysAndGivesTheTerminalBack() throws {
    // posix_openpt and its kin are not in Swift's Glibc; these are what they do.
    let owned = Descriptor(adopting: open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC))
    var unlocked: Int32 = 0
    var number: Int32 = -1
    #expect(ioctl(owned.number, 0x4004_5431, &unlocked) == 0)
    #expect(ioctl(owned.number, 0x8004_5430, &number) == 0)
    let name = "/dev/pts/\(number)"
    let other = Descriptor(adopting: open(name, O_RDWR | O_NOCTTY | O_CLOEXEC))
    var before = termios()
    #expect(tcgetattr(other.number, &before) == 0)

    let directory = try ScratchDirectory()
    // The shell gives it the terminal as its input too.
    var spawn = Spawn(
      path: "/bin/sh",
      arguments: [
        "sh", "-c", "exec \"$0\" \"$@\" <\(name)", Box.binary, "supervise", "--console", "--root", directory.path,
        "--web",
        Box.web, "--set", "network.listen=127.0.0.1", "--set", "network.https-port=0", "--set", "network.http-port=0",
        "--set", "network.media-port=0",
      ])
    spawn.output = other.number
    let pid = try LastingSpawn.start(spawn)
    var screen = ""
    try Self.read(owned.number, into: &screen) { $0.contains("nobody who could be called") }
    #expect(screen.contains("https://127.0.0.1:"))
    #expect(screen.contains("STATUS") && screen.contains("TALK"))
    _ = write(owned.number, "c", 1)
    try Self.read(owned.number, into: &screen) { $0.contains("press: short") }
    _ = write(owned.number, "q", 1)
    try Self.read(owned.number, into: &screen) { $0.contains("\u{1b}[?1049l") }
    var info = siginfo_t()
    waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT)
    #expect(ChildExit.collect(pid)?.exit == .exited(code: 0))
    #expect(screen.contains("\u{1b}[?1049h"))
    var after = termios()
    #expect(tcgetattr(other.number, &after) == 0)
    #expect(after.c_lflag == before.c_lflag)
  }

  static func read(_ number: Int32, into screen: inout String, until condition: (String) -> Bool) throws {
    let deadline = MonotonicTime.now() + .seconds(Int64(Box.seconds))
    var bytes = [UInt8](repeating: 0, count: 65_536)
    while !condition(screen) {
      var entry = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
      let left = (deadline - .now()).milliseconds
      guard left > 0, poll(&entry, 1, Int32(clamping: left)) == 1 else { throw Failure("the screen shows: \(screen)") }
      let count = Glibc.read(number, &bytes, bytes.count)
      guard count > 0 else { throw Failure("the terminal is closed; the screen shows: \(screen)") }
      screen += String(decoding: bytes[..<count], as: UTF8.self)
    }
  }
}
