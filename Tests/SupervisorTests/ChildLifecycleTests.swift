import Linux
import Testing

@testable import Supervisor

@Suite struct ChildLifecycleTests {
  static func at(_ milliseconds: Int64) -> MonotonicTime { MonotonicTime(microseconds: milliseconds * 1_000) }

  /// 100 ms heartbeats, three may be missed, 1 s to start, 500 ms to stop.
  static func child() -> ChildLifecycle {
    var bounds = ChildLifecycle.Bounds()
    bounds.heartbeat = .milliseconds(100)
    bounds.missedHeartbeats = 3
    bounds.start = .milliseconds(1_000)
    bounds.stop = .milliseconds(500)
    return ChildLifecycle(bounds: bounds, startAt: at(0))
  }

  static func running() -> ChildLifecycle {
    var child = child()
    #expect(child.poll(at(0)) == .spawn)
    child.spawned(at: at(0))
    child.ready(at: at(10))
    return child
  }

  @Test func startsAtOnceAndRunsWhenItSaysReady() {
    var child = Self.child()
    #expect(child.word == "starting")
    #expect(child.poll(Self.at(0)) == .spawn)
    child.spawned(at: Self.at(1))
    #expect(child.word == "starting" && child.isAlive && !child.isRunning)
    #expect(child.poll(Self.at(500)) == nil)
    child.ready(at: Self.at(600))
    #expect(child.isRunning && child.word == "running" && child.restarts == 0)
  }

  @Test func oneThatIsNotReadyInTimeIsKilledAndStartedAgain() {
    var child = Self.child()
    _ = child.poll(Self.at(0))
    child.spawned(at: Self.at(0))
    #expect(child.nextTimeout == Self.at(1_000))
    #expect(child.poll(Self.at(1_000)) == .kill)
    #expect(child.poll(Self.at(2_000)) == nil)
    child.ended("signal SIGKILL", at: Self.at(1_010))
    #expect(child.lastEnd == "hang: not ready after 1000 ms")
    #expect(child.nextTimeout == Self.at(1_110))
    #expect(child.poll(Self.at(1_110)) == .spawn)
  }

  @Test func answeredHeartbeatsGoOnForEver() {
    var child = Self.running()
    for beat in 1...1_000 {
      let now = Self.at(10 + Int64(beat) * 100)
      #expect(child.nextTimeout == now)
      #expect(child.poll(now) == .ping(beat))
      child.pong(beat)
    }
    #expect(child.isRunning)
  }

