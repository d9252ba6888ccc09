import Hardware
import Links
import Linux
import Supervisor
import Testing

/// The rows of the table of buttons, from the finger to the press that the box agent hears: finger → contact → edges →
/// classifier → press.
enum PressContract {
  enum Step: Sendable {
    case down(ButtonName)
    case up(ButtonName)
    /// The contact closes or opens, and does so several times before it stays.
    case bounce(ButtonName, down: Bool)
    /// Milliseconds. They do not really pass: the classifier's clock is put forward.
    case pass(Int64)
  }

  struct Row: Sendable, CustomTestStringConvertible {
    var name: String
    /// Who is held down before the box is powered on.
    var atPowerOn: [ButtonName] = []
    var steps: [Step]
    var presses: [Press]
    var testDescription: String { name }
  }

  static let rows: [Row] = [
    Row(name: "CALL short", steps: [.down(.call), .pass(200), .up(.call), .pass(60_000)], presses: [.short(.call)]),
    Row(
      name: "CALL held 3 s", steps: [.down(.call), .pass(3_100), .up(.call), .pass(60_000)], presses: [.held(.call)]),
    Row(
      name: "CALL held for less", steps: [.down(.call), .pass(1_500), .up(.call), .pass(60_000)],
      presses: [.short(.call)]),
    Row(
      name: "HANGUP short", steps: [.down(.hangUp), .pass(200), .up(.hangUp), .pass(60_000)],
      presses: [.short(.hangUp)]),
    Row(
      name: "HANGUP held 3 s", steps: [.down(.hangUp), .pass(3_100), .up(.hangUp), .pass(60_000)],
      presses: [.held(.hangUp)]),
    Row(
      name: "both held 5 s",
      steps: [
        .down(.call), .pass(200), .down(.hangUp), .pass(5_100), .up(.call), .up(.hangUp), .pass(60_000),
      ], presses: [.bothHeld]),
    Row(
      name: "both, let go early",
      steps: [.down(.hangUp), .down(.call), .pass(2_000), .up(.hangUp), .pass(100), .up(.call), .pass(60_000)],
      presses: []),
    Row(name: "stuck", steps: [.down(.call), .pass(30_100)], presses: [.held(.call), .stuck(.call)]),
    Row(
      name: "a stuck HANGUP leaves CALL in use",
      steps: [.down(.hangUp), .pass(30_100), .down(.call), .pass(200), .up(.call), .pass(1_000)],
      presses: [.held(.hangUp), .stuck(.hangUp), .short(.call)]),
    Row(
      name: "stuck, let go, pressed again",
      steps: [.down(.call), .pass(30_100), .up(.call), .pass(500), .down(.call), .pass(200), .up(.call), .pass(1_000)],
      presses: [.held(.call), .stuck(.call), .short(.call)]),
    Row(
      name: "two presses",
      steps: [.down(.call), .pass(100), .up(.call), .pass(100), .down(.call), .pass(100), .up(.call), .pass(1_000)],
      presses: [.short(.call), .short(.call)]),
    Row(
      name: "bounce at both ends",
      steps: [.bounce(.call, down: true), .pass(200), .bounce(.call, down: false), .pass(60_000)],
      presses: [.short(.call)]),
    Row(
      name: "bounce, then held",
      steps: [.bounce(.hangUp, down: true), .pass(3_100), .bounce(.hangUp, down: false), .pass(60_000)],
      presses: [.held(.hangUp)]),
    Row(
      name: "HANGUP held at power-on", atPowerOn: [.hangUp], steps: [.pass(10_000), .up(.hangUp), .pass(1_000)],
      presses: [.held(.hangUp)]),
  ]

  /// The machine was too slow to bounce within the time that counts as bouncing.
  private struct TooSlow: Error {}

  /// Plays a row, on a new board each time that the machine was too slow.
  static func play(_ row: Row, on board: () throws -> any BoardUnderTest) throws {
    for _ in 0..<20 {
      do {
        let player = Player(try board())
        try player.play(row)
        #expect(player.presses == row.presses)
        return
      } catch is TooSlow {
        continue
      }
    }
    throw ContractFailure("this machine could not bounce within \(PressClassifier.debounce.milliseconds) ms")
  }

  private final class Player {
    private let board: any BoardUnderTest
    private var classifier = PressClassifier()
    private var putForward = Interval.zero
    private(set) var presses: [Press] = []

    init(_ board: any BoardUnderTest) { self.board = board }

    func play(_ row: Row) throws {
      for name in row.atPowerOn { try board.move(name, down: true) }
      board.settle()
      for button in board.buttons { try button.open() }
      for name in row.atPowerOn { _ = try take(name) }
      for step in row.steps {
        switch step {
        case .down(let name): _ = try move(name, down: true)
        case .up(let name): _ = try move(name, down: false)
        case .bounce(let name, let down):
          let first = try move(name, down: down)
          var last = first
          for again in [!down, down, !down, down] { last = try move(name, down: again) }
          if last - first >= PressClassifier.debounce { throw TooSlow() }
        case .pass(let milliseconds):
          putForward = putForward + .milliseconds(milliseconds)
          presses += classifier.poll(.now() + putForward)
        }
      }
    }

    private func move(_ name: ButtonName, down: Bool) throws -> MonotonicTime {
      try board.move(name, down: down)
      let edge = try take(name)
      #expect(edge.down == down)
      return edge.time
    }

    private func take(_ name: ButtonName) throws -> ButtonEdge {
      let edge = try board.button(name).awaitEdge()
      presses += classifier.edge(edge.button, down: edge.down, at: edge.time + putForward)
      return edge
    }
  }
}
