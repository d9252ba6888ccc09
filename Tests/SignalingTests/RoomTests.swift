import Links
import Linux
import Testing

@testable import Signaling

/// Rooms: who gets in, who gets what, and what everybody is told.
@Suite struct RoomTests {
  /// So many users in one room, each with one phone.
  private func room(_ count: Int, limit: Int? = nil, settings: Switchboard.Settings = .init()) throws -> (Stage, String)
  {
    let users = (0..<max(count + 2, 4)).map { "u\($0)" }
    let stage = Stage(settings, users: users)
    for user in users { _ = try stage.join(user) }
    let code = try stage.createRoom(0, limit: limit)
    for phone in 0..<count { try stage.enter(phone, code) }
    return (stage, code)
  }

  @Test func everyoneHearsAndSeesEveryoneElse() throws {
    let (stage, code) = try room(3)
    #expect(
      stage.routes == ["u00>u11 av", "u00>u22 av", "u11>u00 av", "u11>u22 av", "u22>u00 av", "u22>u11 av"])
    for phone in 0..<3 {
      let view = try #require(stage.phones[phone].room)
      #expect(view.code == code && view.name == "Camp" && view.seats.count == 3)
      #expect(view.seats.allSatisfy { $0.state == .connected && $0.audio && $0.video && !$0.screen })
      #expect(view.seats.first { $0.id == view.mine }?.user == stage.phones[phone].identity.user)
      // Each other picture has a section of its own.
      #expect(Set(view.tracks.map(\.seat)) == Set(view.seats.map(\.id)).subtracting([view.mine]))
      #expect(Set(view.tracks.map(\.mid)).count == 2)
    }
    #expect(stage.phones[3].room == nil && stage.phones[3].offers.isEmpty)
    #expect(stage.presence("u0", by: 3) == .busy && stage.presence("u3", by: 0) == .online)
  }

  @Test func whoComesLaterIsOfferedInMoreSectionsOnTheSameConnections() throws {
    let (stage, code) = try room(2)
    let before = stage.phones[0].offers
    #expect(before.count == 1)
    try stage.enter(2, code)
    let offers = stage.phones[0].offers
    #expect(offers.count == 2 && offers[1].peer == offers[0].peer, "the connection stays")
    #expect(stage.media.peers.count == 3)
    // Who leaves leaves a section free, and the next who comes gets it: no further offer.
    try stage.room(1) { try $0.leaveRoom(RoomRequest(device: $1, room: $2), from: $3, now: $4) }
    #expect(stage.phones[1].left == .left && stage.phones[1].room == nil)
    try stage.enter(3, code)
    #expect(stage.phones[0].offers.count == 2)
    #expect(stage.phones[0].room?.tracks.count == 2)
    #expect(stage.routes.count == 6)
  }

  @Test func unknownEmptyAndFullAreToldApart() throws {
    let (stage, code) = try room(2, limit: 2)
    let board = stage.board
    #expect(refusal { _ = try board.findRoom(FindRoomRequest(code: "zzzzzz")) } == .notFound)
    #expect(refusal { _ = try board.findRoom(FindRoomRequest(code: "no code")) } == .notFound)
    let full = try board.findRoom(FindRoomRequest(code: " \(code.uppercased().prefix(3)) \(code.suffix(3))"))
    #expect(full.people == 2 && full.limit == 2 && full.host == "U0")
    #expect(refusal { try stage.enter(2, code) } == .full)
    #expect(refusal { try stage.enter(2, "zzzzzz") } == .notFound)
    for phone in 0..<2 {
      try stage.room(phone) { try $0.leaveRoom(RoomRequest(device: $1, room: $2), from: $3, now: $4) }
    }
    #expect(try stage.board.findRoom(FindRoomRequest(code: code)).people == 0)
    #expect(stage.media.peers.isEmpty && stage.media.feeds.isEmpty)
    stage.wait(Room.emptyTime + .seconds(1))
    #expect(refusal { _ = try stage.board.findRoom(FindRoomRequest(code: code)) } == .notFound)
  }

  @Test func limitsAnswerBeforeAnyMedia() throws {
    var settings = Switchboard.Settings()
    settings.roomLimit = 4
    settings.mostRooms = 3
    settings.roomsPerUser = 2
    let stage = Stage(settings)
    for user in ["ann", "bob"] { _ = try stage.join(user) }
    for (limit, field) in [(1, "limit"), (5, "limit"), (-3, "limit")] {
      let error = try #require(throwing { _ = try stage.createRoom(0, limit: limit) })
      #expect(error.code == .invalid && error.field == field)
    }
    for name in ["", "   ", String(repeating: "x", count: 65), "a\u{7}b"] {
      let request = CreateRoomRequest(name: name)
      let error = try #require(
        throwing { _ = try stage.board.createRoom(request, from: stage.phones[0].identity, now: stage.now) })
      #expect(error.code == .invalid && error.field == "name")
    }
    // A room in which nobody is makes way for another of the same person, and for nobody else's.
    let first = try stage.createRoom(0)
    stage.wait(.seconds(1))
    let second = try stage.createRoom(0)
    #expect(try stage.board.findRoom(FindRoomRequest(code: first)).people == 0)
    let third = try stage.createRoom(0)
    #expect(Set(stage.board.rooms(of: UserID("ann")).map(\.code)) == [second, third])
    #expect(stage.board.rooms(of: UserID("cid")).isEmpty && stage.media.peers.isEmpty)
    let theirs = try stage.createRoom(1)
    try stage.enter(1, theirs)
    #expect(refusal { _ = try stage.createRoom(1) } == .rateLimited, "three on the box")
  }

  @Test func whoIsOneTooManyToSendMayWatch() throws {
    var settings = Switchboard.Settings()
    settings.roomSenders = 2
    let (stage, code) = try room(2, settings: settings)
    let third = stage.phones[2]
    let asks = JoinRoomRequest(device: third.device, code: code, audio: true, video: false)
    let error = try #require(throwing { _ = try stage.board.joinRoom(asks, from: third.identity, now: stage.now) })
    #expect(error.code == .full && error.field == "media")
    #expect(stage.media.peers.count == 2, "no media flows for it")
    let watches = JoinRoomRequest(device: third.device, code: code, audio: false, video: false)
    _ = try stage.board.joinRoom(watches, from: third.identity, now: stage.now)
    stage.pump()
    #expect(stage.routes == ["u00>u11 av", "u00>u22 av", "u11>u00 av", "u11>u22 av"])
    func send(_ phone: Int, audio: Bool) throws {
      try stage.room(phone) {
        try $0.roomMedia(
          RoomMediaRequest(device: $1, room: $2, audio: audio, video: false, screen: false), from: $3, now: $4)
      }
    }
    #expect(refusal { try send(2, audio: true) } == .full)
    #expect(stage.phones[0].room?.seats.last?.audio == false)
    // One who ceases makes way.
    try send(0, audio: false)
    try send(2, audio: true)
    #expect(stage.routes.contains("u22>u11 av") && !stage.routes.contains { $0.hasPrefix("u00>") })
    #expect(refusal { try send(0, audio: true) } == .full)
  }

  @Test func codesAreNotRepeatedAndEasyToRead() throws {
    var settings = Switchboard.Settings()
    settings.mostRooms = 500
    settings.roomsPerUser = 500
    let stage = Stage(settings)
    _ = try stage.join("ann")
    let codes = try (0..<300).map { _ in try stage.createRoom(0) }
    #expect(Set(codes).count == 300)
    #expect(codes.allSatisfy { Room.code($0) == $0 && !$0.contains { "01ilo".contains($0) } })
  }

  @Test func nobodyIsInTwoPlacesAtOnce() throws {
    let (stage, code) = try room(1)
    let other = try stage.createRoom(1)
    #expect(refusal { try stage.enter(0, other) } == .busy)
    try stage.call(2, "u3")
    #expect(refusal { try stage.enter(2, code) } == .busy)
    #expect(try stage.call(1, "u0").reason == .busy)
    #expect(refusal { try stage.call(0, "u1") } == .busy)
  }

  @Test func aStrangerHasNoSayInARoom() throws {
    let (stage, _) = try room(2)
    let (device, identity) = (stage.phones[2].device, stage.phones[2].identity)
    let id = try #require(stage.phones[0].room?.id)
    let (now, peer) = (stage.now, try #require(stage.phones[0].offers.last?.peer))
    func refused(_ ask: (inout Switchboard) throws -> Void) -> ErrorCode? { refusal { try ask(&stage.board) } }
    #expect(refused { try $0.leaveRoom(RoomRequest(device: device, room: id), from: identity, now: now) } == .notFound)
    #expect(
      refused { try $0.chat(ChatRequest(device: device, room: id, key: "k", text: "x"), from: identity, now: now) }
        == .notFound)
    #expect(
      refused {
        try $0.answerRoom(
          AnswerRoomRequest(device: device, room: id, peer: peer, sdp: "v=0\r\n"), from: identity, now: now)
      } == .notFound)
    #expect(
      refused { _ = try $0.chatHistory(ChatHistoryRequest(device: device, room: id, after: 0), from: identity) }
        == .notFound)
    #expect(
      refused { try $0.invite(InviteRequest(device: device, room: id, user: .box), from: identity, now: now) }
        == .notFound)
    // Nor with the device of somebody who is in it.
    let theirs = stage.phones[0].device
    #expect(refused { try $0.leaveRoom(RoomRequest(device: theirs, room: id), from: identity, now: now) } == .notFound)
  }

  // MARK: Chat

  @Test func chatReachesAllOnceAndLateComersReadIt() throws {
    let (stage, code) = try room(2)
    for _ in 0..<2 {
      try stage.room(0) {
        try $0.chat(ChatRequest(device: $1, room: $2, key: "k1", text: "water at 5"), from: $3, now: $4)
      }
    }
    for phone in 0..<2 { #expect(stage.phones[phone].lines.filter { $0.kind == .text }.map(\.text) == ["water at 5"]) }
    try stage.enter(2, code)
    #expect(stage.phones[0].lines.last?.kind == .joined && stage.phones[0].lines.last?.user == UserID("u2"))
    try stage.room(2) { board, device, room, identity, _ in
      let all = try board.chatHistory(ChatHistoryRequest(device: device, room: room, after: 0), from: identity)
      #expect(all.map(\.kind) == [.joined, .joined, .text, .joined])
      #expect(all.map(\.number) == [1, 2, 3, 4])
      let rest = try board.chatHistory(ChatHistoryRequest(device: device, room: room, after: 3), from: identity)
      #expect(rest.map(\.number) == [4])
    }
    for text in ["", " \n ", String(repeating: "x", count: 1_001), "bell\u{7}"] {
      let refused = refusal {
        try stage.room(0) { try $0.chat(ChatRequest(device: $1, room: $2, key: "k", text: text), from: $3, now: $4) }
      }
      #expect(refused == .invalid)
    }
    for number in 0..<300 {
      try stage.room(0) {
        try $0.chat(ChatRequest(device: $1, room: $2, key: "n\(number)", text: "\(number)"), from: $3, now: $4)
      }
    }
    try stage.room(2) { board, device, room, identity, _ in
      let all = try board.chatHistory(ChatHistoryRequest(device: device, room: room, after: 0), from: identity)
      #expect(all.count == Room.linesKept && all.last?.text == "299")
    }
    for number in 0..<10 {
      try stage.room(0) {
        let text = String(repeating: "\u{6c34}", count: 1_000)
        try $0.chat(ChatRequest(device: $1, room: $2, key: "long\(number)", text: text), from: $3, now: $4)
      }
    }
    try stage.room(2) { board, device, room, identity, _ in
      let all = try board.chatHistory(ChatHistoryRequest(device: device, room: room, after: 0), from: identity)
      #expect(all.count == Room.textKept / 3_000)
    }
  }

  // MARK: What is shown

  @Test func whatIsNotShownIsNotSent() throws {
    let (stage, _) = try room(3)
    let seats = try #require(stage.phones[0].room).seats.map(\.id)
    let tiles = [
      RoomLayoutRequest.Tile(seat: seats[1], screen: false, height: 0),
      RoomLayoutRequest.Tile(seat: seats[2], screen: false, height: 180),
    ]
    try stage.room(0) { try $0.roomLayout(RoomLayoutRequest(device: $1, room: $2, tiles: tiles), from: $3, now: $4) }
    #expect(stage.routes.contains("u11>u00 a") && stage.routes.contains("u22>u00 av"))
    let peer = try #require(stage.phones[0].offers.last?.peer.rawValue)
    #expect(stage.media.feeds[.peer(peer)]?.video.compactMap { $0?.height } == [180])
    let many = (0..<40).map { RoomLayoutRequest.Tile(seat: SeatID("\($0)"), screen: false, height: 1) }
    for wrong in [[RoomLayoutRequest.Tile(seat: seats[1], screen: false, height: -1)], many] {
      let refused = refusal {
        try stage.room(0) {
          try $0.roomLayout(RoomLayoutRequest(device: $1, room: $2, tiles: wrong), from: $3, now: $4)
        }
      }
      #expect(refused == .invalid)
    }
  }

  @Test func aCameraIsToldHowLargeItIsShown() throws {
    let (stage, _) = try room(3)
    let seats = try #require(stage.phones[0].room).seats.map(\.id)
    // The box in the room shows nothing.
    try stage.room(0) { try $0.invite(InviteRequest(device: $1, room: $2, user: .box), from: $3, now: $4) }
    stage.press(.short(.call))
    #expect(stage.phones[0].room?.seats.count == 4)
    func show(_ phone: Int, _ height: Int, screen: Bool = false) throws {
      let tiles = [RoomLayoutRequest.Tile(seat: seats[0], screen: screen, height: height)]
      try stage.room(phone) {
        try $0.roomLayout(RoomLayoutRequest(device: $1, room: $2, tiles: tiles), from: $3, now: $4)
      }
    }
    #expect(stage.phones[0].room?.shownHeight == nil)
    try show(1, 0)
    #expect(stage.phones[0].room?.shownHeight == nil, "one has not said")
    try show(2, 180)
    #expect(stage.phones[0].room?.shownHeight == 180)
    try show(1, 360)
    #expect(stage.phones[0].room?.shownHeight == 360)
    #expect(stage.phones[1].room?.shownHeight == nil)
    try stage.room(1) { try $0.leaveRoom(RoomRequest(device: $1, room: $2), from: $3, now: $4) }
    #expect(stage.phones[0].room?.shownHeight == 180)
    try show(2, 0)
    #expect(stage.phones[0].room?.shownHeight == 0)
    try show(2, 720, screen: true)
    #expect(stage.phones[0].room?.shownHeight == nil)
  }

  @Test func aScreenIsOfferedToItsOwnerAndShownToTheOthers() throws {
    let (stage, _) = try room(3)
    try stage.room(0) {
      try $0.roomMedia(
        RoomMediaRequest(device: $1, room: $2, audio: true, video: false, screen: true), from: $3, now: $4)
    }
    #expect(stage.phones[0].room?.screenMid != nil)
    for phone in 1..<3 {
      let view = try #require(stage.phones[phone].room)
      let owner = try #require(view.seats.first { $0.user == UserID("u0") })
      #expect(owner.screen && !owner.video)
      #expect(view.tracks.contains { $0.seat == owner.id && $0.screen })
      let peer = try #require(stage.phones[phone].offers.last?.peer.rawValue)
      #expect(stage.media.feeds[.peer(peer)]?.video.contains { $0?.screen == true } == true)
    }
    try stage.room(0) {
      try $0.roomMedia(
        RoomMediaRequest(device: $1, room: $2, audio: true, video: false, screen: false), from: $3, now: $4)
    }
    #expect(stage.phones[1].room?.tracks.allSatisfy { !$0.screen } == true)
  }

  @Test func whoSpeaksIsToldTheLatestFirst() throws {
    let (stage, _) = try room(3)
    let seats = try #require(stage.phones[0].room).seats.map(\.id)
    let peers = try (0..<3).map { try #require(stage.phones[$0].offers.last?.peer.rawValue) }
    stage.hear(.speaking(of: .peer(peers[1]), true))
    stage.hear(.speaking(of: .peer(peers[2]), true))
    #expect(stage.phones.prefix(3).allSatisfy { $0.speaking == [seats[2], seats[1]] })
    stage.hear(.speaking(of: .peer(peers[2]), false))
    #expect(stage.phones[0].speaking == [seats[1]])
    stage.hear(.speaking(of: .peer("nobody"), true))
    #expect(stage.phones[0].speaking == [seats[1]])
  }

  // MARK: Dropping out and coming back

  @Test func aPageThatIsKilledIsBackInItsSeat() throws {
    let (stage, code) = try room(3)
    let seat = try #require(stage.phones[1].room?.mine)
    stage.close(1)
    stage.wait(.seconds(12))
    #expect(stage.phones[0].room?.seats.first { $0.id == seat }?.state == .away)
    // The browser was started anew: another device of the same session.
    stage.phones.append(Phone(identity: stage.phones[1].identity))
    let again = stage.phones.count - 1
    try stage.open(again, resume: nil)
    try stage.enter(again, code)
    #expect(stage.phones[again].room?.mine == seat)
    #expect(stage.phones[0].room?.seats.count == 3)
    #expect(stage.phones[0].room?.seats.allSatisfy { $0.state == .connected } == true)
    #expect(stage.phones[0].lines.count { $0.kind == .left } == 0)
    #expect(stage.media.peers.count == 3)
  }

  @Test func aStreamThatDropsAndResumesLosesNothing() throws {
    let (stage, _) = try room(3)
    let (offers, view) = (stage.phones[1].offers.count, stage.phones[1].room)
    stage.close(1)
    stage.wait(.seconds(15))
    #expect(stage.phones[0].room?.seats[1].state == .away)
    try stage.resume(1)
    #expect(stage.phones[0].room?.seats[1].state == .connected)
    #expect(stage.phones[1].room == view && stage.phones[1].offers.count == offers, "its connection goes on")
    stage.wait(.seconds(40))
    #expect(stage.phones[0].room?.seats.count == 3)
  }

  @Test func aReloadedPageHasItsSeatAndANewConnection() throws {
    let (stage, _) = try room(3)
    let (seat, offers) = (stage.phones[1].room?.mine, stage.phones[1].offers)
    stage.close(1)
    stage.phones[1].room = nil
    try stage.open(1, resume: EventID(device: stage.phones[1].device, number: 0))
    #expect(stage.phones[1].room?.mine == seat)
    #expect(stage.phones[1].offers.last?.peer != offers.last?.peer)
    #expect(stage.routes.count == 6)
  }

  @Test func whoDoesNotComeBackIsGoneAfterAWhile() throws {
    let (stage, code) = try room(2, limit: 2)
    stage.close(1)
    stage.wait(.seconds(29))
    #expect(refusal { try stage.enter(2, code) } == .full, "the seat is kept")
    stage.wait(.seconds(2))
    #expect(stage.phones[0].room?.seats.count == 1)
    #expect(stage.phones[0].lines.last?.kind == .left)
    try stage.enter(2, code)
    #expect(stage.presence("u1", by: 0) == .offline)
  }

  @Test func anotherPageOfTheSameSessionTakesTheSeatOver() throws {
    let (stage, code) = try room(2)
    let seat = stage.phones[1].room?.mine
    stage.phones.append(Phone(identity: stage.phones[1].identity))
    let tab = stage.phones.count - 1
    try stage.open(tab, resume: nil)
    try stage.enter(tab, code)
    #expect(stage.phones[1].left == .elsewhere && stage.phones[1].room == nil)
    #expect(stage.phones[tab].room?.mine == seat && stage.phones[0].room?.seats.count == 2)
  }

  @Test func afterARestartOfMediaEverybodyIsConnectedAgain() throws {
    let (stage, _) = try room(4)
    let before = stage.phones.prefix(4).map { $0.offers.last?.peer }
    stage.restartMedia()
    #expect(stage.phones[0].room?.seats.allSatisfy { $0.state == .connected } == true)
    #expect(stage.routes.count == 12)
    #expect(zip(stage.phones, before).allSatisfy { $0.offers.last?.peer != $1 })
  }

  @Test(arguments: [false, true]) func aRestartOfTheServerKeepsRooms(mediaToo: Bool) throws {
    let (stage, code) = try room(3)
    let views = stage.phones.prefix(3).map(\.room)
    try stage.room(0) { try $0.chat(ChatRequest(device: $1, room: $2, key: "k", text: "before"), from: $3, now: $4) }
    try stage.restartServer(mediaToo: mediaToo)
    for phone in stage.phones.indices { try stage.resume(phone) }
    #expect(stage.phones.prefix(3).allSatisfy { $0.room?.seats.count == 3 })
    if !mediaToo { #expect(stage.phones.prefix(3).map(\.room) == views) }
    #expect(stage.routes.count == 6)
    try stage.room(1) { board, device, room, identity, _ in
      let lines = try board.chatHistory(ChatHistoryRequest(device: device, room: room, after: 0), from: identity)
      #expect(lines.last?.text == "before")
    }
    try stage.enter(3, code)
    #expect(stage.phones[0].room?.seats.count == 4)
  }

  @Test func aConnectionThatCannotBeMadeEndsInAClearWord() throws {
    let (stage, code) = try room(1)
    stage.media.manner = .refusing
    try stage.enter(1, code)
    #expect(stage.phones[1].left == .failed)
    stage.media.manner = .prompt
    try stage.enter(1, code)
    #expect(stage.phones[1].room?.seats.count == 2)
    let offer = try #require(stage.phones[1].offers.last)
    #expect(refusal { try stage.answer(1, offer) } == .wrongState, "it is answered already")
  }

  @Test func aConnectionThatFailsLooksForAWayAgainAndIsReplacedIfThatDoesNotHelp() throws {
    let (stage, _) = try room(2)
    let offer = try #require(stage.phones[1].offers.last)
    func reconnect() throws {
      try stage.room(1) { try $0.reconnectRoom(RoomRequest(device: $1, room: $2), from: $3, now: $4) }
    }
    try reconnect()
    #expect(
      stage.phones[1].offers.last == .init(room: offer.room, peer: offer.peer, sdp: "a new way for \(offer.peer)"))
    #expect(stage.routes.count == 2, "what flows goes on")
    try reconnect()
    let another = try #require(stage.phones[1].offers.last)
    #expect(another.peer != offer.peer && stage.routes.count == 2)
    stage.wait(.seconds(10))
    try reconnect()
    #expect(stage.phones[1].offers.last?.peer == another.peer, "later it is worth a try again")
    // The media plane has lost it in between.
    stage.wait(.seconds(10))
    stage.media.peers[another.peer.rawValue] = nil
    try reconnect()
    #expect(stage.phones[1].offers.last?.peer != another.peer && stage.routes.count == 2)
  }

  // MARK: Invitations and the box

  @Test func whoIsInvitedIsRungAndComesOrDeclines() throws {
    let (stage, code) = try room(1)
    func invite(_ user: String) throws {
      try stage.room(0) { try $0.invite(InviteRequest(device: $1, room: $2, user: UserID(user)), from: $3, now: $4) }
    }
    try invite("u1")
    let invitation = try #require(stage.phones[1].invitations.values.first)
    #expect(invitation.room.code == code && invitation.from.id == UserID("u0") && invitation.ringMilliseconds == 30_000)
    try stage.enter(1, code)
    #expect(stage.phones[1].invitations.isEmpty)
    #expect(refusal { try invite("u1") } == .wrongState)

    try invite("u2")
    let second = try #require(stage.phones[2].invitations.values.first)
    let request = DeclineRequest(device: stage.phones[2].device, invitation: second.id)
    try stage.board.decline(request, from: stage.phones[2].identity, now: stage.now)
    stage.pump()
    #expect(stage.phones[2].invitations.isEmpty)
    #expect(stage.board.rooms(of: UserID("u2")).map(\.code) == [code], "they may still come")
    try invite("u2")
    stage.wait(.seconds(31))
    #expect(stage.phones[2].invitations.isEmpty, "nobody rings for ever")
    #expect(refusal { try invite("nobody") } == .notFound)
    stage.close(3)
    stage.wait(.seconds(11))
    #expect(refusal { try invite("u3") } == .wrongState)
  }

  @Test func theBoxComesByItsButtonAndLeavesByIt() throws {
    let (stage, _) = try room(2)
    try stage.room(0) { try $0.invite(InviteRequest(device: $1, room: $2, user: .box), from: $3, now: $4) }
    #expect(stage.state == .incoming)
    stage.press(.short(.call))
    #expect(stage.state == .inCall(boxCalled: false, autoAnswered: false))
    #expect(stage.phones[0].room?.seats.contains { $0.kind == .box && $0.state == .connected } == true)
    #expect(stage.routes.contains("box>u00 av") && stage.routes.contains("u00>box a"))
    let box = try #require(stage.phones[0].room?.seats.first { $0.kind == .box })
    stage.hear(.speaking(of: .local, true))
    #expect(stage.phones[0].speaking == [box.id])
    stage.hear(.speaking(of: .local, false))
    #expect(stage.phones[0].speaking.isEmpty)
    #expect(try stage.call(2, "box").reason == .busy)
    stage.press(.short(.hangUp))
    #expect(stage.phones[0].room?.seats.count == 2)
    #expect(stage.state == .ready && stage.routes.count == 2)

    try stage.room(1) { try $0.invite(InviteRequest(device: $1, room: $2, user: .box), from: $3, now: $4) }
    stage.press(.short(.hangUp))
    #expect(stage.state == .ready)
    try stage.room(1) { try $0.invite(InviteRequest(device: $1, room: $2, user: .box), from: $3, now: $4) }
    stage.press(.short(.call))
    // Left alone it goes too.
    for phone in 0..<2 {
      try stage.room(phone) { try $0.leaveRoom(RoomRequest(device: $1, room: $2), from: $3, now: $4) }
    }
    #expect(stage.state == .ready && stage.media.feeds.isEmpty)
  }
}

/// The error that something is refused with.
private func throwing(_ body: () throws -> Void) -> APIError? {
  do {
    try body()
    return nil
  } catch { return error as? APIError }
}
