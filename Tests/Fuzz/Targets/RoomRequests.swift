import Linux
import Signaling

/// Requests about a room from somebody who is in it: whatever they say, they are still in it or have left, and nobody else is
/// concerned.
extension FuzzTarget {
  static let roomSeeds = [
    "{\"name\":\"Camp 4\",\"limit\":2}", "{\"code\":\"abc 234\"}",
    "{\"device\":\"d\",\"code\":\"abc234\",\"audio\":true,\"video\":false}",
    "{\"device\":\"d\",\"room\":\"r\",\"key\":\"k\",\"text\":\"water \u{6c34}\"}",
    "{\"device\":\"d\",\"room\":\"r\",\"tiles\":[{\"seat\":\"s\",\"screen\":false,\"height\":180}]}",
    "{\"device\":\"d\",\"room\":\"r\",\"audio\":true,\"video\":true,\"screen\":true}",
    "{\"device\":\"d\",\"room\":\"r\",\"user\":\"box\"}", "{\"device\":\"d\",\"room\":\"r\",\"after\":-1}",
  ]

  private static let bob = Identity(user: UserID("bob"), session: SessionID("t"))
  private static let now = Moment(monotonic: MonotonicTime(microseconds: 0), wall: WallTime(milliseconds: 0))

  private struct Seated: Sendable {
    var board: Switchboard
    var device: DeviceID
    var room: RoomID
  }

  private static let seated: Seated? = {
    var board = Switchboard(random: Counter())
    board.update(Account(id: bob.user, displayName: "Bob", administrator: false), now: now)
    do {
      try board.attach(stream: StreamID(1), identity: bob, resume: nil, localAddress: "10.0.0.1", now: now)
      for case .event(_, _, .hello(let hello)) in board.drain() {
        let room = try board.createRoom(CreateRoomRequest(name: "Camp"), from: bob, now: now)
        let join = JoinRoomRequest(device: hello.device, code: room.code, audio: true, video: true)
        let view = try board.joinRoom(join, from: bob, now: now)
        _ = board.drain()
        return Seated(board: board, device: hello.device, room: view.id)
      }
    } catch {}
    return nil
  }()

  static func askInRoom(_ bytes: [UInt8]) -> String? {
    guard let seated else { return "no room to ask about" }
    var board = seated.board
    if let request = try? APICodec.decode(CreateRoomRequest.self, from: bytes),
      let room = try? board.createRoom(request, from: bob, now: now)
    {
      guard (1...64).contains(room.name.unicodeScalars.count), (2...16).contains(room.limit) else { return "\(room)" }
      guard (try? board.findRoom(FindRoomRequest(code: room.code))) == room else { return "a room that is not found" }
    }
    if let request = try? APICodec.decode(FindRoomRequest.self, from: bytes) { _ = try? board.findRoom(request) }
    if var request = try? APICodec.decode(ChatRequest.self, from: bytes) {
      (request.device, request.room) = (seated.device, seated.room)
      if (try? board.chat(request, from: bob, now: now)) != nil {
        // What is remembered of it can be read again.
        guard let memory = try? board.memory.encoded(), SwitchboardMemory(memory) != nil else {
          return "not remembered"
        }
      }
    }
    if var request = try? APICodec.decode(RoomLayoutRequest.self, from: bytes) {
      (request.device, request.room) = (seated.device, seated.room)
      try? board.roomLayout(request, from: bob, now: now)
    }
    if var request = try? APICodec.decode(RoomMediaRequest.self, from: bytes) {
      (request.device, request.room) = (seated.device, seated.room)
      try? board.roomMedia(request, from: bob, now: now)
    }
    if var request = try? APICodec.decode(AnswerRoomRequest.self, from: bytes) {
      (request.device, request.room) = (seated.device, seated.room)
      try? board.answerRoom(request, from: bob, now: now)
    }
    if var request = try? APICodec.decode(InviteRequest.self, from: bytes) {
      (request.device, request.room) = (seated.device, seated.room)
      try? board.invite(request, from: bob, now: now)
    }
    if var request = try? APICodec.decode(ChatHistoryRequest.self, from: bytes) {
      (request.device, request.room) = (seated.device, seated.room)
      guard let lines = try? board.chatHistory(request, from: bob) else { return "no history for who is in the room" }
      if lines.contains(where: { $0.number <= request.after }) { return "a line from before" }
    }
    return nil
  }
}
