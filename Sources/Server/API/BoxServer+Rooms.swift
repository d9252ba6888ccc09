import Signaling

/// Requests about rooms.
extension BoxServer {
  func answerInRoom(_ name: Route.Name, _ exchange: Exchange) throws(APIError) -> Response {
    switch name {
    case .createRoom:
      let (request, identity) = try body(CreateRoomRequest.self, exchange)
      let room = try input { switchboard, now throws(APIError) in
        try switchboard.createRoom(request, from: identity, now: now)
      }
      return Self.response(RoomResponse(room: room))
    case .findRoom:
      let (request, _) = try body(FindRoomRequest.self, exchange)
      return Self.response(RoomResponse(room: try switchboard.findRoom(request)))
    case .rooms: return Self.response(RoomsResponse(rooms: switchboard.rooms(of: try identity(exchange).user)))
    case .joinRoom:
      let (request, identity) = try body(JoinRoomRequest.self, exchange)
      let room = try input { switchboard, now throws(APIError) in
        try switchboard.joinRoom(request, from: identity, now: now)
      }
      return Self.response(JoinRoomResponse(room: room))
    case .chatHistory:
      let (request, identity) = try body(ChatHistoryRequest.self, exchange)
      return Self.response(ChatResponse(lines: try switchboard.chatHistory(request, from: identity)))
    default:
      try tellRoom(name, exchange)
      return Self.response(EmptyResponse())
    }
  }

  private func tellRoom(_ name: Route.Name, _ exchange: Exchange) throws(APIError) {
    switch name {
    case .leaveRoom:
      let (request, identity) = try body(RoomRequest.self, exchange)
      try input { switchboard, now throws(APIError) in try switchboard.leaveRoom(request, from: identity, now: now) }
    case .reconnectRoom:
      let (request, identity) = try body(RoomRequest.self, exchange)
      try input { switchboard, now throws(APIError) in
        try switchboard.reconnectRoom(request, from: identity, now: now)
      }
    case .answerRoom:
      let (request, identity) = try body(AnswerRoomRequest.self, exchange)
      try input { switchboard, now throws(APIError) in try switchboard.answerRoom(request, from: identity, now: now) }
    case .roomMedia:
      let (request, identity) = try body(RoomMediaRequest.self, exchange)
      try input { switchboard, now throws(APIError) in try switchboard.roomMedia(request, from: identity, now: now) }
    case .roomLayout:
      let (request, identity) = try body(RoomLayoutRequest.self, exchange)
      try input { switchboard, now throws(APIError) in try switchboard.roomLayout(request, from: identity, now: now) }
    case .chat:
      let (request, identity) = try body(ChatRequest.self, exchange)
      try input { switchboard, now throws(APIError) in try switchboard.chat(request, from: identity, now: now) }
    case .invite:
      let (request, identity) = try body(InviteRequest.self, exchange)
      try input { switchboard, now throws(APIError) in try switchboard.invite(request, from: identity, now: now) }
    case .decline:
      let (request, identity) = try body(DeclineRequest.self, exchange)
      try input { switchboard, now throws(APIError) in try switchboard.decline(request, from: identity, now: now) }
    default: throw APIError(.internal, "\(name.rawValue) is answered elsewhere")
    }
  }
}
