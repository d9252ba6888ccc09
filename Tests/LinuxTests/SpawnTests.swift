import Glibc
import Linux
import Testing

@Suite struct SpawnTests {
  /// Runs a shell script in a child and gives what it wrote and how it ended.
  static func run(_ script: String, descriptors: [Int32] = []) throws -> (output: String, exit: ChildExit?) {
    var ends: (Int32, Int32) = (-1, -1)
    _ = withUnsafeMutableBytes(of: &ends) { pipe($0.bindMemory(to: Int32.self).baseAddress) }
    let reading = Descriptor(adopting: ends.0)
    var writing: Descriptor? = Descriptor(adopting: ends.1)
    var spawn = Spawn(path: "/bin/sh", arguments: ["sh", "-c", script], environment: ["A=b"])
    spawn.descriptors = descriptors
    spawn.output = ends.1
    let pid = try spawn.start()
    _ = writing.take()
    var text: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4_096)
    while true {
      let count = read(reading.number, &buffer, buffer.count)
      guard count > 0 else { break }
      text += buffer[..<count]
    }
    var info = siginfo_t()
    waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT)
    return (String(decoding: text, as: UTF8.self), ChildExit.collect(pid)?.exit)
  }

  @Test func descriptorsComeInOrderAndNothingElseIsOpen() throws {
    let extra = Descriptor(adopting: dup(0))
    let (a, b) = try MessageSocket.pair()
    // Given in an order in which each may be in the other's way.
    let (output, exit) = try Self.run(
      "ls /proc/$$/fd; readlink /proc/$$/fd/3 /proc/$$/fd/4; cat /proc/$$/fd/0", descriptors: [b.number, a.number])
    #expect(exit == .exited(code: 0))
    let lines = output.split(separator: "\n")
    #expect(lines.prefix(5) == ["0", "1", "2", "3", "4"])
    let names = [b.number, a.number].map { number in
      var text = [CChar](repeating: 0, count: 256)
      let count = readlink("/proc/self/fd/\(number)", &text, text.count)
      return String(decoding: text[..<max(0, count)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
    #expect(lines.dropFirst(5).map(String.init) == names)
    _ = consume extra
  }

  @Test func theChildHasItsOwnSessionCleanSignalsAndNoNewPrivileges() throws {
    // By the shell itself: while it starts a program it blocks signals.
    let (output, _) = try Self.run(
      """
      while read -r line; do case $line in SigBlk*|SigIgn*|NoNewPrivs*) echo "$line";; esac; done </proc/$$/status
      read -r line </proc/$$/stat; set -- $line; echo $1 $6; echo $A
      """)
    let lines = output.split(separator: "\n")
    #expect(lines.contains("SigBlk:\t0000000000000000"))
    // The two above 31 that glibc keeps for itself cannot be reset.
    let ignored = lines.first { $0.hasPrefix("SigIgn:\t") }.flatMap { UInt64($0.dropFirst(8), radix: 16) }
    #expect(ignored.map { $0 & 0x7fff_ffff } == 0)
    #expect(lines.contains("NoNewPrivs:\t1"))
    let ids = lines[3].split(separator: " ")
    #expect(ids[0] == ids[1])
    #expect(lines[4] == "b")
  }

  @Test(arguments: [("exit 3", ChildExit.exited(code: 3)), ("kill -9 $$", .signal(SIGKILL))])
  func theEndIsTold(script: String, expected: ChildExit) throws {
    #expect(try Self.run(script).exit == expected)
  }

  @Test func whatCannotBeStartedIsAnErrorThatNamesTheStep() {
    #expect(throws: SystemError("exec", code: ENOENT, about: "/no/such/program")) {
      try Spawn(path: "/no/such/program", arguments: ["x"]).start()
    }
  }
}
