import Linux

/// Placing, ringing, answering and ending: the steps that requests, presses and timers share.
extension Switchboard {
  /// Whether another call, or another room, would be one too many.
  func isEngaged(_ user: UserID) -> Bool { isCalling(user) || rooms.contains { $0.seats.contains { $0.user == user } } }

  private func isCalling(_ user: UserID) -> Bool {
    calls.contains { $0.engaged.contains(user) } || user == .box && invitations.contains { $0.user == user }
  }

  /// The same for whoever joins a room: another device of theirs may be in it.
  func isEngaged(_ user: UserID, in room: RoomID) -> Bool {
    isCalling(user) || rooms.contains { $0.id != room && $0.seats.contains { $0.user == user } }
  }

  /// Makes a call and rings whoever of the callees is free and there. It may have ended at once. Gives its place.
  mutating func place(
    _ caller: Participant, user: UserID, callees: [UserID], audio: Bool, video: Bool, _ now: Moment
  ) -> Int {
    let free = callees.filter { !isEngaged($0) }
    let ends = free.flatMap { callee -> [(end: Participant, user: UserID)] in
      callee == .box ? [(.box, .box)] : devices.present(callee).map { (.device($0), callee) }
    }.prefix(settings.devicesPerCall)
    let c = calls.count
    callsStarted &+= 1
    calls.append(
      Call(
        id: CallID.random(&random), caller: user, callees: callees, audio: audio, video: video,
        invited: free.filter { callee in ends.contains { $0.user == callee } },
        ringsUntil: now.monotonic + settings.ring))
    addLeg(caller, user: user, isCaller: true, to: c, opening: !ends.isEmpty)
    for (end, callee) in ends { addLeg(end, user: callee, isCaller: false, to: c) }
    unsettled.formUnion(calls[c].engaged)
    if ends.isEmpty {
      apply(free.isEmpty && !callees.isEmpty ? .calleeBusy : .calleeGone, to: c, now)
      return c
    }
    if callees.contains(.box) {
      agentInputs.append(.incoming(calls[c].id, autoAnswer: settings.autoAnswer.contains(user)))
    }
    alert(now)
    return c
  }

  mutating func addLeg(_ participant: Participant, user: UserID, isCaller: Bool, to c: Int, opening: Bool = true) {
    let link: PeerLink = participant == .box ? .local : .none
    let sends = CallView.Media(audio: calls[c].audio, video: calls[c].video)
    calls[c].legs.append(Leg(participant: participant, user: user, isCaller: isCaller, link: link, sends: sends))
    calls[c].changed = true
    if opening { openPeer(c, calls[c].legs.count - 1) }
  }

  /// A call rings as soon as one device that is awake has it.
  mutating func alert(_ now: Moment) {
    for c in calls.indices where calls[c].machine.state == .inviting {
      let shown = calls[c].ringingLegs.contains { l in
        calls[c].legs[l].device.map { devices.canAlert($0) } ?? true
      }
      if shown { apply(.alerted, to: c, now) }
    }
  }

  mutating func accept(_ c: Int, _ l: Int, _ now: Moment) {
    guard case .to = apply(.accepted, to: c, now) else { return }
    calls[c].legs[l].accepted = true
    for other in calls[c].legs.indices where other != l && !calls[c].legs[other].isCaller {
      endLeg(c, other, .answeredElsewhere)
    }
    calls[c].invited = [calls[c].legs[l].user]
    if calls[c].includesBox { agentInputs.append(.accepted(calls[c].id)) }
    for active in calls[c].activeLegs where calls[c].legs[active].link == .none { openPeer(c, active) }
    checkMedia(c, now)
  }

  /// Somebody of those invited is out: the call goes on with the others, if there are any.
  mutating func dismiss(_ user: UserID, from c: Int, by input: CallMachine.Input, _ now: Moment) {
    if calls[c].invited.contains(where: { $0 != user }) {
      for l in calls[c].ringingLegs where calls[c].legs[l].user == user {
        endLeg(c, l, input == .rejected ? .rejected : .unreachable)
      }
      calls[c].invited.removeAll { $0 == user }
      unsettled.insert(user)
    } else {
      apply(input, to: c, now)
    }
  }

  mutating func endLeg(_ c: Int, _ l: Int, _ reason: CallEnd) {
    guard calls[c].legs[l].end == nil else { return }
    closePeer(c, l)
    calls[c].legs[l].end = reason
    calls[c].changed = true
  }

  /// Moves the call's machine, and does what follows from its new state.
  @discardableResult
  mutating func apply(_ input: CallMachine.Input, to c: Int, _ now: Moment) -> CallMachine.Transition {
    let members = calls[c].engaged
    let transition = calls[c].machine.handle(input)
    switch transition {
    case .ignored, .refused: return transition
    case .to(let state):
      if state == .connected {
        calls[c].connectedAt = now.wall
        let end = now.monotonic + settings.longestCall
        calls[c].endsAt = end
        calls[c].endsSoonAt = settings.longestCall > Self.endsSoon ? end - Self.endsSoon : nil
      }
    case .end(let reason):
      for l in calls[c].legs.indices { endLeg(c, l, reason) }
      if calls[c].includesBox { agentInputs.append(.ended(calls[c].id, reason)) }
    }
    calls[c].changed = true
    unsettled.formUnion(members)
    return transition
  }

  /// Does what is due in a call.
  mutating func expire(_ id: CallID, _ now: Moment) {
    func isDue(_ time: MonotonicTime?) -> Bool { time.map { $0 <= now.monotonic } ?? false }
    guard let c = calls.firstIndex(where: { $0.id == id }) else { return }
    if calls[c].machine.isRinging {
      if isDue(calls[c].ringsUntil) { apply(.ringTimedOut, to: c, now) }
      return
    }
    if isDue(calls[c].mediaUntil) { apply(.mediaFailed, to: c, now) }
    if isDue(calls[c].endsSoonAt) {
      calls[c].endsSoonAt = nil
      if calls[c].includesBox { agentInputs.append(.endsSoon(id)) }
    }
    if isDue(calls[c].endsAt) { apply(.longestReached, to: c, now) }
  }
}
