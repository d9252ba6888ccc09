/// Where a call stands and why it ended: the one table of every state against every input.
public struct CallMachine: Sendable, Equatable, Codable {
  public enum Input: Sendable, CaseIterable {
    /// A device of a callee shows the call.
    case alerted
    case accepted
    /// Nobody of those invited is left, and the last went by refusing.
    case rejected
    case calleeBusy
    /// Nobody of those invited is left, or the callee's device vanished in the call.
    case calleeGone
    case callerGone
    case callerHungUp
    case calleeHungUp
    /// Media is through on both sides.
    case mediaUp
    case mediaFailed
    case ringTimedOut
    case longestReached
  }

  public enum Transition: Sendable, Equatable {
    case to(CallState)
    case end(CallEnd)
    /// Nothing to do: the input came too late, or too early to matter.
    case ignored
    /// The one who asked gets `wrongState`.
    case refused
  }

  public private(set) var state = CallState.inviting
  /// Why; present in `ended` only.
  public private(set) var end: CallEnd?

  public init() {}

  /// Nobody has accepted yet.
  public var isRinging: Bool { state == .inviting || state == .ringing }
  /// Somebody has accepted.
  public var isActive: Bool { state == .connecting || state == .connected }

  public mutating func handle(_ input: Input) -> Transition {
    let transition = Self.transition(state, input)
    switch transition {
    case .to(let next): state = next
    case .end(let reason):
      state = .ended
      end = reason
    case .ignored, .refused: break
    }
    return transition
  }

  public static func transition(_ state: CallState, _ input: Input) -> Transition {
    switch (state, input) {
    case (.inviting, .alerted): .to(.ringing)
    case (.ringing, .alerted): .ignored

    case (.inviting, .accepted), (.ringing, .accepted): .to(.connecting)
    case (.inviting, .rejected), (.ringing, .rejected): .end(.rejected)
    case (.inviting, .calleeBusy), (.ringing, .calleeBusy): .end(.busy)
    case (.inviting, .calleeGone), (.ringing, .calleeGone): .end(.unreachable)
    case (.inviting, .callerGone), (.ringing, .callerGone): .end(.cancelled)
    case (.inviting, .callerHungUp), (.ringing, .callerHungUp): .end(.cancelled)
    case (.inviting, .calleeHungUp), (.ringing, .calleeHungUp): .refused
    case (.inviting, .mediaUp), (.ringing, .mediaUp): .ignored
    case (.inviting, .mediaFailed), (.ringing, .mediaFailed): .end(.mediaFailed)
    case (.inviting, .ringTimedOut), (.ringing, .ringTimedOut): .end(.timedOut)
    case (.inviting, .longestReached), (.ringing, .longestReached): .ignored

    case (.connecting, .mediaUp): .to(.connected)
    case (.connected, .mediaUp): .ignored
    case (.connecting, .longestReached): .ignored
    case (.connected, .longestReached): .end(.timedOut)
    case (.connecting, .alerted), (.connected, .alerted): .ignored
    case (.connecting, .accepted), (.connected, .accepted): .refused
    case (.connecting, .rejected), (.connected, .rejected): .refused
    case (.connecting, .calleeBusy), (.connected, .calleeBusy): .ignored
    case (.connecting, .calleeGone), (.connected, .calleeGone): .end(.mediaFailed)
    case (.connecting, .callerGone), (.connected, .callerGone): .end(.mediaFailed)
    case (.connecting, .callerHungUp), (.connected, .callerHungUp): .end(.hungUp)
    case (.connecting, .calleeHungUp), (.connected, .calleeHungUp): .end(.hungUp)
    case (.connecting, .mediaFailed), (.connected, .mediaFailed): .end(.mediaFailed)
    case (.connecting, .ringTimedOut), (.connected, .ringTimedOut): .ignored

    case (.ended, .accepted), (.ended, .rejected), (.ended, .callerHungUp), (.ended, .calleeHungUp): .refused
    case (.ended, .alerted), (.ended, .calleeBusy), (.ended, .calleeGone), (.ended, .callerGone): .ignored
    case (.ended, .mediaUp), (.ended, .mediaFailed), (.ended, .ringTimedOut), (.ended, .longestReached): .ignored
    }
  }
}
