import Links

/// Whom one step of the box's call rings.
public enum RingStage: Sendable, Hashable, Codable {
  case user(UserID)
  /// All who can be reached and have not refused, at once.
  case everyone
}

/// The box as a participant: what a press means, and what the box does about a call. It has no login and no network;
/// the switchboard carries out its actions for it.
public struct BoxAgent: Sendable, Equatable, Codable {
  /// One press of CALL, going through its stages.
  public struct Attempt: Sendable, Equatable, Codable {
    public var stage: RingStage
    public var remaining: [RingStage]
    /// They were asked; everyone does not mean them.
    public var refused: Set<UserID> = []
    /// Somebody was busy, and nobody refused or let it ring.
    public var onlyBusy: Bool?
  }

  public enum State: Sendable, Equatable, Codable {
    case idle
    /// The call is nil between the action and its `placed`.
    case calling(CallID?, Attempt)
    case incoming(CallID)
    case inCall(CallID, boxCalled: Bool, autoAnswered: Bool)
  }

  public enum Input: Sendable, Equatable {
    case press(Press)
    /// Somebody calls the box. `autoAnswer`: this caller is on the list.
    case incoming(CallID, autoAnswer: Bool)
    /// The call of the last `ring` action exists.
    case placed(CallID)
    case accepted(CallID)
    case ended(CallID, CallEnd)
    case endsSoon(CallID)
  }

  public enum Action: Sendable, Equatable {
    case ring(RingStage, except: Set<UserID>)
    case accept(CallID)
    case reject(CallID)
    case hangUp(CallID)
    case cue(Cue)
  }

  public private(set) var state = State.idle

  public init(state: State = .idle) { self.state = state }

  /// `plan`: whom a press of CALL rings, in order.
  public mutating func handle(_ input: Input, plan: [RingStage] = []) -> [Action] {
    switch state {
    case .idle: idle(input, plan)
    case .calling(let call, let attempt): calling(input, call, attempt)
    case .incoming(let call): incoming(input, call)
    case .inCall(let call, _, _): inCall(input, call)
    }
  }

  private mutating func idle(_ input: Input, _ plan: [RingStage]) -> [Action] {
    switch input {
    case .press(.short(.call)):
      guard let first = plan.first else { return [.cue(.nobodyAnswered)] }
      state = .calling(nil, Attempt(stage: first, remaining: Array(plan.dropFirst())))
      return [.ring(first, except: [])]
    case .incoming(let call, let autoAnswer):
      if autoAnswer {
        state = .inCall(call, boxCalled: false, autoAnswered: true)
        return [.accept(call)]
      }
      state = .incoming(call)
      return []
    case .placed(let call): return [.hangUp(call)]
    case .press, .accepted, .ended, .endsSoon: return []
    }
  }

  private mutating func calling(_ input: Input, _ call: CallID?, _ attempt: Attempt) -> [Action] {
    switch input {
    case .press(.short(.hangUp)):
      state = .idle
      return (call.map { [.hangUp($0)] } ?? []) + [.cue(.ended)]
    case .placed(let placed):
      guard call == nil || call == placed else { return [.hangUp(placed)] }
      state = .calling(placed, attempt)
      return []
    case .accepted(let accepted):
      if accepted == call { state = .inCall(accepted, boxCalled: true, autoAnswered: false) }
      return []
    case .ended(let ended, let reason):
      return ended == call ? next(attempt, after: reason) : []
    case .incoming(let other, _):
      return [.reject(other)]
    case .press, .endsSoon: return []
    }
  }

  /// The stage came to nothing: on to the next.
  private mutating func next(_ attempt: Attempt, after reason: CallEnd) -> [Action] {
    var attempt = attempt
    switch reason {
    case .busy: attempt.onlyBusy = attempt.onlyBusy ?? true
    case .unreachable: break
    default: attempt.onlyBusy = false
    }
    if reason == .rejected, case .user(let user) = attempt.stage { attempt.refused.insert(user) }
    guard let stage = attempt.remaining.first else {
      state = .idle
      return [.cue(attempt.onlyBusy == true ? .busy : .nobodyAnswered)]
    }
    attempt.stage = stage
    attempt.remaining.removeFirst()
    state = .calling(nil, attempt)
    return [.ring(stage, except: attempt.refused)]
  }

  private mutating func incoming(_ input: Input, _ call: CallID) -> [Action] {
    switch input {
    case .press(.short(.call)):
      state = .inCall(call, boxCalled: false, autoAnswered: false)
      return [.accept(call)]
    case .press(.short(.hangUp)):
      state = .idle
      return [.reject(call)]
    case .ended(call, _):
      state = .idle
      return []
    case .incoming(let other, _):
      return [.reject(other)]
    case .placed(let other): return other == call ? [] : [.hangUp(other)]
    case .press, .accepted, .ended, .endsSoon: return []
    }
  }

  private mutating func inCall(_ input: Input, _ call: CallID) -> [Action] {
    switch input {
    case .press(.short(.hangUp)):
      state = .idle
      return [.hangUp(call), .cue(.ended)]
    case .ended(call, _):
      state = .idle
      return [.cue(.ended)]
    case .endsSoon(call):
      return [.cue(.endsSoon)]
    case .incoming(let other, _):
      return [.reject(other)]
    case .placed(let other): return other == call ? [] : [.hangUp(other)]
    case .press, .accepted, .ended, .endsSoon: return []
    }
  }
}
