import Links
import Linux
import TestSupport
import Testing

@testable import Signaling

/// Anything in any order, seeded; what must always hold is looked at after each step.
@Suite struct RandomWalkTests {
  @Test(arguments: 0..<16) func invariantsHold(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed) &+ 1)
    var settings = Switchboard.Settings()
    settings.presets = seed % 3 == 0 ? [] : [UserID("ann"), UserID("bob")]
    settings.autoAnswer = seed % 2 == 0 ? [UserID("cid")] : []
    settings.longestCall = .seconds(90)
    settings.devicesPerUser = 4
    let stage = Stage(settings, seed: UInt64(seed))
    for user in ["ann", "ann", "bob", "cid", "cid"] { _ = try stage.join(user) }
    var reached: Set<CallState> = []
    for step in 0..<1_500 {
      perform(Int.random(in: 0..<39, using: &random), stage, &random)
      for call in stage.board.calls { reached.insert(call.machine.state) }
      check(stage, "seed \(seed), step \(step)")
      if stage.failed { return }
    }
    #expect(reached.isSuperset(of: [.ringing, .connected]), "the walk went somewhere")

    // Everything ends: nobody does anything any more.
    for phone in stage.phones.indices { stage.close(phone) }
    stage.wait(.seconds(200))
    stage.wait(Room.emptyTime)
    #expect(stage.board.calls.isEmpty && stage.board.rooms.isEmpty && stage.board.invitations.isEmpty)
    #expect(stage.board.devices.ids.isEmpty)
    #expect(stage.board.nextTimeout == nil)
    #expect(stage.media.peers.isEmpty || !stage.board.mediaDesk.isLinked)
    #expect(stage.state == .nobodyReachable)
  }

  private func perform(_ choice: Int, _ stage: Stage, _ random: inout SeededGenerator) {
    let phone = Int.random(in: 0..<stage.phones.count, using: &random)
    // Also calls of others, and calls that are over.
    let calls = stage.board.calls.map(\.id) + stage.phones[phone].calls.keys.sorted { $0.rawValue < $1.rawValue }
    let call = calls.randomElement(using: &random)
    switch choice {
    case 0...4:
      let callee = ["ann", "bob", "cid", "box", "nobody"].randomElement(using: &random) ?? "box"
      _ = try? stage.call(phone, callee, video: Bool.random(using: &random))
    case 5...8: try? stage.act(.accept, phone, call)
    case 9: try? stage.act(.reject, phone, call)
    case 10: try? stage.act(.hangUp, phone, call)
    case 11: try? stage.act(.reconnect, phone, call)
    case 12: stage.press(.short(.call))
    case 13: stage.press(.short(.hangUp))
    case 14: stage.close(phone)
    case 15, 16:
      let again = EventID(device: stage.phones[phone].device, number: 0)
      try? stage.open(phone, resume: Bool.random(using: &random) ? stage.phones[phone].last : again)
    case 17: stage.wait(.milliseconds(Int64.random(in: 0..<15_000, using: &random)))
    case 18:
      guard let peer = stage.media.peers.keys.sorted().randomElement(using: &random) else { return }
      stage.media.peers[peer] = nil
      stage.hear(.closed(peer: peer, reason: "silent"))
    case 19 where Int.random(in: 0..<4, using: &random) == 0: stage.restartMedia()
    case 20: stage.phones[phone].answers = Int.random(in: 0..<4, using: &random) != 0
    case 21:
      stage.media.manner = Int.random(in: 0..<8, using: &random) == 0 ? .refusing : .prompt
    case 22 where Int.random(in: 0..<4, using: &random) == 0:
      stage.board.endSession(stage.phones[phone].identity.session, now: stage.now)
      stage.pump()
    case 23:
      let state: Wakefulness = Bool.random(using: &random) ? .asleep : .awake
      try? stage.board.presence(
        PresenceRequest(device: stage.phones[phone].device, state: state), from: stage.phones[phone].identity,
        now: stage.now)
      stage.pump()
    case 24 where Int.random(in: 0..<4, using: &random) == 0:
      let streams = stage.phones.map(\.stream)
      do {
        try stage.restartServer(mediaToo: Int.random(in: 0..<4, using: &random) == 0)
      } catch {
        Issue.record("\(error)")
      }
      for phone in stage.phones.indices where streams[phone] != nil && Int.random(in: 0..<8, using: &random) != 0 {
        try? stage.resume(phone)
      }
    case 36: try? stage.signal(.offer, phone, call, sdp: "v=0\r\n")
    case 37, 38:
      let (video, screen) = (Bool.random(using: &random), Bool.random(using: &random))
      try? stage.send(phone, call, audio: Bool.random(using: &random), video: video, screen: screen)
    case 25...34: performInRoom(choice, phone, stage, &random)
    default: stage.wait(.milliseconds(100))
    }
  }

  private func performInRoom(_ choice: Int, _ phone: Int, _ stage: Stage, _ random: inout SeededGenerator) {
    let code = stage.board.rooms.map(\.code).randomElement(using: &random)
    switch choice {
    case 25: _ = try? stage.createRoom(phone, limit: Int.random(in: 2...4, using: &random))
    case 26...29: if let code { try? stage.enter(phone, code, video: Bool.random(using: &random)) }
    case 30: try? stage.room(phone) { try $0.leaveRoom(RoomRequest(device: $1, room: $2), from: $3, now: $4) }
    case 31: try? stage.room(phone) { try $0.reconnectRoom(RoomRequest(device: $1, room: $2), from: $3, now: $4) }
    case 32:
      let (screen, text) = (Bool.random(using: &random), "\(random.next())")
      try? stage.room(phone) {
        try $0.roomMedia(
          RoomMediaRequest(device: $1, room: $2, audio: screen, video: true, screen: screen), from: $3, now: $4)
        try $0.chat(ChatRequest(device: $1, room: $2, key: text, text: text), from: $3, now: $4)
      }
    case 33:
      let seats = stage.phones[phone].room?.seats.map(\.id) ?? []
      let tiles = seats.map {
        RoomLayoutRequest.Tile(seat: $0, screen: false, height: Int.random(in: 0...3, using: &random) * 90)
      }
      try? stage.room(phone) {
        try $0.roomLayout(RoomLayoutRequest(device: $1, room: $2, tiles: tiles), from: $3, now: $4)
      }
    default:
      let user = ["ann", "bob", "cid", "box"].randomElement(using: &random) ?? "box"
      try? stage.room(phone) {
        try $0.invite(InviteRequest(device: $1, room: $2, user: UserID(user)), from: $3, now: $4)
      }
    }
  }

  private func check(_ stage: Stage, _ place: String) {
    let board = stage.board
    func hold(_ condition: Bool, _ what: String) {
      guard !condition else { return }
      Issue.record("\(place): \(what)")
      stage.failed = true
    }
    // The media plane has exactly the peers of living legs.
    let legs = board.calls.flatMap(\.legs)
    let links = legs.map(\.link) + board.rooms.flatMap(\.seats).map(\.link)
    hold(Set(links.compactMap { $0.peer?.rawValue }) == Set(stage.media.peers.keys), "a peer is leaked or lost")
    // What a peer got that is gone, went with it.
    let fed = stage.media.feeds.filter { endpoint, _ in
      if case .peer(let peer) = endpoint { stage.media.peers[peer] != nil } else { true }
    }
    hold(fed == board.feeds.filter { $0.value != MediaFeed() }, "the media plane has other feeds")
    hold(stage.media.strayFeeds == 0, "a feed names a peer that is not open")

    var engaged: Set<UserID> = []
    for call in board.calls {
      hold(call.machine.state != .ended, "an ended call is kept")
      hold(call.nextTimeout != nil, "a call without a timer would never end")
      for user in call.engaged { hold(engaged.insert(user).inserted, "\(user) is in two calls") }
      hold(call.legs.filter(\.isCaller).count == 1, "one caller")
      if call.machine.isActive {
        hold(call.legs.count == 2 && call.legs.filter(\.accepted).count == 1, "one device on each side")
      } else {
        hold(!call.legs.contains(where: \.accepted), "accepted, but it rings")
        hold(!call.ringingLegs.isEmpty, "rings nowhere")
      }
      hold(Set(call.legs.filter { !$0.isCaller }.map(\.user)) == Set(call.invited), "invited without a device")
      let own = Set(call.legs.compactMap(\.link.endpoint))
      for (endpoint, feed) in call.feeds {
        let named = [endpoint] + feed.audio + feed.video.compactMap { $0?.from }
        hold(named.allSatisfy { own.contains($0) }, "a feed of a stranger")
      }
    }

    for room in board.rooms {
      hold(room.seats.count <= room.limit, "too many in a room")
      hold(room.seats.isEmpty == (room.emptySince != nil), "an empty room goes some time")
      hold(Set(room.seats.map(\.id)).count == room.seats.count, "two have one seat")
      for seat in room.seats {
        hold(room.seats.count { $0.device != nil && $0.device == seat.device } <= 1, "a device has two seats")
        let isThere = seat.device.map { board.devices[$0] != nil } ?? true
        hold(isThere || seat.awaySince != nil, "a seat of nobody is kept for ever")
        hold(seat.user == .box || !engaged.contains(seat.user), "\(seat.user) is in a call and a room")
        hold(Set(seat.tiles.compactMap { $0 }) == Set(room.pictures(for: seat.id)), "a picture without a place")
        hold(seat.tiles.compactMap { $0 }.count == Set(seat.tiles.compactMap { $0 }).count, "a picture in two places")
      }
      engaged.formUnion(room.seats.map(\.user))
    }

    // The box's agent and its calls agree.
    let boxCalls = board.calls.filter(\.includesBox)
    let asked = board.invitations.filter { $0.user == .box }.map(\.id)
    let boxSeats = board.rooms.flatMap(\.seats).filter { $0.participant == .box }
    hold(boxSeats.count == (board.boxRoomCall == nil ? 0 : 1), "the box's seat")
    if board.boxRoomCall != nil || !asked.isEmpty {
      hold(boxCalls.isEmpty && asked.count <= 1, "the box in two places")
      switch board.agent.state {
      case .incoming(let id): hold([id] == asked, "asked into a room")
      case .inCall(let id, _, _): hold(id == board.boxRoomCall && asked.isEmpty, "in a room")
      default: hold(false, "the box knows nothing of its room")
      }
      return checkPhones(stage, hold)
    }
    switch board.agent.state {
    case .idle: hold(boxCalls.isEmpty, "an idle box in a call")
    case .calling(let id, _):
      hold(boxCalls.map(\.id) == [id].compactMap { $0 } && boxCalls.first?.machine.isRinging == true, "calling")
    case .incoming(let id): hold(boxCalls.map(\.id) == [id] && boxCalls.first?.machine.isRinging == true, "incoming")
    case .inCall(let id, _, _): hold(boxCalls.map(\.id) == [id] && boxCalls.first?.machine.isActive == true, "in call")
    }

    checkPhones(stage, hold)
  }

  /// Each phone has been told how things are.
  private func checkPhones(_ stage: Stage, _ hold: (Bool, String) -> Void) {
    let board = stage.board
    for phone in stage.phones where phone.stream != nil {
      let living = Set(phone.living.map(\.id))
      let real = Set(board.calls.filter { $0.legs.contains { $0.device == phone.device } }.map(\.id))
      hold(living == real, "\(phone.identity.user) believes in \(living), but has \(real)")
      let room = board.rooms.first { $0.seats.contains { $0.device == phone.device } }
      hold(phone.room?.id == room?.id, "\(phone.identity.user) believes in another room")
      if let room { hold(phone.room?.seats.map(\.id) == room.seats.map(\.id), "another company") }
      for person in board.people { hold(phone.people[person.id] == person, "\(person.id) is told wrongly") }
    }
  }
}
