import Glibc
import Linux
import TestSupport
import Testing

@testable import Supervisor

@Suite struct SigningTests {
  /// No process has such a number.
  static let nobody: pid_t = 1 << 30

  @Test func aFaultIsShownAndASuccessClearsIt() throws {
    let loop = try EventLoop()
    var changes = 0
    var successes = 0
    let signing = Signing(
      start: { Self.nobody }, done: { successes += 1 }, changed: { changes += 1 }, on: loop)
    let most = RestartPolicy.Rules().mostEnds
    for _ in 0...most {
      #expect(!signing.isFault)
      signing.run()
      signing.ended(.exited(code: 1))
    }
    #expect(signing.isFault)
    #expect(changes == most + 1)
    #expect(signing.lastEnd == "signing: exit code 1")
    signing.run()
    signing.ended(.exited(code: 0))
    #expect(!signing.isFault)
    #expect(signing.lastEnd == nil)
    #expect(successes == 1)
    #expect(changes == most + 2)
  }

  @Test func oneThatHangsIsKilled() throws {
    let loop = try EventLoop()
    let pid = try LastingSpawn.start(Spawn(path: "/bin/sleep", arguments: ["sleep", "60"]))
    let signing = Signing(
      limit: .milliseconds(1), start: { pid }, done: { Issue.record("done") }, changed: {}, on: loop)
    signing.run()
    loop.turn(atMost: .seconds(30))
    var info = siginfo_t()
    waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT)
    signing.ended(try #require(ChildExit.collect(pid)?.exit))
    #expect(signing.lastEnd == "signing: hang: not done after 1 ms")
    #expect(!signing.isAlive)
    signing.stop()
  }
}
