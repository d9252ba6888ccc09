import Linux

/// What devices ask about calls. Each request names its device, which must be one of the session's; a call that the user is
/// no member of does not exist for them.
extension Switchboard {
  /// Calls somebody. A callee who is busy or cannot be reached gives a call that has ended.
  public mutating func start(
    _ request: StartCallRequest, from identity: Identity, now: Moment
  ) throws(APIError) -> CallView {
    let device = try devices.owned(request.device, by: identity)
    guard request.audio || request.video else {
      throw APIError(.invalid, "a call carries audio, video or both", field: "audio")
    }
    guard request.callee != identity.user else {
      throw APIError(.invalid, "nobody can call themselves", field: "callee")
    }
    guard request.callee == .box || directory[request.callee] != nil else {
      throw APIError(.notFound, "there is no such person", field: "callee")
    }
    guard calls.count < settings.mostCalls else {
      throw APIError(.rateLimited, "the box carries at most \(settings.mostCalls) calls", retryAfterSeconds: 10)
    }
    guard !isEngaged(identity.user) else { throw APIError(.busy, "you are in a call already") }
    let c = place(
      .device(device.id), user: identity.user, callees: [request.callee], audio: request.audio, video: request.video,
      now)
    let id = calls[c].id
    advance(now)
    publish(now)
    defer { sweep() }
    guard let call = calls.first(where: { $0.id == id }), let leg = call.legs.first(where: \.isCaller) else {
      throw APIError(.internal, "the new call is gone")
    }
    return timed(view(call, leg), call, now)
  }

  /// The first to accept has the call.
  public mutating func accept(_ request: CallRequest, from identity: Identity, now: Moment) throws(APIError) {
    let (c, l) = try find(request.call, request.device, identity)
    guard calls[c].ringingLegs.contains(l) else { throw Self.wrongState }
    accept(c, l, now)
    settle(now)
  }

  /// For all devices of the callee.
  public mutating func reject(_ request: CallRequest, from identity: Identity, now: Moment) throws(APIError) {
    let (c, l) = try find(request.call, request.device, identity)
    guard calls[c].ringingLegs.contains(l) else { throw Self.wrongState }
    dismiss(identity.user, from: c, by: .rejected, now)
    settle(now)
  }

  public mutating func hangUp(_ request: CallRequest, from identity: Identity, now: Moment) throws(APIError) {
    let (c, l) = try find(request.call, request.device, identity)
    guard calls[c].legs[l].isCaller || calls[c].isActive(l) else { throw Self.wrongState }
    apply(calls[c].legs[l].isCaller ? .callerHungUp : .calleeHungUp, to: c, now)
    settle(now)
  }

  /// The device's connection failed: it gets a new offer.
  public mutating func reconnect(_ request: CallRequest, from identity: Identity, now: Moment) throws(APIError) {
    let (c, l) = try find(request.call, request.device, identity)
    reopenPeer(c, l, now)
    settle(now)
  }

  /// The answer to the offer that was sent last; one to an older offer is too late. It is accepted before the media plane
  /// has judged it.
  public mutating func answer(_ request: AnswerRequest, from identity: Identity, now: Moment) throws(APIError) {
    let (c, l) = try find(request.call, request.device, identity)
    try Validation.description(request.sdp)
    guard case .offered(request.peer, let up) = calls[c].legs[l].link else {
      throw APIError(.wrongState, "no offer of that peer waits for an answer", field: "peer")
    }
    calls[c].legs[l].link = up ? .connected(request.peer) : .answered(request.peer)
    let id = mediaDesk.expect(.answer(request.peer))
    outputs.append(.media(.setAnswer(id: id, peer: request.peer.rawValue, sdp: request.sdp)))
    checkMedia(c, now)
    settle(now)
  }

  /// Mute, camera off, a screen in place of the camera: told to the other side. A picture in a call of sound alone makes it one with
  /// pictures, once it is accepted; before that it is refused.
  public mutating func media(_ request: CallMediaRequest, from identity: Identity, now: Moment) throws(APIError) {
    let (c, l) = try find(request.call, request.device, identity)
    let screen = request.screen ?? false
    guard request.video || !screen else {
      throw APIError(.invalid, "a screen that is shown is a picture", field: "screen")
    }
    if request.video, !calls[c].video {
      guard calls[c].isActive(l) else { throw Self.wrongState }
      calls[c].addVideo()
    }
    // Nobody sends what the call does not carry.
    calls[c].legs[l].sends = CallView.Media(
      audio: request.audio && calls[c].audio, video: request.video, screen: screen)
    calls[c].changed = true
    settle(now)
  }

  static var wrongState: APIError { APIError(.wrongState, "the call does not stand so that this is possible") }

  /// The call and the device's living leg in it.
  func find(
    _ call: CallID, _ device: DeviceID, _ identity: Identity
  ) throws(APIError) -> (call: Int, leg: Int) {
    let device = try devices.owned(device, by: identity)
    guard let c = calls.firstIndex(where: { $0.id == call }), calls[c].isMember(identity.user) else {
      throw APIError(.notFound, "there is no such call", field: "call")
    }
    guard let l = calls[c].legs.firstIndex(where: { $0.device == device.id && $0.end == nil }) else {
      throw Self.wrongState
    }
    return (c, l)
  }
}
