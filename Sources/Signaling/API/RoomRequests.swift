/// Makes a room. Whoever made it is not in it yet.
public struct CreateRoomRequest: APIMessage {
  public var name: String
  /// 2 to what the configuration allows; without it that.
  public var limit: Int?
  public init(name: String, limit: Int? = nil) {
    self.name = name
    self.limit = limit
  }
}

/// Asks what room a code names.
public struct FindRoomRequest: APIMessage {
  public var code: String
  public init(code: String) { self.code = code }
}

public struct RoomResponse: APIMessage {
  public var room: RoomSummary
  public init(room: RoomSummary) { self.room = room }
}

/// The rooms that the user made, was in or is invited to.
public struct RoomsResponse: APIMessage {
  public var rooms: [RoomSummary]
  public init(rooms: [RoomSummary]) { self.rooms = rooms }
}

/// Takes a seat. `audio` and `video` are what the device sends at first.
public struct JoinRoomRequest: APIMessage {
  public var device: DeviceID
  public var code: String
  public var audio: Bool
  public var video: Bool
  public init(device: DeviceID, code: String, audio: Bool, video: Bool) {
    self.device = device
    self.code = code
    self.audio = audio
    self.video = video
  }
}

public struct JoinRoomResponse: APIMessage {
  public var room: RoomView
  public init(room: RoomView) { self.room = room }
}

/// Leave and reconnect.
public struct RoomRequest: APIMessage {
  public var device: DeviceID
  public var room: RoomID
  public init(device: DeviceID, room: RoomID) {
    self.device = device
    self.room = room
  }
}

/// The answer to an `offer` event of a room.
public struct AnswerRoomRequest: APIMessage {
  public var device: DeviceID
  public var room: RoomID
  public var peer: PeerID
  public var sdp: String
  public init(device: DeviceID, room: RoomID, peer: PeerID, sdp: String) {
    self.device = device
    self.room = room
    self.peer = peer
    self.sdp = sdp
  }
}

/// What this device sends just now. With `screen` true for the first time an `offer` with a section for it follows.
public struct RoomMediaRequest: APIMessage {
  public var device: DeviceID
  public var room: RoomID
  public var audio: Bool
  public var video: Bool
  public var screen: Bool
  public init(device: DeviceID, room: RoomID, audio: Bool, video: Bool, screen: Bool) {
    self.device = device
    self.room = room
    self.audio = audio
    self.video = video
    self.screen = screen
  }
}

/// How large this device shows the pictures that it names; those that it does not name as large as they come.
public struct RoomLayoutRequest: APIMessage {
  public struct Tile: APIMessage {
    public var seat: SeatID
    public var screen: Bool
    /// In pixels; 0 for not shown, so that nothing is sent.
    public var height: Int
    public init(seat: SeatID, screen: Bool, height: Int) {
      self.seat = seat
      self.screen = screen
      self.height = height
    }
  }
  public var device: DeviceID
  public var room: RoomID
  public var tiles: [Tile]
  public init(device: DeviceID, room: RoomID, tiles: [Tile]) {
    self.device = device
    self.room = room
    self.tiles = tiles
  }
}

/// Says something to the room. The same `key` again is the same line, so a request whose answer was lost can be repeated.
public struct ChatRequest: APIMessage {
  public var device: DeviceID
  public var room: RoomID
  public var key: String
  public var text: String
  public init(device: DeviceID, room: RoomID, key: String, text: String) {
    self.device = device
    self.room = room
    self.key = key
    self.text = text
  }
}

/// Asks for the lines of a room's chat behind one.
public struct ChatHistoryRequest: APIMessage {
  public var device: DeviceID
  public var room: RoomID
  public var after: Int
  public init(device: DeviceID, room: RoomID, after: Int) {
    self.device = device
    self.room = room
    self.after = after
  }
}

public struct ChatResponse: APIMessage {
  public var lines: [ChatLine]
  public init(lines: [ChatLine]) { self.lines = lines }
}

/// Wants somebody, or the box itself, in the room.
public struct InviteRequest: APIMessage {
  public var device: DeviceID
  public var room: RoomID
  public var user: UserID
  public init(device: DeviceID, room: RoomID, user: UserID) {
    self.device = device
    self.room = room
    self.user = user
  }
}

/// Does not want to come.
public struct DeclineRequest: APIMessage {
  public var device: DeviceID
  public var invitation: CallID
  public init(device: DeviceID, invitation: CallID) {
    self.device = device
    self.invitation = invitation
  }
}
