import Linux
import Signaling

extension FuzzTarget {
  /// The body of a request, of whichever route: what is read can be written and reads the same again, and the switchboard takes
  /// it or refuses it.
  static let requests = FuzzTarget(
    "requests",
    seeds: {
      (roomSeeds + [
        "{\"id\":\"ann\",\"displayName\":\"Ann 王\",\"password\":\"password\"}",
        "{\"device\":\"d\",\"callee\":\"box\",\"audio\":true,\"video\":false}",
        "{\"device\":\"d\",\"call\":\"c\",\"peer\":\"p\",\"sdp\":\"v=0\\r\\ns=-\\r\\n\"}",
        "{\"device\":\"d\",\"call\":\"c\",\"audio\":false,\"video\":true,\"screen\":true}",
        "{\"device\":\"d\",\"state\":\"asleep\"}",
        "{\"device\":\"d\",\"call\":\"c\",\"attempt\":1,\"kind\":\"offer\",\"sdp\":\"v=0\\r\\n\"}",
        "{\"device\":\"d\",\"call\":\"c\",\"attempt\":2,\"kind\":\"candidate\",\"candidate\":\"candidate:1\",\"mid\":\"0\"}",
        "{\"session\":\"s\",\"__proto__\":{\"a\":[1,2.5e3,null]}}", "0123456789abcdef0123456789abcdef.42",
      ]).map { Array($0.utf8) }
    },
    run: { view in
      let bytes = view.array
      for route in Route.table {
        if let type = route.request, let complaint = readAndWrite(type, bytes) {
          return "\(route.path): \(complaint)"
        }
      }
      if let request = try? APICodec.decode(RegisterRequest.self, from: bytes) {
        if let id = try? Validation.id(request.id), !(2...32).contains(id.rawValue.utf8.count) { return "id \(id)" }
        if let name = try? Validation.displayName(request.displayName), name.isEmpty || name.unicodeScalars.count > 64 {
          return "display name \(name)"
        }
        try? Validation.password(request.password)
      }
      let text = String(decoding: bytes, as: UTF8.self)
      if let id = EventID(text), EventID(id.description) != id { return "event id \(id)" }
      return ask(bytes) ?? askInRoom(bytes)
    })

  private static func readAndWrite<Message: APIMessage>(_ type: Message.Type, _ bytes: [UInt8]) -> String? {
    guard let message = try? APICodec.decode(type, from: bytes) else { return nil }
    do {
      let again = try APICodec.decode(type, from: APICodec.encode(message))
      return again == message ? nil : "reads differently when written and read again"
    } catch {
      return "cannot be read again: \(error.message)"
    }
  }

  private static let ann = Identity(user: UserID("ann"), session: SessionID("s"))
  private static let now = Moment(monotonic: MonotonicTime(microseconds: 0), wall: WallTime(milliseconds: 0))

  /// A switchboard in which ann calls the box.
  private static let ringing: Switchboard? = {
    var board = Switchboard(random: Counter())
    board.update(Account(id: ann.user, displayName: "Ann", administrator: true), now: now)
    do {
      try board.attach(stream: StreamID(1), identity: ann, resume: nil, localAddress: "10.0.0.1", now: now)
      for case .event(_, _, .hello(let hello)) in board.drain() {
        let request = StartCallRequest(device: hello.device, callee: .box, audio: true, video: true)
        guard try board.start(request, from: ann, now: now).state == .ringing else { return nil }
      }
      return board
    } catch {
      return nil
    }
  }()

  /// Hands whatever it can be to that switchboard.
  private static func ask(_ bytes: [UInt8]) -> String? {
    guard var board = ringing else { return "no call to ask about" }
    let before = board.people
    if let request = try? APICodec.decode(StartCallRequest.self, from: bytes) {
      _ = try? board.start(request, from: ann, now: now)
    }
    if let request = try? APICodec.decode(CallRequest.self, from: bytes) {
      try? board.accept(request, from: ann, now: now)
      try? board.reject(request, from: ann, now: now)
      try? board.reconnect(request, from: ann, now: now)
      try? board.hangUp(request, from: ann, now: now)
    }
    if let request = try? APICodec.decode(AnswerRequest.self, from: bytes) {
      try? board.answer(request, from: ann, now: now)
    }
    if let request = try? APICodec.decode(CallMediaRequest.self, from: bytes) {
      try? board.media(request, from: ann, now: now)
    }
    if let request = try? APICodec.decode(SignalRequest.self, from: bytes) {
      try? board.signal(request, from: ann, now: now)
      if let complaint = check(request) { return complaint }
    }
    if let request = try? APICodec.decode(PresenceRequest.self, from: bytes) {
      try? board.presence(request, from: ann, now: now)
    }
    // Nobody can guess the device or the call.
    return board.people == before ? nil : "a made-up request changed something"
  }

  /// What is handed on is what was said, and no more than may be.
  private static func check(_ request: SignalRequest) -> String? {
    guard let signal = try? Validation.signal(request) else { return nil }
    let isShort =
      (signal.sdp ?? "").utf8.count <= API.largestDescriptionBytes && (signal.candidate ?? "").utf8.count <= 1_024
      && (signal.mid ?? "").utf8.count <= 32
    let isSame = [nil, request.sdp].contains(signal.sdp) && [nil, request.candidate].contains(signal.candidate)
    return isShort && isSame ? nil : "a signal that is \(signal)"
  }

  /// Ids that no input contains, the same in each run.
  struct Counter: RandomNumberGenerator, Sendable {
    var last: UInt64 = 0xfeed_0000_0000_0000
    mutating func next() -> UInt64 {
      // Mixed (SplitMix64), for codes are drawn from the upper bits and again until one is free.
      last &+= 0x9e37_79b9_7f4a_7c15
      var mixed = (last ^ (last >> 30)) &* 0xbf58_476d_1ce4_e5b9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
      return mixed ^ (mixed >> 31)
    }
  }
}
