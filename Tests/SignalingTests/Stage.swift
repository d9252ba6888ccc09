import Links
import Linux
import TestSupport
import Testing

@testable import Signaling

/// A media plane that answers at once, unless told otherwise, and remembers everything.
struct FakeMedia {
  /// An answer that it cannot use.
  static let badAnswer = "v=0\r\nbad"

  enum Manner { case prompt, silent, refusing }
  var manner = Manner.prompt
  /// Peers that are open, and whether they are connected.
  var peers: [String: Bool] = [:]
  var addresses: [String: [String]] = [:]
  var feeds: [MediaEndpoint: MediaFeed] = [:]
  /// Requests that got no reply yet.
  var waiting: [MediaRequest] = []
  /// Feeds that named a peer which was not there.
  var strayFeeds = 0

  mutating func handle(_ request: MediaRequest) -> [MediaEvent] {
    if manner == .silent {
      waiting.append(request)
      return []
    }
    return answer(request)
  }

  private static func offer(_ sdp: String, _ shape: MediaShape) -> MediaOffer {
    MediaOffer(sdp: sdp, video: (0..<shape.video).map { "\($0 + 1)" }, screen: shape.screen ? "screen" : nil)
  }

  mutating func answer(_ request: MediaRequest) -> [MediaEvent] {
    switch request {
    case .openPeer(let id, let peer, let local, let shape):
      if manner == .refusing { return [.reply(id: id, .refused(code: "tooMany", detail: "no room"))] }
      peers[peer] = false
      addresses[peer] = local
      return [.reply(id: id, .offer(Self.offer("offer for \(peer)", shape)))]
    case .reshapePeer(let id, let peer, let shape, let restart):
      guard peers[peer] != nil else { return [.reply(id: id, .refused(code: "noSuchPeer", detail: peer))] }
      return [.reply(id: id, .offer(Self.offer("\(restart ? "a new way" : "another offer") for \(peer)", shape)))]
    case .setAnswer(let id, let peer, let sdp):
      guard peers[peer] != nil else { return [.reply(id: id, .refused(code: "noSuchPeer", detail: peer))] }
      if sdp == Self.badAnswer { return [.reply(id: id, .refused(code: "badDescription", detail: "line 1"))] }
      if peers[peer] == true { return [.reply(id: id, .done)] }
      peers[peer] = true
      return [.reply(id: id, .done), .connected(peer: peer)]
    case .setFeed(let id, let endpoint, let feed):
      for case .peer(let peer) in [endpoint] + feed.audio + feed.video.compactMap({ $0?.from }) where peers[peer] == nil
      {
        strayFeeds += 1
      }
      feeds[endpoint] = feed == MediaFeed() ? nil : feed
      return [.reply(id: id, .done)]
    case .closePeer(let id, let peer):
      peers[peer] = nil
      feeds[.peer(peer)] = nil
      return [.reply(id: id, .done)]
    case .list(let id):
      return [
        .reply(id: id, .peers(peers.keys.sorted().map { MediaPeerStatus(peer: $0, connected: peers[$0] == true) }))
      ]
    }
  }
}

/// A phone: one event stream and what came on it.
struct Phone {
  var identity: Identity
  var stream: StreamID?
  var device = DeviceID("none")
  var events: [Event] = []
  var last: EventID?
  /// Answers each offer at once.
  var answers = true
  var calls: [CallID: CallView] = [:]
  var offers: [Event.Offer] = []
  var people: [UserID: Person] = [:]
  /// The room that it is in, and why it left the last.
  var room: RoomView?
  var left: RoomLeave?
  /// What the other device said of the direct way.
  var signals: [Event.Signal] = []
  var speaking: [SeatID] = []
  var lines: [ChatLine] = []
  var invitations: [CallID: Invitation] = [:]

  /// The calls that are not over.
  var living: [CallView] { calls.values.filter { $0.state != .ended } }
  var call: CallView? { living.first }
  /// The reason of the call that was heard of last.
  var reason: CallEnd? {
    for case .call(let view) in events.reversed() { return view.reason }
    return nil
  }
}

/// A switchboard with virtual time, a media plane and phones around it. Everything that it wants done is done at once.
final class Stage {
  var board: Switchboard
  var media = FakeMedia()
  var now = Moment(
    monotonic: MonotonicTime(microseconds: 1_000_000_000), wall: WallTime(milliseconds: 1_700_000_000_000))
  var phones: [Phone] = []
  var states: [BoxState] = []
  var cues: [Cue] = []
  var promoted: [UserID] = []
  /// A check failed; a walk stops then.
  var failed = false
  private var streams = 0
  private let settings: Switchboard.Settings
  private let users: [String]
  private var seed: UInt64

  init(
    _ settings: Switchboard.Settings = .init(), users: [String] = ["ann", "bob", "cid"], seed: UInt64 = 1,
    linked: Bool = true
  ) {
    self.settings = settings
    self.users = users
    self.seed = seed
    board = Self.board(settings, users, seed, now)
    if linked { board.mediaLinked(now: now) }
    pump()
  }

