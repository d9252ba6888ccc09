import Links
import Linux
import TestSupport
import Testing

@testable import Supervisor

/// Edges and moments in milliseconds, and the presses that must come of them.
struct PressCase: Sendable, CustomTestStringConvertible {
  enum Step: Sendable {
    case down(ButtonName, Int64)
    case up(ButtonName, Int64)
  }
  var name: String
  var steps: [Step]
  /// Let this time pass at the end.
  var until: Int64
  var expected: [(Int64, Press)]
  var testDescription: String { name }
}

@Suite struct PressClassifierTests {
  static let cases: [PressCase] = [
    PressCase(
      name: "short", steps: [.down(.call, 0), .up(.call, 200)], until: 60_000, expected: [(200, .short(.call))]),
    PressCase(
      name: "short of HANGUP", steps: [.down(.hangUp, 0), .up(.hangUp, 999)], until: 60_000,
      expected: [(999, .short(.hangUp))]),
    PressCase(
      name: "longer than a second is still short", steps: [.down(.call, 0), .up(.call, 2_999)], until: 60_000,
      expected: [(2_999, .short(.call))]),
    PressCase(
      name: "held counts while down, not again at the release", steps: [.down(.call, 0), .up(.call, 3_500)],
      until: 60_000, expected: [(3_000, .held(.call))]),
    PressCase(
      name: "released at the very moment it counts as held", steps: [.down(.call, 0), .up(.call, 3_000)],
      until: 60_000, expected: [(3_000, .held(.call))]),
    PressCase(
      name: "two presses", steps: [.down(.call, 0), .up(.call, 100), .down(.call, 200), .up(.call, 300)],
      until: 60_000, expected: [(100, .short(.call)), (300, .short(.call))]),
    PressCase(
      name: "bounce at both ends",
      steps: [
        .down(.call, 0), .up(.call, 1), .down(.call, 2), .up(.call, 9), .down(.call, 12), .up(.call, 200),
        .down(.call, 201), .up(.call, 215),
      ], until: 60_000, expected: [(200, .short(.call))]),
    PressCase(
      name: "a press shorter than the bounce time counts when that is over",
      steps: [.down(.call, 0), .up(.call, 10)], until: 60_000, expected: [(30, .short(.call))]),
    PressCase(
      name: "repeated edges of the same kind change nothing",
      steps: [.down(.call, 0), .down(.call, 100), .up(.call, 200), .up(.call, 300)], until: 60_000,
      expected: [(200, .short(.call))]),
    PressCase(
      name: "both held",
      steps: [.down(.call, 0), .down(.hangUp, 500), .up(.call, 6_000), .up(.hangUp, 6_100)], until: 60_000,
      expected: [(5_500, .bothHeld)]),
    PressCase(
      name: "both, released early: nothing",
      steps: [.down(.call, 0), .down(.hangUp, 100), .up(.call, 4_000), .up(.hangUp, 4_100)], until: 60_000,
      expected: []),
    PressCase(
      name: "the second of a chord that was given up is no press of its own",
      steps: [.down(.call, 0), .down(.hangUp, 100), .up(.call, 1_000), .up(.hangUp, 5_000)], until: 60_000,
      expected: []),
    PressCase(
      name: "stuck", steps: [.down(.hangUp, 0), .up(.hangUp, 40_000)], until: 60_000,
      expected: [(3_000, .held(.hangUp)), (30_000, .stuck(.hangUp))]),
    PressCase(
      name: "a jammed HANGUP does not disable CALL",
      steps: [.down(.hangUp, 0), .down(.call, 10_000), .up(.call, 10_200)], until: 20_000,
      expected: [(3_000, .held(.hangUp)), (10_200, .short(.call))]),
    PressCase(
      name: "both stuck after a chord", steps: [.down(.call, 0), .down(.hangUp, 0)], until: 40_000,
      expected: [(5_000, .bothHeld), (30_000, .stuck(.call)), (30_000, .stuck(.hangUp))]),
    PressCase(
      name: "released from stuck, it works again",
      steps: [.down(.call, 0), .up(.call, 31_000), .down(.call, 32_000), .up(.call, 32_100)], until: 60_000,
      expected: [(3_000, .held(.call)), (30_000, .stuck(.call)), (32_100, .short(.call))]),
  ]

  static func at(_ milliseconds: Int64) -> MonotonicTime {
    MonotonicTime(microseconds: 1_000_000_000 + milliseconds * 1_000)
  }

  /// Plays a case; timers fire exactly when they are due, or only together with the next edge.
  static func play(_ test: PressCase, timely: Bool) -> [(Int64, Press)] {
    var classifier = PressClassifier()
    var seen: [(Int64, Press)] = []
    func record(_ presses: [Press], _ time: MonotonicTime) {
      for press in presses { seen.append(((time.microseconds - 1_000_000_000) / 1_000, press)) }
    }
    func pass(to time: MonotonicTime) {
      while timely, let next = classifier.nextTimeout, next <= time { record(classifier.poll(next), next) }
    }
    for step in test.steps {
      switch step {
      case .down(let button, let milliseconds):
        pass(to: at(milliseconds))
        record(classifier.edge(button, down: true, at: at(milliseconds)), at(milliseconds))
      case .up(let button, let milliseconds):
        pass(to: at(milliseconds))
        record(classifier.edge(button, down: false, at: at(milliseconds)), at(milliseconds))
      }
    }
    pass(to: at(test.until))
    record(classifier.poll(at(test.until)), at(test.until))
    return seen
  }

  @Test(arguments: cases) func edgesBecomePresses(test: PressCase) {
    let seen = Self.play(test, timely: true)
    #expect(seen.map(\.0) == test.expected.map(\.0))
    #expect(seen.map(\.1) == test.expected.map(\.1))
  }

  /// A loop that was held up sees the same presses, only later.
  @Test(arguments: cases) func lateTimersGiveTheSamePresses(test: PressCase) {
    #expect(Self.play(test, timely: false).map(\.1) == test.expected.map(\.1))
  }

  @Test func stuckButtonsAreToldUntilTheyAreReleased() {
    var classifier = PressClassifier()
    _ = classifier.edge(.call, down: true, at: Self.at(0))
    _ = classifier.poll(Self.at(29_999))
    #expect(classifier.stuck == [])
    _ = classifier.poll(Self.at(30_000))
    #expect(classifier.stuck == [.call])
    _ = classifier.edge(.call, down: false, at: Self.at(40_000))
    #expect(classifier.stuck == [])
    #expect(classifier.nextTimeout == nil)
  }

  /// Whatever the contacts do: it ends, asks for no timer in the past, and after both are released nothing is left.
  @Test(arguments: 0..<50) func anyEdgesComeToRest(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var classifier = PressClassifier()
    var time: Int64 = 0
    for _ in 0..<500 {
      time += Int64.random(in: 0...4_000, using: &generator)
      let button: ButtonName = Bool.random(using: &generator) ? .call : .hangUp
      _ = classifier.edge(button, down: Bool.random(using: &generator), at: Self.at(time))
      if let next = classifier.nextTimeout { #expect(next > Self.at(time)) }
    }
    for button in ButtonName.allCases { _ = classifier.edge(button, down: false, at: Self.at(time + 1)) }
    _ = classifier.poll(Self.at(time + 1_000))
    #expect(classifier.nextTimeout == nil)
    #expect(classifier.edge(.call, down: true, at: Self.at(time + 2_000)) == [])
    #expect(classifier.edge(.call, down: false, at: Self.at(time + 2_100)) == [.short(.call)])
  }
}
