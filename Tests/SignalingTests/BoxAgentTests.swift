import Links
import Testing

@testable import Signaling

/// Every state of the box agent against every input.
@Suite struct BoxAgentTests {
  static let call = CallID("call")
  static let other = CallID("other")
  static let plan: [RingStage] = [.user(UserID("ann")), .everyone]

  enum StateKind: CaseIterable {
    case idle, placing, calling, incoming, inCall

    var sample: BoxAgent.State {
      switch self {
      case .idle: .idle
      case .placing: .calling(nil, attempt)
      case .calling: .calling(call, attempt)
      case .incoming: .incoming(call)
      case .inCall: .inCall(call, boxCalled: true, autoAnswered: false)
      }
    }

    init(_ state: BoxAgent.State) {
      self =
        switch state {
        case .idle: .idle
        case .calling(nil, _): .placing
        case .calling: .calling
        case .incoming: .incoming
        case .inCall: .inCall
        }
    }
  }
  static let attempt = BoxAgent.Attempt(stage: .user(UserID("ann")), remaining: [.everyone])

  enum InputKind: CaseIterable {
    case callShort, callHeld, callStuck, hangUpShort, hangUpHeld, hangUpStuck, bothHeld
    case incoming, incomingOnList, placed, placedOther, accepted, acceptedOther, ended, endedOther, endsSoon,
      endsSoonOther

    var sample: BoxAgent.Input {
      switch self {
      case .callShort: .press(.short(.call))
      case .callHeld: .press(.held(.call))
      case .callStuck: .press(.stuck(.call))
      case .hangUpShort: .press(.short(.hangUp))
      case .hangUpHeld: .press(.held(.hangUp))
      case .hangUpStuck: .press(.stuck(.hangUp))
      case .bothHeld: .press(.bothHeld)
      case .incoming: .incoming(other, autoAnswer: false)
      case .incomingOnList: .incoming(other, autoAnswer: true)
      case .placed: .placed(call)
      case .placedOther: .placed(other)
      case .accepted: .accepted(call)
      case .acceptedOther: .accepted(other)
      case .ended: .ended(call, .timedOut)
      case .endedOther: .ended(other, .timedOut)
      case .endsSoon: .endsSoon(call)
      case .endsSoonOther: .endsSoon(other)
      }
    }

    /// Fails to compile when an input is added, so that it gets a column.
    init(_ input: BoxAgent.Input) {
      self =
        switch input {
        case .press(.short(.call)): .callShort
        case .press(.short(.hangUp)): .hangUpShort
        case .press(.held(.call)): .callHeld
        case .press(.held(.hangUp)): .hangUpHeld
        case .press(.stuck(.call)): .callStuck
        case .press(.stuck(.hangUp)): .hangUpStuck
        case .press(.bothHeld): .bothHeld
        case .incoming(_, let autoAnswer): autoAnswer ? .incomingOnList : .incoming
        case .placed(let id): id == call ? .placed : .placedOther
        case .accepted(let id): id == call ? .accepted : .acceptedOther
        case .ended(let id, _): id == call ? .ended : .endedOther
        case .endsSoon(let id): id == call ? .endsSoon : .endsSoonOther
        }
    }
  }

  /// What must happen; anything that is not listed must change nothing and do nothing.
  struct Effect {
    var state: BoxAgent.State
    var actions: [BoxAgent.Action]
  }