  private static func board(
    _ settings: Switchboard.Settings, _ users: [String], _ seed: UInt64, _ now: Moment
  ) -> Switchboard {
    var board = Switchboard(settings: settings, random: SeededGenerator(seed: seed))
    for user in users {
      board.update(Account(id: UserID(user), displayName: user.capitalized, administrator: false), now: now)
    }
    return board
  }

  // MARK: What happens

  /// Opens a stream for a user; gives the phone's index.
  func join(_ user: String, session: String? = nil) throws -> Int {
    phones.append(
      Phone(identity: Identity(user: UserID(user), session: SessionID(session ?? "\(user)-\(phones.count)"))))
    try open(phones.count - 1, resume: nil)
    return phones.count - 1
  }

  func open(_ phone: Int, resume: EventID?) throws {
    streams += 1
    let stream = StreamID(streams)
    phones[phone].stream = stream
    try board.attach(
      stream: stream, identity: phones[phone].identity, resume: resume, localAddress: "192.168.4.1", now: now)
    pump()
  }

  func close(_ phone: Int) {
    guard let stream = phones[phone].stream else { return }
    phones[phone].stream = nil
    board.detach(stream: stream, now: now)
    pump()
  }

  @discardableResult
  func call(_ phone: Int, _ callee: String, audio: Bool = true, video: Bool = true) throws -> CallView {
    let view = try board.start(
      StartCallRequest(device: phones[phone].device, callee: UserID(callee), audio: audio, video: video),
      from: phones[phone].identity, now: now)
    pump()
    return view
  }

  enum Act { case accept, reject, hangUp, reconnect }

  func act(_ act: Act, _ phone: Int, _ call: CallID? = nil) throws {
    let request = CallRequest(
      device: phones[phone].device, call: call ?? phones[phone].call?.id ?? CallID("none"))
    let identity = phones[phone].identity
    switch act {
    case .accept: try board.accept(request, from: identity, now: now)
    case .reject: try board.reject(request, from: identity, now: now)
    case .hangUp: try board.hangUp(request, from: identity, now: now)
    case .reconnect: try board.reconnect(request, from: identity, now: now)
    }
    pump()
  }

  func signal(
    _ kind: SignalKind, _ phone: Int, _ call: CallID? = nil, device: DeviceID? = nil, attempt: Int = 1,
    sdp: String? = nil, candidate: String? = nil, mid: String? = nil
  ) throws {
    let request = SignalRequest(
      device: device ?? phones[phone].device, call: call ?? phones[phone].call?.id ?? CallID("none"), attempt: attempt,
      kind: kind, sdp: sdp, candidate: candidate, mid: mid)
    try board.signal(request, from: phones[phone].identity, now: now)
    pump()
  }

  /// A phone says what it sends in a call.
  func send(_ phone: Int, _ call: CallID? = nil, audio: Bool = true, video: Bool, screen: Bool? = nil) throws {
    let request = CallMediaRequest(
      device: phones[phone].device, call: call ?? phones[phone].call?.id ?? CallID("none"), audio: audio, video: video,
      screen: screen)
    try board.media(request, from: phones[phone].identity, now: now)
    pump()
  }

  /// Makes a room and gives its code.
  func createRoom(_ phone: Int, limit: Int? = nil) throws -> String {
    let room = try board.createRoom(
      CreateRoomRequest(name: "Camp", limit: limit), from: phones[phone].identity, now: now)
    pump()
    return room.code
  }

  func enter(_ phone: Int, _ code: String, audio: Bool = true, video: Bool = true) throws {
    let request = JoinRoomRequest(device: phones[phone].device, code: code, audio: audio, video: video)
    let view = try board.joinRoom(request, from: phones[phone].identity, now: now)
    // Without a stream it hears of it later, behind what it has missed.
    if phones[phone].stream != nil { phones[phone].room = view }
    pump()
  }

  func room(
    _ phone: Int, _ ask: (inout Switchboard, DeviceID, RoomID, Identity, Moment) throws -> Void
  ) throws {
    let (device, identity) = (phones[phone].device, phones[phone].identity)
    try ask(&board, device, phones[phone].room?.id ?? RoomID("none"), identity, now)
    pump()
  }

  func press(_ press: Press) {
    board.press(press, now: now)
    pump()
  }

  func hear(_ event: MediaEvent) {
    board.receive(event, now: now)
    pump()
  }

  /// The media process dies and a new one is linked.
  func restartMedia() {
    board.mediaLost(now: now)
    media = FakeMedia()
    pump()
    board.mediaLinked(now: now)
    pump()
  }

  /// The server is killed, and another one takes over. Phones are without a stream then.
  func restartServer(mediaToo: Bool = false, ended: Set<SessionID> = []) throws {
    let bytes = try board.memory.encoded()
    for phone in phones.indices { phones[phone].stream = nil }
    seed &+= 1_000
    board = Self.board(settings, users, seed, now)
    let memory = try #require(SwitchboardMemory(bytes))
    board.restore(memory, now: now) { !ended.contains($0.session) }
    pump()
    if mediaToo { media = FakeMedia() }
    board.mediaLinked(now: now)
    pump()
  }

