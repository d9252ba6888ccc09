import Links

@testable import Signaling

/// One value of each message with every member, and one with only those that must be there.
enum Samples {
  struct Sample {
    var full: any APIMessage
    var least: any APIMessage
    /// Its name among the schemas of openapi.json.
    var schema: String

    init(_ full: any APIMessage, least: (any APIMessage)? = nil, schema: String? = nil) {
      self.full = full
      self.least = least ?? full
      self.schema = schema ?? String(describing: type(of: full))
    }
  }

  static let me = Me(id: UserID("ann"), displayName: "Ann", administrator: true)
  static let person = Person(
    id: UserID("ann"), displayName: "Ann", kind: .user, presence: .online, administrator: true)
  static let party = CallView.Party(id: .box, displayName: "Box", kind: .box)
  static let media = CallView.Media(audio: true, video: false)
  static let call = CallView(
    id: CallID("c"), state: .ringing, direction: .incoming, with: party, audio: true, video: true, theirMedia: media,
    preview: true, mine: false)
  static let fullCall = CallView(
    id: CallID("c"), state: .ended, reason: .hungUp, direction: .outgoing, with: party, audio: true, video: true,
    theirMedia: media, ringMilliseconds: 5, connectedAt: 6, preview: false, mine: true)
  static let session = SessionView(
    id: SessionID("s"), created: 1, lastSeen: 2, device: "Firefox", current: true)
  static let hello = Event.Hello(
    device: DeviceID("d"), me: me, box: .init(name: "Box"), people: [person], calls: [fullCall], rooms: [room],
    invitations: [invitation], serverTime: 3)
  static let seat = RoomView.Seat(
    id: SeatID("s"), user: UserID("ann"), displayName: "Ann", kind: .user, state: .connected, audio: true, video: false,
    screen: true)
  static let track = RoomView.Track(mid: "1", seat: SeatID("s"), screen: false)
  static let room = RoomView(
    id: RoomID("r"), code: "abc234", name: "Camp", limit: 16, mine: SeatID("s"), seats: [seat], tracks: [track],
    since: 1)
  static let fullRoom = RoomView(
    id: RoomID("r"), code: "abc234", name: "Camp", limit: 16, mine: SeatID("s"), seats: [seat], tracks: [track],
    screenMid: "5", shownHeight: 180, since: 1, left: .gone)
  static let summary = RoomSummary(code: "abc234", name: "Camp", people: 1, limit: 16, host: "Ann")
  static let line = ChatLine(number: 1, kind: .text, user: UserID("ann"), displayName: "Ann", at: 1, text: "hello")
  static let invitation = Invitation(id: CallID("i"), room: summary, from: party, ringMilliseconds: 5)
  static let tile = RoomLayoutRequest.Tile(seat: SeatID("s"), screen: false, height: 180)
  static let signal = Event.Signal(
    call: CallID("c"), attempt: 1, kind: .candidate, sdp: "v=0", candidate: "candidate:1", mid: "0")
  static let leastSignal = Event.Signal(call: CallID("c"), attempt: 1, kind: .lost)
  static let signalRequest = SignalRequest(
    device: DeviceID("d"), call: CallID("c"), attempt: 1, kind: .candidate, sdp: "v=0", candidate: "candidate:1",
    mid: "0")
  static let leastSignalRequest = SignalRequest(device: DeviceID("d"), call: CallID("c"), attempt: 1, kind: .lost)
  static let speaking = Event.Speaking(room: RoomID("r"), seats: [SeatID("s")])
  static let chat = Event.Chat(room: RoomID("r"), line: line)
  static let leastOffer = Event.Offer(peer: PeerID("p"), sdp: "v=0")
  static let offer = Event.Offer(call: CallID("c"), room: RoomID("r"), peer: PeerID("p"), sdp: "v=0")
  static let error = ErrorResponse.Detail(code: .invalid, message: "text", field: "id")

  static let status = BoxStatus(
    name: "Box", version: "1", board: "simulated", readyAfterMilliseconds: 1, uptimeSeconds: 2, isolated: true,
    httpsPort: 443, httpPort: 80, mediaPort: 5004, urls: [], state: "ready", lamps: [:], children: [:], devices: [:],
    counters: [:])

