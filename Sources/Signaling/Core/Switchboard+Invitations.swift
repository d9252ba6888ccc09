import Linux

/// Asking somebody into a room. A user comes by joining; the box by its button, as it would accept a call.
extension Switchboard {
  public mutating func invite(_ request: InviteRequest, from identity: Identity, now: Moment) throws(APIError) {
    let (r, _) = try findSeat(request.room, request.device, identity)
    let room = rooms[r].id
    guard request.user == .box || directory[request.user] != nil else {
      throw APIError(.notFound, "there is no such person", field: "user")
    }
    guard !rooms[r].seats.contains(where: { $0.user == request.user }) else {
      throw APIError(.wrongState, "they are in the room", field: "user")
    }
    guard !isEngaged(request.user) else { throw APIError(.busy, "they are in a call or a room", field: "user") }
    guard rooms[r].seats.count < rooms[r].limit else {
      throw APIError(.full, "\(rooms[r].limit) are in the room, and no more may be")
    }
    guard request.user == .box || devices.presence(request.user) != .offline else {
      throw APIError(.wrongState, "they cannot be reached", field: "user")
    }
    let invitation = RoomInvitation(
      id: CallID.random(&random), room: room, from: identity.user, user: request.user,
      until: now.monotonic + settings.ring)
    invitations.append(invitation)
    rooms[r].known.insert(request.user)
    unsettled.insert(request.user)
    if request.user == .box {
      agentInputs.append(.incoming(invitation.id, autoAnswer: settings.autoAnswer.contains(identity.user)))
    }
    tell(invitation, now)
    settle(now)
  }

  public mutating func decline(_ request: DeclineRequest, from identity: Identity, now: Moment) throws(APIError) {
    _ = try devices.owned(request.device, by: identity)
    guard invitations.contains(where: { $0.id == request.invitation && $0.user == identity.user }) else {
      throw APIError(.notFound, "there is no such invitation", field: "invitation")
    }
    endInvitations(now) { $0.id == request.invitation }
    settle(now)
  }

  mutating func endInvitations(_ now: Moment, where isOver: (RoomInvitation) -> Bool) {
    for var over in invitations where isOver(over) {
      invitations.removeAll { $0.id == over.id }
      unsettled.insert(over.user)
      over.until = now.monotonic
      tell(over, now)
      if over.user == .box { agentInputs.append(.ended(over.id, .timedOut)) }
    }
  }

  private mutating func tell(_ invitation: RoomInvitation, _ now: Moment) {
    guard let view = view(invitation, now) else { return }
    for device in devices.all(invitation.user) { send(.invitation(view), to: device, now) }
  }

  /// Nil once the room is gone.
  func view(_ invitation: RoomInvitation, _ now: Moment) -> Invitation? {
    guard let room = rooms.first(where: { $0.id == invitation.room }) else { return nil }
    return Invitation(
      id: invitation.id, room: summary(room), from: party(invitation.from),
      ringMilliseconds: max(0, (invitation.until - now.monotonic).milliseconds))
  }

  // MARK: The box

  /// What the agent wants done about a call that is an invitation, or its seat in a room; false if it is neither.
  mutating func performInRoom(_ action: BoxAgent.Action, _ now: Moment) -> Bool {
    switch action {
    case .accept(let call):
      guard let invitation = invitations.first(where: { $0.id == call }) else { return false }
      invitations.removeAll { $0.id == call }
      unsettled.insert(.box)
      guard let r = rooms.firstIndex(where: { $0.id == invitation.room }), rooms[r].seats.count < rooms[r].limit else {
        agentInputs.append(.ended(call, .unreachable))
        return true
      }
      boxRoomCall = call
      sit(.box, .box, in: r, audio: true, video: true, now)
      agentInputs.append(.accepted(call))
      return true
    case .reject(let call):
      guard invitations.contains(where: { $0.id == call }) else { return false }
      invitations.removeAll { $0.id == call }
      unsettled.insert(.box)
      return true
    case .hangUp(let call):
      guard call == boxRoomCall else { return false }
      boxRoomCall = nil
      for r in rooms.indices {
        if let s = rooms[r].seats.firstIndex(where: { $0.participant == .box }) { vacate(r, s, .left, now) }
      }
      return true
    case .ring, .cue: return false
    }
  }
}
