import Linux
import Testing

@testable import Supervisor

@Suite struct EscalationTests {
  static func at(_ seconds: Int64) -> MonotonicTime { MonotonicTime(microseconds: seconds * 1_000_000) }

  @Test func firstBothBeginAnewAndThenTheSupervisorLeaves() {
    var escalation = Escalation(isService: true)
    #expect(escalation.next(at: Self.at(0)) == .bothAnew)
    #expect(escalation.next(at: Self.at(30)) == .leave)
  }

  @Test func whatHelpedForAWhileIsTriedAgain() {
    var escalation = Escalation(isService: true)
    #expect(escalation.next(at: Self.at(0)) == .bothAnew)
    #expect(escalation.next(at: Self.at(601)) == .bothAnew)
  }

  /// Nobody would start it again.
  @Test func withoutSystemdItNeverLeaves() {
    var escalation = Escalation(isService: false)
    for time in 0..<100 { #expect(escalation.next(at: Self.at(Int64(time))) == .bothAnew) }
  }

  /// A child that ends for ever, in virtual time: the steps, and when.
  @Test func theStepsOfAChildThatNeverServes() {
    var child = ChildLifecycle(startAt: Self.at(0))
    var escalation = Escalation(isService: true)
    var steps: [(Escalation.Step, Int64)] = []
    var now = Self.at(0)
    while now < Self.at(3_600), steps.last?.0 != .leave {
      #expect(child.poll(now) == .spawn)
      child.spawned(at: now)
      child.ended("exit code 1", at: now)
      if child.policy.wantsEscalation { steps.append((escalation.next(at: now), now.microseconds / 1_000)) }
      guard let next = child.nextTimeout, next > now else {
        Issue.record("it does not wait")
        return
      }
      now = next
    }
    #expect(steps.map(\.0) == [.bothAnew, .leave])
    // After 100 + 200 + 400 + 800 + 1600 ms, and six times five seconds later.
    #expect(steps.map(\.1) == [3_100, 33_100])
  }
}