  static let all: [Sample] = [
    Sample(EmptyRequest()), Sample(EmptyResponse()),
    Sample(RegisterRequest(id: "ann", displayName: "Ann", password: Secret("password"))),
    Sample(SignInRequest(id: "ann", password: Secret("password"))),
    Sample(EndSessionRequest(session: SessionID("s"))),
    Sample(PresenceRequest(device: DeviceID("d"), state: .asleep)),
    Sample(StartCallRequest(device: DeviceID("d"), callee: .box, audio: true, video: false)),
    Sample(CallRequest(device: DeviceID("d"), call: CallID("c"))),
    Sample(AnswerRequest(device: DeviceID("d"), call: CallID("c"), peer: PeerID("p"), sdp: "v=0")),
    Sample(
      CallMediaRequest(device: DeviceID("d"), call: CallID("c"), audio: true, video: true, screen: true),
      least: CallMediaRequest(device: DeviceID("d"), call: CallID("c"), audio: true, video: false)),
    Sample(BoxResponse(name: "Box", version: "1")), Sample(HealthResponse(status: status)), Sample(me),
    Sample(MeResponse(me: me)), Sample(session),
    Sample(SessionsResponse(sessions: [session])), Sample(person), Sample(PeopleResponse(people: [person])),
    Sample(StartCallResponse(call: call)), Sample(fullCall, least: call), Sample(party),
    Sample(media, schema: "MediaState"),
    Sample(ErrorResponse(error: error)),
    Sample(error, least: ErrorResponse.Detail(code: .invalid, message: "text"), schema: "ErrorDetail"),
    Sample(hello), Sample(hello.box, schema: "HelloBox"), Sample(offer, least: leastOffer),
    Sample(signalRequest, least: leastSignalRequest), Sample(signal, least: leastSignal),
    Sample(CreateRoomRequest(name: "Camp", limit: 2), least: CreateRoomRequest(name: "Camp")),
    Sample(FindRoomRequest(code: "abc234")), Sample(RoomResponse(room: summary)),
    Sample(RoomsResponse(rooms: [summary])), Sample(summary),
    Sample(JoinRoomRequest(device: DeviceID("d"), code: "abc234", audio: true, video: false)),
    Sample(JoinRoomResponse(room: room)), Sample(RoomRequest(device: DeviceID("d"), room: RoomID("r"))),
    Sample(AnswerRoomRequest(device: DeviceID("d"), room: RoomID("r"), peer: PeerID("p"), sdp: "v=0")),
    Sample(RoomMediaRequest(device: DeviceID("d"), room: RoomID("r"), audio: true, video: true, screen: false)),
    Sample(tile), Sample(RoomLayoutRequest(device: DeviceID("d"), room: RoomID("r"), tiles: [tile])),
    Sample(ChatRequest(device: DeviceID("d"), room: RoomID("r"), key: "k", text: "hello")),
    Sample(ChatHistoryRequest(device: DeviceID("d"), room: RoomID("r"), after: 0)),
    Sample(ChatResponse(lines: [line])),
    Sample(InviteRequest(device: DeviceID("d"), room: RoomID("r"), user: .box)),
    Sample(DeclineRequest(device: DeviceID("d"), invitation: CallID("i"))), Sample(seat), Sample(track),
    Sample(fullRoom, least: room),
    Sample(line, least: ChatLine(number: 1, kind: .joined, user: UserID("ann"), displayName: "Ann", at: 1)),
    Sample(invitation), Sample(speaking), Sample(chat),
  ]

  /// The enumerations on the wire by the names of their schemas.
  static let enumerations: [String: [String]] = [
    "Wakefulness": Wakefulness.allCases.map(\.rawValue), "ErrorCode": ErrorCode.allCases.map(\.rawValue),
    "Presence": Presence.allCases.map(\.rawValue), "ParticipantKind": ParticipantKind.allCases.map(\.rawValue),
    "CallState": CallState.allCases.map(\.rawValue), "CallEnd": CallEnd.allCases.map(\.rawValue),
    "CallDirection": CallDirection.allCases.map(\.rawValue), "SeatState": SeatState.allCases.map(\.rawValue),
    "SignalKind": SignalKind.allCases.map(\.rawValue), "RoomLeave": RoomLeave.allCases.map(\.rawValue),
    "ChatKind": ChatKind.allCases.map(\.rawValue),
  ]

  /// What each event carries.
  static let events: [Event] = [
    .hello(hello), .person(person), .call(fullCall), .offer(offer), .signal(signal), .room(fullRoom),
    .speaking(speaking),
    .chat(chat), .invitation(invitation), .me(me), .sessionEnded,
  ]
}
