/// One request of the HTTP interface. The server dispatches by this table and by nothing else, so no route can forget its check.
public struct Route: Sendable {
  /// Every route, for an exhaustive switch.
  public enum Name: String, Sendable, CaseIterable {
    case box, register, signIn, signOut, me, sessions, endSession, people, events, presence
    case health, metrics, log, selfTest
    case startCall, acceptCall, rejectCall, hangUpCall, reconnectCall, answerCall, callMedia, signal
    case createRoom, findRoom, rooms, joinRoom, leaveRoom, reconnectRoom, answerRoom, roomMedia, roomLayout
    case chat, chatHistory, invite, decline
  }
  public enum Method: String, Sendable, CaseIterable {
    case get = "GET"
    case post = "POST"
  }
  /// Who may ask: anyone, whoever brings a session's cookie, or an administrator who does.
  public enum Access: String, Sendable, CaseIterable { case open, session, administrator }
  /// Requests of one kind share one bucket: for each session, or for each address on open routes.
  public enum Bucket: String, Sendable, CaseIterable {
    case read, credentials, stream, call, media, code, chat

    /// How many requests may come at once.
    public var capacity: Int {
      switch self {
      case .read: 60
      case .credentials: 20
      case .stream: 20
      case .call: 30
      case .media: 60
      case .code: 10
      case .chat: 20
      }
    }
    /// How fast the bucket fills again.
    public var perSecond: Double {
      switch self {
      case .read: 10
      case .credentials: 0.5
      case .stream: 1
      case .call: 5
      case .media: 10
      // Codes are not to be guessed.
      case .code: 0.5
      case .chat: 4
      }
    }
  }

  public let name: Name
  public let method: Method
  public let path: String
  public let access: Access
  /// The body of a POST; nil for GET.
  public let request: (any APIMessage.Type)?
  /// The body of 200; nil for the event stream and for text.
  public let response: (any APIMessage.Type)?
  public let bucket: Bucket

  init(
    _ name: Name, _ method: Method, _ path: String, _ access: Access, _ request: (any APIMessage.Type)?,
    _ response: (any APIMessage.Type)?, _ bucket: Bucket
  ) {
    self.name = name
    self.method = method
    self.path = path
    self.access = access
    self.request = request
    self.response = response
    self.bucket = bucket
  }

  public static let table: [Route] = [
    Route(.box, .get, "/api/box", .open, nil, BoxResponse.self, .read),
    Route(.register, .post, "/api/register", .open, RegisterRequest.self, MeResponse.self, .credentials),
    Route(.signIn, .post, "/api/signIn", .open, SignInRequest.self, MeResponse.self, .credentials),
    Route(.signOut, .post, "/api/signOut", .session, EmptyRequest.self, EmptyResponse.self, .read),
    Route(.me, .get, "/api/me", .session, nil, MeResponse.self, .read),
    Route(.sessions, .get, "/api/sessions", .session, nil, SessionsResponse.self, .read),
    Route(.endSession, .post, "/api/sessions/end", .session, EndSessionRequest.self, EmptyResponse.self, .read),
    Route(.people, .get, "/api/people", .session, nil, PeopleResponse.self, .read),
    Route(.events, .get, "/api/events", .session, nil, nil, .stream),
    Route(.presence, .post, "/api/presence", .session, PresenceRequest.self, EmptyResponse.self, .read),
    Route(.health, .get, "/api/box/health", .administrator, nil, HealthResponse.self, .read),
    Route(.metrics, .get, "/api/box/metrics", .administrator, nil, nil, .read),
    Route(.log, .get, "/api/box/log", .administrator, nil, nil, .credentials),
    Route(.selfTest, .post, "/api/box/selfTest", .administrator, EmptyRequest.self, EmptyResponse.self, .credentials),
    Route(.startCall, .post, "/api/calls/start", .session, StartCallRequest.self, StartCallResponse.self, .call),
    Route(.acceptCall, .post, "/api/calls/accept", .session, CallRequest.self, EmptyResponse.self, .call),
    Route(.rejectCall, .post, "/api/calls/reject", .session, CallRequest.self, EmptyResponse.self, .call),
    Route(.hangUpCall, .post, "/api/calls/hangUp", .session, CallRequest.self, EmptyResponse.self, .call),
    Route(.reconnectCall, .post, "/api/calls/reconnect", .session, CallRequest.self, EmptyResponse.self, .media),
    Route(.answerCall, .post, "/api/calls/answer", .session, AnswerRequest.self, EmptyResponse.self, .media),
    Route(.callMedia, .post, "/api/calls/media", .session, CallMediaRequest.self, EmptyResponse.self, .media),
    Route(.signal, .post, "/api/calls/signal", .session, SignalRequest.self, EmptyResponse.self, .media),
    Route(.createRoom, .post, "/api/rooms/create", .session, CreateRoomRequest.self, RoomResponse.self, .call),
    Route(.findRoom, .post, "/api/rooms/find", .session, FindRoomRequest.self, RoomResponse.self, .code),
    Route(.rooms, .get, "/api/rooms", .session, nil, RoomsResponse.self, .read),
    Route(.joinRoom, .post, "/api/rooms/join", .session, JoinRoomRequest.self, JoinRoomResponse.self, .code),
    Route(.leaveRoom, .post, "/api/rooms/leave", .session, RoomRequest.self, EmptyResponse.self, .call),
    Route(.reconnectRoom, .post, "/api/rooms/reconnect", .session, RoomRequest.self, EmptyResponse.self, .media),
    Route(.answerRoom, .post, "/api/rooms/answer", .session, AnswerRoomRequest.self, EmptyResponse.self, .media),
    Route(.roomMedia, .post, "/api/rooms/media", .session, RoomMediaRequest.self, EmptyResponse.self, .media),
    Route(.roomLayout, .post, "/api/rooms/layout", .session, RoomLayoutRequest.self, EmptyResponse.self, .media),
    Route(.chat, .post, "/api/rooms/chat", .session, ChatRequest.self, EmptyResponse.self, .chat),
    Route(.chatHistory, .post, "/api/rooms/history", .session, ChatHistoryRequest.self, ChatResponse.self, .read),
    Route(.invite, .post, "/api/rooms/invite", .session, InviteRequest.self, EmptyResponse.self, .call),
    Route(.decline, .post, "/api/rooms/decline", .session, DeclineRequest.self, EmptyResponse.self, .call),
  ]

  /// The route of a path and method. `notFound` for an unknown path; `methodNotAllowed` for a known one asked otherwise.
  public static func find(method: String, path: String) throws(APIError) -> Route {
    if let route = table.first(where: { $0.path == path && $0.method.rawValue == method }) { return route }
    throw methods(of: path).isEmpty
      ? APIError(.notFound, "there is no such path") : APIError(.methodNotAllowed, "\(method) is not for this path")
  }

  /// How a path may be asked; empty for an unknown one.
  public static func methods(of path: String) -> [Method] { table.filter { $0.path == path }.map(\.method) }
}