  @Test func threeHeartbeatsWithoutAnAnswerAreAHang() {
    var child = Self.running()
    #expect(child.poll(Self.at(110)) == .ping(1))
    child.pong(1)
    for (time, number) in [(210, 2), (310, 3), (410, 4)] { #expect(child.poll(Self.at(Int64(time))) == .ping(number)) }
    #expect(child.poll(Self.at(510)) == .kill)
    #expect(child.word == "restarting")
    child.ended("signal SIGKILL", at: Self.at(511))
    #expect(child.lastEnd == "hang: 3 heartbeats without an answer")
    #expect(child.poll(Self.at(511)) == .spawn)
  }

  @Test func aLateAnswerSavesIt() {
    var child = Self.running()
    for (time, number) in [(110, 1), (210, 2), (310, 3)] { #expect(child.poll(Self.at(Int64(time))) == .ping(number)) }
    child.pong(3)
    #expect(child.poll(Self.at(410)) == .ping(4))
  }

  @Test(arguments: [0, -1, 2, .max, .min]) func answersToPingsThatWereNeverSentDoNotCount(number: Int) {
    var child = Self.running()
    #expect(child.poll(Self.at(110)) == .ping(1))
    child.pong(number)
    #expect(child.poll(Self.at(210)) == .ping(2))
    #expect(child.poll(Self.at(310)) == .ping(3))
    #expect(child.poll(Self.at(410)) == .kill)
  }

  /// A supervisor that was itself stopped for a minute must not blame the child.
  @Test func aSupervisorThatWasHeldUpGivesTheChildItsTime() {
    var child = Self.running()
    #expect(child.poll(Self.at(60_000)) == .ping(1))
    #expect(child.poll(Self.at(60_000)) == nil)
    child.pong(1)
    #expect(child.nextTimeout == Self.at(60_100))
  }

  /// Ends of a child that serves, or never does, and what is waited after each; in milliseconds.
  static func waits(_ child: inout ChildLifecycle, serves: Bool, ends: Int) -> [Int64] {
    var now: Int64 = 0
    return (0..<ends).map { _ in
      #expect(child.poll(at(now)) == .spawn)
      child.spawned(at: at(now))
      if serves { child.ready(at: at(now)) }
      child.ended("exit code 1", at: at(now))
      let wait = ((child.nextTimeout ?? at(now)) - at(now)).milliseconds
      now += wait
      return wait
    }
  }

  @Test func oneThatNeverServesWaitsLongerAndLonger() {
    var bounds = ChildLifecycle.Bounds()
    bounds.restarts.mostEnds = 100
    var child = ChildLifecycle(bounds: bounds, startAt: Self.at(0))
    #expect(
      Self.waits(&child, serves: false, ends: 9) == [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000])
    #expect(!child.isFault)
    // To serve once is enough to be started at once again.
    #expect(child.poll(Self.at(100_000)) == .spawn)
    child.spawned(at: Self.at(100_000))
    child.ready(at: Self.at(100_000))
    child.ended("signal SIGSEGV", at: Self.at(100_001))
    #expect(child.poll(Self.at(100_001)) == .spawn)
  }

  /// Each end of a child that serves is healed at once, up to a point.
  @Test func oneThatServesAndEndsIsStartedAtOnceUntilItIsTooOften() {
    var child = ChildLifecycle(startAt: Self.at(0))
    #expect(Self.waits(&child, serves: true, ends: 8) == [0, 0, 0, 0, 0, 5_000, 5_000, 5_000])
    #expect(child.isFault)
    #expect(child.restarts == 7)
  }

  /// However long it may take to start: it has not served.
  @Test func neverReadyInALongTimeIsAFaultToo() {
    var bounds = ChildLifecycle.Bounds()
    bounds.start = .seconds(9)
    var child = ChildLifecycle(bounds: bounds, startAt: Self.at(0))
    var now: Int64 = 0
    for _ in 0...bounds.restarts.mostEnds {
      #expect(!child.isFault)
      #expect(child.poll(Self.at(now)) == .spawn)
      child.spawned(at: Self.at(now))
      now += 9_000
      #expect(child.poll(Self.at(now)) == .kill)
      child.ended("signal SIGKILL", at: Self.at(now))
      now += ((child.nextTimeout ?? Self.at(now)) - Self.at(now)).milliseconds
    }
    #expect(child.isFault)
  }

  @Test func timeForgives() {
    var child = ChildLifecycle(startAt: Self.at(0))
    _ = Self.waits(&child, serves: true, ends: 6)
    #expect(child.isFault)
    #expect(child.poll(Self.at(10_000)) == .spawn)
    child.spawned(at: Self.at(10_000))
    child.ready(at: Self.at(10_000))
    _ = child.poll(Self.at(59_000))
    #expect(child.isFault)
    _ = child.poll(Self.at(61_000))
    #expect(!child.isFault)
    child.ended("exit code 1", at: Self.at(61_001))
    #expect(child.poll(Self.at(61_001)) == .spawn)
  }

  @Test func aHopelessOneIsAFaultAtOnceAndIsTriedAfterLong() {
    var child = Self.running()
    child.ended("exit code 78", isHopeless: true, at: Self.at(20))
    #expect(child.isFault)
    #expect(child.poll(Self.at(30_019)) == nil)
    #expect(child.nextTimeout == Self.at(30_020))
    #expect(child.poll(Self.at(30_020)) == .prepare)
    #expect(child.word == "restarting" && !child.isAlive && child.nextTimeout == nil)
    #expect(child.poll(Self.at(90_000)) == nil)
    child.prepared(at: Self.at(90_000))
    #expect(child.poll(Self.at(90_000)) == .spawn)
    child.spawned(at: Self.at(90_000))
    #expect(child.isFault)
    child.ready(at: Self.at(90_010))
    #expect(!child.isFault)
    // An end of another kind needs nothing prepared.
    child.ended("exit code 1", at: Self.at(110_000))
    #expect(child.poll(Self.at(110_000)) == .spawn)
  }

  @Test func stoppedWhileItIsPreparedItStaysDown() {
    var child = Self.running()
    child.ended("exit code 78", isHopeless: true, at: Self.at(20))
    #expect(child.poll(Self.at(30_020)) == .prepare)
    #expect(child.stop(at: Self.at(30_030)) == nil)
    child.prepared(at: Self.at(30_040))
    #expect(child.state == .stopped)
  }

  @Test func oneThatCannotBeStartedIsTriedAgain() {
    var child = Self.child()
    #expect(child.poll(Self.at(0)) == .spawn)
    child.ended("not started: exec", at: Self.at(0))
    #expect(child.poll(Self.at(99)) == nil)
    #expect(child.poll(Self.at(100)) == .spawn)
  }

  @Test func stopsInGoodOrder() {
    var child = Self.running()
    #expect(child.stop(at: Self.at(100)) == .tellToStop)
    #expect(child.stop(at: Self.at(110)) == nil)
    child.ended("exit code 0", at: Self.at(120))
    #expect(child.state == .stopped)
    #expect(child.poll(Self.at(10_000)) == nil)
  }

  @Test func oneThatDoesNotStopIsKilled() {
    var child = Self.running()
    _ = child.stop(at: Self.at(100))
    #expect(child.nextTimeout == Self.at(600))
    #expect(child.poll(Self.at(600)) == .kill)
    #expect(child.poll(Self.at(100_000)) == nil)
    child.ended("signal SIGKILL", at: Self.at(610))
    #expect(child.state == .stopped)
    #expect(child.lastEnd == "killed: had not stopped after 500 ms")
  }

  @Test func stoppedWhileWaitingForARestartItStaysDown() {
    var child = Self.running()
    child.ended("exit code 1", at: Self.at(20))
    #expect(child.stop(at: Self.at(20)) == nil)
    #expect(child.state == .stopped)
    #expect(child.poll(Self.at(10_000)) == nil)
  }

  @Test func stoppedWhileBeingKilledItStaysDown() {
    var child = Self.child()
    _ = child.poll(Self.at(0))
    child.spawned(at: Self.at(0))
    #expect(child.poll(Self.at(1_000)) == .kill)
    #expect(child.stop(at: Self.at(1_001)) == nil)
    child.ended("signal SIGKILL", at: Self.at(1_002))
    #expect(child.state == .stopped)
  }

  @Test func aBrokenLinkEndsIt() {
    var child = Self.running()
    #expect(child.broke("link: closed") == .kill)
    #expect(child.broke("link: closed") == nil)
    child.ended("signal SIGKILL", at: Self.at(100))
    #expect(child.lastEnd == "link: closed")
  }
}
