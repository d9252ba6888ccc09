import Testing

@testable import Signaling

/// The whole table, written down a second time in another form.
@Suite struct CallMachineTests {
  typealias Row = (input: CallMachine.Input, expected: [CallMachine.Transition])

  /// In the order of `CallState.allCases`: inviting, ringing, connecting, connected, ended.
  static let table: [Row] = [
    (.alerted, [.to(.ringing), .ignored, .ignored, .ignored, .ignored]),
    (.accepted, [.to(.connecting), .to(.connecting), .refused, .refused, .refused]),
    (.rejected, [.end(.rejected), .end(.rejected), .refused, .refused, .refused]),
    (.calleeBusy, [.end(.busy), .end(.busy), .ignored, .ignored, .ignored]),
    (.calleeGone, [.end(.unreachable), .end(.unreachable), .end(.mediaFailed), .end(.mediaFailed), .ignored]),
    (.callerGone, [.end(.cancelled), .end(.cancelled), .end(.mediaFailed), .end(.mediaFailed), .ignored]),
    (.callerHungUp, [.end(.cancelled), .end(.cancelled), .end(.hungUp), .end(.hungUp), .refused]),
    (.calleeHungUp, [.refused, .refused, .end(.hungUp), .end(.hungUp), .refused]),
    (.mediaUp, [.ignored, .ignored, .to(.connected), .ignored, .ignored]),
    (.mediaFailed, [.end(.mediaFailed), .end(.mediaFailed), .end(.mediaFailed), .end(.mediaFailed), .ignored]),
    (.ringTimedOut, [.end(.timedOut), .end(.timedOut), .ignored, .ignored, .ignored]),
    (.longestReached, [.ignored, .ignored, .ignored, .end(.timedOut), .ignored]),
  ]

  /// A machine in a state, reached the way a call reaches it.
  static func machine(in state: CallState) -> CallMachine {
    let path: [CallMachine.Input] =
      switch state {
      case .inviting: []
      case .ringing: [.alerted]
      case .connecting: [.alerted, .accepted]
      case .connected: [.alerted, .accepted, .mediaUp]
      case .ended: [.alerted, .accepted, .mediaUp, .callerHungUp]
      }
    var machine = CallMachine()
    for input in path { _ = machine.handle(input) }
    return machine
  }

  @Test func theTableIsComplete() {
    for input in CallMachine.Input.allCases {
      let rows = Self.table.filter { $0.input == input }
      #expect(rows.count == 1, "\(input) needs exactly one row")
      #expect(rows.first?.expected.count == CallState.allCases.count, "\(input) needs a cell for each state")
    }
  }

  @Test(arguments: CallState.allCases, CallMachine.Input.allCases)
  func everyStateAgainstEveryInput(state: CallState, input: CallMachine.Input) throws {
    let row = try #require(Self.table.first { $0.input == input })
    let index = try #require(CallState.allCases.firstIndex(of: state))
    try #require(row.expected.count > index)
    let expected = row.expected[index]
    let before = Self.machine(in: state)
    #expect(before.state == state)
    var machine = before
    #expect(machine.handle(input) == expected)
    switch expected {
    case .to(let next):
      #expect(machine.state == next)
      #expect(machine.end == nil)
    case .end(let reason):
      #expect(machine.state == .ended)
      #expect(machine.end == reason)
    case .ignored, .refused: #expect(machine == before)
    }
  }

  @Test func aCallNeverGoesBack() {
    for state in CallState.allCases {
      for input in CallMachine.Input.allCases {
        guard case .to(let next) = CallMachine.transition(state, input) else { continue }
        let order = CallState.allCases
        #expect(order.firstIndex(of: next) ?? 0 > order.firstIndex(of: state) ?? 0)
      }
    }
  }
}
