import FoundationEssentials

/// What a device hears on its event stream.
public enum Event: Sendable, Equatable {
  case hello(Hello)
  case person(Person)
  case call(CallView)
  case offer(Offer)
  case signal(Signal)
  case room(RoomView)
  case speaking(Speaking)
  case chat(Chat)
  case invitation(Invitation)
  case me(Me)
  case sessionEnded

  /// The names on the wire.
  public enum Name: String, Sendable, CaseIterable {
    case hello, person, call, offer, signal, room, speaking, chat, invitation, me, sessionEnded
  }

  /// The first event of a fresh stream: everything a client needs to draw itself.
  public struct Hello: APIMessage {
    public struct Box: APIMessage {
      public var name: String
      public init(name: String) { self.name = name }
    }
    public var `protocol`: Int
    public var device: DeviceID
    public var me: Me
    public var box: Box
    public var people: [Person]
    /// A call that is not in here is over.
    public var calls: [CallView]
    /// The one that this device is in, if it is in one.
    public var rooms: [RoomView]
    public var invitations: [Invitation]
    /// Wall-clock milliseconds since 1970.
    public var serverTime: Int64
    public init(
      protocol: Int = API.protocolVersion, device: DeviceID, me: Me, box: Box, people: [Person], calls: [CallView],
      rooms: [RoomView], invitations: [Invitation], serverTime: Int64
    ) {
      self.protocol = `protocol`
      self.device = device
      self.me = me
      self.box = box
      self.people = people
      self.calls = calls
      self.rooms = rooms
      self.invitations = invitations
      self.serverTime = serverTime
    }
  }

  /// Answer this for the connection of that name; for a name that is not known build a new one, in place of an older one of the same
  /// call or room.
  public struct Offer: APIMessage {
    /// One of the two.
    public var call: CallID?
    public var room: RoomID?
    public var peer: PeerID
    public var sdp: String
    public init(call: CallID? = nil, room: RoomID? = nil, peer: PeerID, sdp: String) {
      self.call = call
      self.room = room
      self.peer = peer
      self.sdp = sdp
    }
  }

  /// Who speaks in a room, whoever began last first.
  public struct Speaking: APIMessage {
    public var room: RoomID
    public var seats: [SeatID]
    public init(room: RoomID, seats: [SeatID]) {
      self.room = room
      self.seats = seats
    }
  }

  /// A new line of a room's chat.
  public struct Chat: APIMessage {
    public var room: RoomID
    public var line: ChatLine
    public init(room: RoomID, line: ChatLine) {
      self.room = room
      self.line = line
    }
  }

  public var name: Name {
    switch self {
    case .hello: .hello
    case .person: .person
    case .call: .call
    case .offer: .offer
    case .signal: .signal
    case .room: .room
    case .speaking: .speaking
    case .chat: .chat
    case .invitation: .invitation
    case .me: .me
    case .sessionEnded: .sessionEnded
    }
  }

  /// The data of the event: one line of JSON.
  public func json() throws(APIError) -> [UInt8] {
    switch self {
    case .hello(let hello): try APICodec.encode(hello)
    case .person(let person): try APICodec.encode(person)
    case .call(let view): try APICodec.encode(view)
    case .offer(let offer): try APICodec.encode(offer)
    case .signal(let signal): try APICodec.encode(signal)
    case .room(let view): try APICodec.encode(view)
    case .speaking(let speaking): try APICodec.encode(speaking)
    case .chat(let chat): try APICodec.encode(chat)
    case .invitation(let invitation): try APICodec.encode(invitation)
    case .me(let me): try APICodec.encode(me)
    case .sessionEnded: try APICodec.encode(EmptyResponse())
    }
  }
}

/// The `id:` of an event, `<device>.<number>`; a browser sends it back as `Last-Event-ID`.
public struct EventID: Hashable, Sendable, CustomStringConvertible {
  public var device: DeviceID
  /// Counts a device's events from 1.
  public var number: UInt64

  public init(device: DeviceID, number: UInt64) {
    self.device = device
    self.number = number
  }

  /// Nil for anything that this box cannot have made.
  public init?(_ text: String) {
    guard text.utf8.count <= 64, let dot = text.lastIndex(of: "."), dot != text.startIndex,
      let number = UInt64(text[text.index(after: dot)...])
    else { return nil }
    self.init(device: DeviceID(String(text[..<dot])), number: number)
  }

  public var description: String { "\(device).\(number)" }
}
