/// How somebody's seat in a room stands.
public enum SeatState: String, Codable, Sendable, CaseIterable {
  /// Its media is not through yet, or not any more.
  case connecting
  case connected
  /// Its device cannot be reached; the seat is kept for a while.
  case away
}

/// Why a device is not in a room any more.
public enum RoomLeave: String, Codable, Sendable, CaseIterable {
  /// By its own wish.
  case left
  /// The same person took the seat with another page.
  case elsewhere
  /// Its device was away for too long, or signed out.
  case gone
  /// The box has no connection for it, or cannot use its answer.
  case failed
}

/// A room as anyone sees it who knows its code.
public struct RoomSummary: APIMessage {
  public var code: String
  public var name: String
  public var people: Int
  /// The most who may be in it at once; 2 for a private room.
  public var limit: Int
  /// Who made it.
  public var host: String
  public init(code: String, name: String, people: Int, limit: Int, host: String) {
    self.code = code
    self.name = name
    self.people = people
    self.limit = limit
    self.host = host
  }
}

/// The whole present state of a room as one device in it sees it.
public struct RoomView: APIMessage {
  /// Somebody in the room.
  public struct Seat: APIMessage {
    public var id: SeatID
    public var user: UserID
    public var displayName: String
    public var kind: ParticipantKind
    public var state: SeatState
    /// What it sends just now; false is muted, or camera off.
    public var audio: Bool
    public var video: Bool
    /// Whether it shows a screen.
    public var screen: Bool
    public init(
      id: SeatID, user: UserID, displayName: String, kind: ParticipantKind, state: SeatState, audio: Bool, video: Bool,
      screen: Bool
    ) {
      self.id = id
      self.user = user
      self.displayName = displayName
      self.kind = kind
      self.state = state
      self.audio = audio
      self.video = video
      self.screen = screen
    }
  }

  /// Whose picture comes in a section of this device's connection.
  public struct Track: APIMessage {
    public var mid: String
    public var seat: SeatID
    public var screen: Bool
    public init(mid: String, seat: SeatID, screen: Bool) {
      self.mid = mid
      self.seat = seat
      self.screen = screen
    }
  }

  public var id: RoomID
  public var code: String
  public var name: String
  public var limit: Int
  /// The seat of the device that is told.
  public var mine: SeatID
  /// In the order of their coming.
  public var seats: [Seat]
  public var tracks: [Track]
  /// The section that this device's screen goes into; present once it has asked to show one.
  public var screenMid: String?
  /// How large anybody shows this device's camera, in pixels of height: 0 for nobody, nil for as large as it comes.
  public var shownHeight: Int?
  /// Wall-clock milliseconds since 1970: since when somebody is in it.
  public var since: Int64
  /// Present once this device is not in it any more.
  public var left: RoomLeave?

  public init(
    id: RoomID, code: String, name: String, limit: Int, mine: SeatID, seats: [Seat], tracks: [Track],
    screenMid: String? = nil, shownHeight: Int? = nil, since: Int64, left: RoomLeave? = nil
  ) {
    self.id = id
    self.code = code
    self.name = name
    self.limit = limit
    self.mine = mine
    self.seats = seats
    self.tracks = tracks
    self.screenMid = screenMid
    self.shownHeight = shownHeight
    self.since = since
    self.left = left
  }
}

/// What a line of a room's chat is.
public enum ChatKind: String, Codable, Sendable, CaseIterable {
  case text
  /// Somebody came or went.
  case joined, left
}

/// One line of a room's chat.
public struct ChatLine: APIMessage {
  /// Counts the lines of a room from 1.
  public var number: Int
  public var kind: ChatKind
  public var user: UserID
  public var displayName: String
  /// Wall-clock milliseconds since 1970.
  public var at: Int64
  /// Of `text` only.
  public var text: String?
  public init(number: Int, kind: ChatKind, user: UserID, displayName: String, at: Int64, text: String? = nil) {
    self.number = number
    self.kind = kind
    self.user = user
    self.displayName = displayName
    self.at = at
    self.text = text
  }
}

/// Somebody wants this user in a room.
public struct Invitation: APIMessage {
  public var id: CallID
  public var room: RoomSummary
  public var from: CallView.Party
  /// How long it still rings; 0 once it is over.
  public var ringMilliseconds: Int64
  public init(id: CallID, room: RoomSummary, from: CallView.Party, ringMilliseconds: Int64) {
    self.id = id
    self.room = room
    self.from = from
    self.ringMilliseconds = ringMilliseconds
  }
}
