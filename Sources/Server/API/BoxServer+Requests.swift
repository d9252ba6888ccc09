import Configuration
import Linux
import Signaling

/// Complete requests, dispatched by the route table.
extension BoxServer {
  func handle(_ exchange: Exchange) {
    do throws(APIError) {
      guard let route = exchange.route else { throw APIError(.internal, "a request without a route") }
      if let response = try answer(route, exchange) { exchange.respond(response) }
    } catch {
      if error.code == .internal { Log.error("\(error.message)") }
      fail(exchange, error)
    }
  }

  /// Answers a request whose body was read with an error.
  func fail(_ exchange: Exchange, _ error: APIError) {
    countRefusal()
    exchange.respond(Self.response(error))
  }

  /// Once for each request that is answered with an error body.
  func countRefusal() { counters["requests.refused", default: 0] += 1 }

  /// Nil if the answer comes later or is a stream.
  private func answer(_ route: Route, _ exchange: Exchange) throws(APIError) -> Response? {
    switch route.name {
    case .box: return Self.response(BoxResponse(name: configuration.name, version: Version.current))
    case .register: return try register(exchange)
    case .signIn: return try signIn(exchange)
    case .signOut: return try signOut(exchange)
    case .me: return Self.response(MeResponse(me: try me(exchange)))
    case .sessions: return Self.response(SessionsResponse(sessions: sessions.views(of: try identity(exchange))))
    case .endSession: return try endSession(exchange)
    case .people: return Self.response(PeopleResponse(people: switchboard.people))
    case .events: return try openStream(exchange)
    case .health, .metrics, .log, .selfTest: return try tellOfBox(route.name, exchange)
    case .startCall:
      let (request, identity) = try body(StartCallRequest.self, exchange)
      let call = try input { switchboard, now throws(APIError) in
        try switchboard.start(request, from: identity, now: now)
      }
      return Self.response(StartCallResponse(call: call))
    case .createRoom, .findRoom, .rooms, .joinRoom, .leaveRoom, .reconnectRoom, .answerRoom, .roomMedia, .roomLayout,
      .chat, .chatHistory, .invite, .decline:
      return try answerInRoom(route.name, exchange)
    case .presence, .acceptCall, .rejectCall, .hangUpCall, .reconnectCall, .answerCall, .callMedia, .signal:
      try tell(route.name, exchange)
      return Self.response(EmptyResponse())
    }
  }

  /// What the switchboard answers with nothing but yes or no.
  private func tell(_ name: Route.Name, _ exchange: Exchange) throws(APIError) {
    switch name {
    case .presence:
      let (request, identity) = try body(PresenceRequest.self, exchange)
      try input { switchboard, now throws(APIError) in try switchboard.presence(request, from: identity, now: now) }
    case .acceptCall:
      let (request, identity) = try body(CallRequest.self, exchange)
      try input { switchboard, now throws(APIError) in try switchboard.accept(request, from: identity, now: now) }
    case .rejectCall:
      let (request, identity) = try body(CallRequest.self, exchange)
      try input { switchboard, now throws(APIError) in try switchboard.reject(request, from: identity, now: now) }
    case .hangUpCall:
      let (request, identity) = try body(CallRequest.self, exchange)
      try input { switchboard, now throws(APIError) in try switchboard.hangUp(request, from: identity, now: now) }
    case .reconnectCall:
      let (request, identity) = try body(CallRequest.self, exchange)
      try input { switchboard, now throws(APIError) in try switchboard.reconnect(request, from: identity, now: now) }
    case .answerCall:
      let (request, identity) = try body(AnswerRequest.self, exchange)
      try input { switchboard, now throws(APIError) in try switchboard.answer(request, from: identity, now: now) }
    case .callMedia:
      let (request, identity) = try body(CallMediaRequest.self, exchange)
      try input { switchboard, now throws(APIError) in try switchboard.media(request, from: identity, now: now) }
    case .signal:
      let (request, identity) = try body(SignalRequest.self, exchange)
      try input { switchboard, now throws(APIError) in try switchboard.signal(request, from: identity, now: now) }
    default: throw APIError(.internal, "\(name.rawValue) is answered elsewhere")
    }
  }

  /// The typed body, and who asks: from the session, never from the body.
  func body<Message: APIMessage>(
    _ type: Message.Type, _ exchange: Exchange
  ) throws(APIError) -> (Message, Identity) {
    (try APICodec.decode(type, from: exchange.body), try identity(exchange))
  }

  func identity(_ exchange: Exchange) throws(APIError) -> Identity {
    guard let identity = exchange.identity else { throw APIError(.notSignedIn, "no session") }
    return identity
  }

  // MARK: The event stream

  private func openStream(_ exchange: Exchange) throws(APIError) -> Response? {
    let identity = try identity(exchange)
    guard exchange.connection.eventStreams < web.limits.streamsPerConnection else {
      throw APIError(.rateLimited, "too many event streams on one connection", retryAfterSeconds: 5)
    }
    // The header is newer where a browser repeats an address that had the other.
    let last = exchange.head.lastEventID.isEmpty ? exchange.head.queryValue("last") : exchange.head.lastEventID
    let stream = newStream()
    let local = exchange.connection.local.literal
    // In the table before the switchboard speaks to it.
    streams[stream] = exchange
    exchange.startStream(contentType: "text/event-stream")
    exchange.send(Array("retry: 1000\n\n".utf8))
    do throws(APIError) {
      try input { switchboard, now throws(APIError) in
        try switchboard.attach(
          stream: stream, identity: identity, resume: last.flatMap { EventID($0) }, localAddress: local, now: now)
      }
    } catch {
      streams[stream] = nil
      exchange.cancelStream()
      throw error
    }
    exchange.closed = { [weak self] in
      guard let self else { return }
      streams[stream] = nil
      inform { switchboard, now in switchboard.detach(stream: stream, now: now) }
    }
    return nil
  }
}