  /// Nil for "nothing happens". A cell that is missing does not compile.
  static func expected(_ state: StateKind, _ input: InputKind) -> Effect? {
    switch (state, input) {
    case (.idle, .callShort):
      Effect(state: .calling(nil, attempt), actions: [.ring(.user(UserID("ann")), except: [])])
    case (.idle, .incoming): Effect(state: .incoming(other), actions: [])
    case (.idle, .incomingOnList):
      Effect(state: .inCall(other, boxCalled: false, autoAnswered: true), actions: [.accept(other)])
    case (.idle, .placed): Effect(state: .idle, actions: [.hangUp(call)])
    case (.idle, .placedOther): Effect(state: .idle, actions: [.hangUp(other)])

    case (.placing, .hangUpShort): Effect(state: .idle, actions: [.cue(.ended)])
    case (.placing, .placed): Effect(state: .calling(call, attempt), actions: [])
    case (.placing, .placedOther): Effect(state: .calling(other, attempt), actions: [])

    case (.calling, .hangUpShort): Effect(state: .idle, actions: [.hangUp(call), .cue(.ended)])
    case (.calling, .accepted): Effect(state: .inCall(call, boxCalled: true, autoAnswered: false), actions: [])
    case (.calling, .ended):
      Effect(
        state: .calling(nil, BoxAgent.Attempt(stage: .everyone, remaining: [], onlyBusy: false)),
        actions: [.ring(.everyone, except: [])])

    case (.incoming, .callShort):
      Effect(state: .inCall(call, boxCalled: false, autoAnswered: false), actions: [.accept(call)])
    case (.incoming, .hangUpShort): Effect(state: .idle, actions: [.reject(call)])
    case (.incoming, .ended): Effect(state: .idle, actions: [])

    case (.inCall, .hangUpShort): Effect(state: .idle, actions: [.hangUp(call), .cue(.ended)])
    case (.inCall, .ended): Effect(state: .idle, actions: [.cue(.ended)])
    case (.inCall, .endsSoon):
      Effect(state: .inCall(call, boxCalled: true, autoAnswered: false), actions: [.cue(.endsSoon)])

    // A second call while the box has one; a call that nobody waits for any more.
    case (.placing, .incoming), (.placing, .incomingOnList), (.calling, .incoming), (.calling, .incomingOnList),
      (.incoming, .incoming), (.incoming, .incomingOnList), (.inCall, .incoming), (.inCall, .incomingOnList):
      Effect(state: state.sample, actions: [.reject(other)])
    case (.calling, .placedOther), (.incoming, .placedOther), (.inCall, .placedOther):
      Effect(state: state.sample, actions: [.hangUp(other)])

    // CALL is ignored while the box calls and in a call; held presses belong to SOS, privacy and the self-test.
    case (.placing, .callShort), (.calling, .callShort), (.inCall, .callShort): nil
    case (_, .callHeld), (_, .callStuck), (_, .hangUpHeld), (_, .hangUpStuck), (_, .bothHeld): nil
    case (.idle, .hangUpShort): nil
    case (.calling, .placed), (.incoming, .placed), (.inCall, .placed): nil
    case (.idle, .accepted), (.placing, .accepted), (.incoming, .accepted), (.inCall, .accepted): nil
    case (_, .acceptedOther), (_, .endedOther), (_, .endsSoonOther): nil
    case (.idle, .ended): nil
    case (.placing, .ended): nil
    case (.idle, .endsSoon), (.placing, .endsSoon), (.calling, .endsSoon), (.incoming, .endsSoon): nil
    }
  }

  @Test(arguments: StateKind.allCases, InputKind.allCases)
  func everyStateAgainstEveryInput(state: StateKind, input: InputKind) {
    #expect(StateKind(state.sample) == state)
    #expect(InputKind(input.sample) == input)
    var agent = BoxAgent(state: state.sample)
    let actions = agent.handle(input.sample, plan: Self.plan)
    let expected = Self.expected(state, input) ?? Effect(state: state.sample, actions: [])
    #expect(agent.state == expected.state)
    #expect(actions == expected.actions)
  }

  /// After the last stage: busy only if nobody could have answered.
  @Test(
    arguments: [
      ([.busy, .unreachable], Cue.busy), ([.unreachable, .unreachable], .nobodyAnswered),
      ([.busy, .timedOut], .nobodyAnswered),
      ([.rejected, .busy], .nobodyAnswered), ([.timedOut, .timedOut], .nobodyAnswered), ([.busy, .busy], .busy),
    ] as [([CallEnd], Cue)])
  func whatThePersonAtTheBoxHearsInTheEnd(ends: [CallEnd], cue: Cue) {
    var agent = BoxAgent()
    var actions = agent.handle(.press(.short(.call)), plan: Self.plan)
    for (n, end) in ends.enumerated() {
      #expect(actions.count == 1)
      _ = agent.handle(.placed(CallID("\(n)")))
      actions = agent.handle(.ended(CallID("\(n)"), end))
    }
    #expect(actions == [.cue(cue)])
    #expect(agent.state == .idle)
  }

  @Test func whoRefusedIsNotRungAgainWithEveryone() {
    var agent = BoxAgent()
    _ = agent.handle(.press(.short(.call)), plan: Self.plan)
    _ = agent.handle(.placed(Self.call))
    #expect(agent.handle(.ended(Self.call, .rejected)) == [.ring(.everyone, except: [UserID("ann")])])
  }

  @Test func aPressWithNobodyToCallSaysSo() {
    var agent = BoxAgent()
    #expect(agent.handle(.press(.short(.call)), plan: []) == [.cue(.nobodyAnswered)])
    #expect(agent.state == .idle)
  }
}
