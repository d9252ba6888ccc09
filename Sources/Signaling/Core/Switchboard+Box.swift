import Linux

/// Carrying out what the box agent wants.
extension Switchboard {
  /// Whom a press of CALL rings, in order: the presets, or else the first administrator; then everyone.
  var plan: [RingStage] {
    let presets = settings.presets.isEmpty ? [directory.firstAdministrator].compactMap { $0 } : settings.presets
    var stages: [RingStage] = presets.map { $0 == .everyone ? .everyone : .user($0) }
    if !stages.contains(.everyone) { stages.append(.everyone) }
    return stages
  }

  /// Presence proves ownership: whoever just registered and stands at the box becomes its first administrator. Where the
  /// press is ignored it proves nothing.
  mutating func promoteFirstAdministrator(_ now: Moment) {
    switch agent.state {
    case .calling, .inCall: return
    case .idle, .incoming: break
    }
    guard let user = directory.promote(now: now.monotonic), let new = directory[user] else { return }
    var old = new
    old.administrator = false
    outputs.append(.promote(user))
    accountChanged(user, from: old, now)
    promoted = user
  }

  /// Lets the agent see everything that happened, until it is quiet. Each stage of an attempt takes one round, so this ends.
  mutating func advance(_ now: Moment) {
    while !agentInputs.isEmpty {
      let input = agentInputs.removeFirst()
      var stages = plan
      if let promoted, !stages.contains(.user(promoted)) { stages.insert(.user(promoted), at: 0) }
      for action in agent.handle(input, plan: stages) { perform(action, now) }
    }
    promoted = nil
  }

  private mutating func perform(_ action: BoxAgent.Action, _ now: Moment) {
    if performInRoom(action, now) { return }
    switch action {
    case .ring(let stage, let refused):
      let c = place(.box, user: .box, callees: callees(stage, except: refused), audio: true, video: true, now)
      // The agent must hear of the call before it hears of its end.
      let placed = BoxAgent.Input.placed(calls[c].id)
      let first = agentInputs.firstIndex { if case .ended(calls[c].id, _) = $0 { true } else { false } }
      agentInputs.insert(placed, at: first ?? agentInputs.endIndex)
    case .accept(let call):
      guard let (c, l) = boxLeg(call), calls[c].ringingLegs.contains(l) else { return }
      accept(c, l, now)
    case .reject(let call):
      guard let (c, l) = boxLeg(call), calls[c].ringingLegs.contains(l) else { return }
      dismiss(.box, from: c, by: .rejected, now)
    case .hangUp(let call):
      guard let (c, l) = boxLeg(call) else { return }
      apply(calls[c].legs[l].isCaller ? .callerHungUp : .calleeHungUp, to: c, now)
    case .cue(let cue): outputs.append(.cue(cue))
    }
  }

  private func callees(_ stage: RingStage, except refused: Set<UserID>) -> [UserID] {
    switch stage {
    case .user(let user): [user]
    case .everyone:
      directory.ids.filter { !refused.contains($0) && !isEngaged($0) && devices.presence($0) != .offline }
    }
  }

  private func boxLeg(_ call: CallID) -> (call: Int, leg: Int)? {
    guard let c = calls.firstIndex(where: { $0.id == call }),
      let l = calls[c].legs.firstIndex(where: { $0.participant == .box && $0.end == nil })
    else { return nil }
    return (c, l)
  }
}