  /// A phone's page finds back to the box, and goes on where it was.
  func resume(_ phone: Int) throws { try open(phone, resume: phones[phone].last) }

  /// Lets time pass, and does what is due at its time.
  func wait(_ interval: Interval) {
    let end = now.monotonic + interval
    while let due = board.nextTimeout, due <= end {
      advance(to: max(due, now.monotonic))
      let before = board.nextTimeout
      board.poll(now: now)
      pump()
      guard board.nextTimeout != before || due > now.monotonic else {
        Issue.record("the timer at \(due) does not go away")
        break
      }
    }
    advance(to: end)
  }

  private func advance(to time: MonotonicTime) {
    now.wall.milliseconds += (time - now.monotonic).milliseconds
    now.monotonic = time
  }

  // MARK: Carrying out

  func pump() {
    var rounds = 0
    while true {
      let outputs = board.drain()
      if outputs.isEmpty { return }
      rounds += 1
      if rounds > 1000 {
        Issue.record("the switchboard never becomes quiet")
        return
      }
      for output in outputs { carryOut(output) }
    }
  }

  private func carryOut(_ output: Output) {
    switch output {
    case .event(let stream, let id, let event):
      guard let phone = phones.firstIndex(where: { $0.stream == stream }) else { return }
      hear(event, id, phone)
    case .closeStream(let stream):
      guard let phone = phones.firstIndex(where: { $0.stream == stream }) else { return }
      phones[phone].stream = nil
      board.detach(stream: stream, now: now)
    case .media(let request):
      for event in media.handle(request) { board.receive(event, now: now) }
    case .box(let state): states.append(state)
    case .cue(let cue): cues.append(cue)
    case .promote(let user): promoted.append(user)
    }
  }

  private func hear(_ event: Event, _ id: EventID, _ p: Int) {
    phones[p].events.append(event)
    phones[p].last = id
    switch event {
    case .hello(let hello):
      phones[p].device = hello.device
      phones[p].calls = Dictionary(uniqueKeysWithValues: hello.calls.map { ($0.id, $0) })
      phones[p].people = Dictionary(uniqueKeysWithValues: hello.people.map { ($0.id, $0) })
      phones[p].room = hello.rooms.first
      phones[p].invitations = Dictionary(uniqueKeysWithValues: hello.invitations.map { ($0.id, $0) })
    case .person(let person): phones[p].people[person.id] = person
    case .call(let view): phones[p].calls[view.id] = view
    case .offer(let offer):
      phones[p].offers.append(offer)
      if let call = offer.call, phones[p].calls[call] == nil { Issue.record("an offer for a call that was not told") }
      if let room = offer.room, phones[p].room?.id != room { Issue.record("an offer for a room that was not told") }
      if phones[p].answers { try? answer(p, offer) }
    case .signal(let signal): phones[p].signals.append(signal)
    case .room(let view):
      phones[p].room = view.left == nil ? view : nil
      if let left = view.left { phones[p].left = left }
    case .speaking(let speaking): phones[p].speaking = speaking.seats
    case .chat(let chat): phones[p].lines.append(chat.line)
    case .invitation(let invitation):
      phones[p].invitations[invitation.id] = invitation.ringMilliseconds > 0 ? invitation : nil
    case .me, .sessionEnded: break
    }
  }

  func answer(_ phone: Int, _ offer: Event.Offer, sdp: String = "v=0\r\n") throws {
    if let room = offer.room {
      let request = AnswerRoomRequest(device: phones[phone].device, room: room, peer: offer.peer, sdp: sdp)
      return try board.answerRoom(request, from: phones[phone].identity, now: now)
    }
    guard let call = offer.call else { return }
    try board.answer(
      AnswerRequest(device: phones[phone].device, call: call, peer: offer.peer, sdp: sdp),
      from: phones[phone].identity, now: now)
  }

  // MARK: What is seen

  func presence(_ user: String, by phone: Int = 0) -> Presence? { phones[phone].people[UserID(user)]?.presence }

  /// What flows from whom to whom as text, sorted: "from>to av".
  var routes: [String] {
    func name(_ end: MediaEndpoint) -> String {
      guard case .peer(let peer) = end else { return "box" }
      let phone = phones.firstIndex { $0.offers.contains { $0.peer.rawValue == peer } }
      return phone.map { "\(phones[$0].identity.user)\($0)" } ?? "?"
    }
    return media.feeds.flatMap { to, feed in
      let seen = feed.video.compactMap { $0?.from }
      return Set(feed.audio + seen).map { from in
        "\(name(from))>\(name(to)) \(feed.audio.contains(from) ? "a" : "")\(seen.contains(from) ? "v" : "")"
      }
    }.sorted()
  }

  var state: BoxState? { states.last }
}

/// Runs `body`, which must be refused; gives the code.
func refusal(_ body: () throws -> Void) -> ErrorCode? {
  do {
    try body()
    return nil
  } catch let error as APIError {
    return error.code
  } catch {
    Issue.record("\(error) is no APIError")
    return nil
  }
}
