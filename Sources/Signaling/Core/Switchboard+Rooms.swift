import Linux

/// What devices ask about rooms. A room that a user is not in does not exist for their requests, but for finding and joining it.
extension Switchboard {
  public mutating func createRoom(
    _ request: CreateRoomRequest, from identity: Identity, now: Moment
  ) throws(APIError) -> RoomSummary {
    let name = try Validation.roomName(request.name)
    let limit = request.limit ?? settings.roomLimit
    guard (2...settings.roomLimit).contains(limit) else {
      throw APIError(.invalid, "a room holds 2 to \(settings.roomLimit)", field: "limit")
    }
    let isOneTooMany = rooms.count(where: { $0.host == identity.user }) >= settings.roomsPerUser
    if isOneTooMany || rooms.count >= settings.mostRooms {
      // The person's own room that has been empty longest makes way.
      let empty = rooms.filter { $0.host == identity.user && $0.seats.isEmpty }
      let longest = empty.min { $0.emptySince ?? now.monotonic < $1.emptySince ?? now.monotonic }
      guard let longest else {
        let most =
          isOneTooMany ? "one person has at most \(settings.roomsPerUser)" : "the box has at most \(settings.mostRooms)"
        throw APIError(.rateLimited, "\(most) rooms", retryAfterSeconds: 60)
      }
      rooms.removeAll { $0.id == longest.id }
    }
    let room = Room(
      id: RoomID.random(&random), code: newCode(), name: name, limit: limit, host: identity.user,
      known: [identity.user], since: now.wall, emptySince: now.monotonic)
    rooms.append(room)
    return summary(room)
  }

  private mutating func newCode() -> String {
    while true {
      let letters = (0..<Room.codeLength).map { _ in
        Room.codeAlphabet[Int.random(in: Room.codeAlphabet.indices, using: &random)]
      }
      let code = String(decoding: letters, as: UTF8.self)
      if !rooms.contains(where: { $0.code == code }) { return code }
    }
  }

  /// `notFound` for an unknown code, which is no secret then: guessing is limited.
  public func findRoom(_ request: FindRoomRequest) throws(APIError) -> RoomSummary {
    summary(rooms[try roomIndex(code: request.code)])
  }

  /// Those that a user may find without a code.
  public func rooms(of user: UserID) -> [RoomSummary] {
    rooms.filter { $0.known.contains(user) }.map(summary)
  }

  func summary(_ room: Room) -> RoomSummary {
    RoomSummary(
      code: room.code, name: room.name, people: room.seats.count, limit: room.limit,
      host: directory[room.host]?.displayName ?? room.host.rawValue)
  }

  private func roomIndex(code: String) throws(APIError) -> Int {
    guard let code = Room.code(code), let r = rooms.firstIndex(where: { $0.code == code }) else {
      throw APIError(.notFound, "no room has this code", field: "code")
    }
    return r
  }

  /// Takes a seat; the one before, if this person's page went, or is another page of the same session.
  public mutating func joinRoom(
    _ request: JoinRoomRequest, from identity: Identity, now: Moment
  ) throws(APIError) -> RoomView {
    let device = try devices.owned(request.device, by: identity)
    let r = try roomIndex(code: request.code)
    let id = rooms[r].id
    let returned = returning(device.id, identity, r)
    if request.audio || request.video { try checkSenders(r, without: returned) }
    if let s = returned {
      retake(r, s, device.id, now)
      rooms[r].seats[s].audio = request.audio
      rooms[r].seats[s].video = request.video
    } else {
      guard !isEngaged(identity.user, in: id) else {
        throw APIError(.busy, "you are in a call or another room")
      }
      guard rooms[r].seats.count < rooms[r].limit else {
        throw APIError(.full, "\(rooms[r].limit) are in the room, and no more may be", field: "code")
      }
      sit(.device(device.id), identity.user, in: r, audio: request.audio, video: request.video, now)
    }
    // One that asks without a stream has its seat for as long as one whose stream went.
    if let s = rooms[r].seats.firstIndex(where: { $0.device == device.id }) {
      rooms[r].seats[s].awaySince = device.detached
    }
    endInvitations(now) { $0.room == id && $0.user == identity.user }
    settle(now)
    guard let r = rooms.firstIndex(where: { $0.id == id }),
      let seat = rooms[r].seats.first(where: { $0.device == device.id })
    else { throw APIError(.internal, "the new seat is gone") }
    return view(rooms[r], seat)
  }

  /// Whether somebody may begin to send.
  private func checkSenders(_ r: Int, without s: Int?) throws(APIError) {
    guard rooms[r].seats.indices.count(where: { $0 != s && rooms[r].seats[$0].sends }) < settings.roomSenders else {
      throw APIError(.full, "\(settings.roomSenders) send sound or pictures, and no more may", field: "media")
    }
  }

  /// The seat that a device comes back to.
  private func returning(_ device: DeviceID, _ identity: Identity, _ r: Int) -> Int? {
    // Its own before one that another page has left.
    if let own = rooms[r].seats.firstIndex(where: { $0.device == device }) { return own }
    return rooms[r].seats.firstIndex { seat in
      guard seat.user == identity.user, let old = seat.device else { return false }
      return seat.awaySince != nil || devices[old]?.stream == nil || devices[old]?.identity == identity
    }
  }

  private mutating func retake(_ r: Int, _ s: Int, _ device: DeviceID, _ now: Moment) {
    if let old = rooms[r].seats[s].device, old != device {
      tellLeft(rooms[r], rooms[r].seats[s], .elsewhere, now)
      rooms[r].seats[s].lastView = nil
    }
    closeSeatPeer(r, s)
    rooms[r].seats[s].participant = .device(device)
    rooms[r].seats[s].awaySince = nil
    rooms[r].seats[s].heights = [:]
    rooms[r].changed = true
  }

  mutating func sit(
    _ participant: Participant, _ user: UserID, in r: Int, audio: Bool, video: Bool, _ now: Moment
  ) {
    if rooms[r].seats.isEmpty { rooms[r].since = now.wall }
    rooms[r].seats.append(
      Seat(
        id: SeatID.short(&random), user: user, participant: participant,
        link: participant == .box ? .local : .none, audio: audio, video: video))
    rooms[r].emptySince = nil
    rooms[r].known.insert(user)
    rooms[r].changed = true
    unsettled.insert(user)
    say(.joined, user, nil, nil, in: r, now)
  }

  public mutating func leaveRoom(_ request: RoomRequest, from identity: Identity, now: Moment) throws(APIError) {
    let (r, s) = try findSeat(request.room, request.device, identity)
    vacate(r, s, .left, now)
    settle(now)
  }

  /// The device's connection failed: it gets a new offer, for the same connection to look for a way again. If that does not help, soon
  /// after for a new connection.
  public mutating func reconnectRoom(_ request: RoomRequest, from identity: Identity, now: Moment) throws(APIError) {
    let (r, s) = try findSeat(request.room, request.device, identity)
    let seat = rooms[r].seats[s]
    let isAgain = seat.restarted.map { now.monotonic - $0 < Room.restartTime } ?? false
    if mediaDesk.isLinked, seat.link.isAnswered, !seat.isReshaping, !isAgain, let peer = seat.link.peer {
      rooms[r].seats[s].restarted = now.monotonic
      reshape(r, s, peer, restart: true)
    } else {
      closeSeatPeer(r, s)
    }
    settle(now)
  }

  public mutating func roomMedia(_ request: RoomMediaRequest, from identity: Identity, now: Moment) throws(APIError) {
    let (r, s) = try findSeat(request.room, request.device, identity)
    if request.audio || request.video || request.screen { try checkSenders(r, without: s) }
    rooms[r].seats[s].audio = request.audio
    rooms[r].seats[s].video = request.video
    rooms[r].seats[s].screen = request.screen
    if request.screen { rooms[r].seats[s].wantsScreen = true }
    rooms[r].changed = true
    settle(now)
  }

  public mutating func roomLayout(
    _ request: RoomLayoutRequest, from identity: Identity, now: Moment
  ) throws(APIError) {
    let (r, s) = try findSeat(request.room, request.device, identity)
    guard request.tiles.count <= 2 * settings.roomLimit, request.tiles.allSatisfy({ (0...4_320).contains($0.height) })
    else { throw APIError(.invalid, "a layout has a height of 0 to 4320 for each picture", field: "tiles") }
    var heights: [RoomTile: Int] = [:]
    for tile in request.tiles { heights[RoomTile(seat: tile.seat, screen: tile.screen)] = tile.height }
    rooms[r].seats[s].heights = heights
    rooms[r].changed = true
    settle(now)
  }

  // MARK: Chat

  public mutating func chat(_ request: ChatRequest, from identity: Identity, now: Moment) throws(APIError) {
    let (r, _) = try findSeat(request.room, request.device, identity)
    try Validation.chat(request.text)
    guard Validation.chatKeyLengths.contains(request.key.utf8.count) else {
      throw APIError(.invalid, "a key has 1 to \(Validation.chatKeyLengths.upperBound) characters", field: "key")
    }
    guard !rooms[r].lines.contains(where: { $0.key == request.key && $0.line.user == identity.user }) else { return }
    say(.text, identity.user, request.text, request.key, in: r, now)
    settle(now)
  }

  public func chatHistory(_ request: ChatHistoryRequest, from identity: Identity) throws(APIError) -> [ChatLine] {
    let (r, _) = try findSeat(request.room, request.device, identity)
    return rooms[r].lines.map(\.line).filter { $0.number > request.after }
  }

  mutating func say(_ kind: ChatKind, _ user: UserID, _ text: String?, _ key: String?, in r: Int, _ now: Moment) {
    rooms[r].lastLine &+= 1
    let line = ChatLine(
      number: rooms[r].lastLine, kind: kind, user: user, displayName: party(user).displayName,
      at: now.wall.milliseconds,
      text: text)
    rooms[r].lines.append(Room.Line(line: line, key: key))
    var text = rooms[r].lines.reduce(0) { $0 + ($1.line.text?.utf8.count ?? 0) }
    while rooms[r].lines.count > Room.linesKept || text > Room.textKept {
      text -= rooms[r].lines.removeFirst().line.text?.utf8.count ?? 0
    }
    for device in rooms[r].seats.compactMap(\.device) {
      send(.chat(.init(room: rooms[r].id, line: line)), to: device, now)
    }
  }

  /// The room and the device's seat in it.
  func findSeat(
    _ room: RoomID, _ device: DeviceID, _ identity: Identity
  ) throws(APIError) -> (room: Int, seat: Int) {
    let device = try devices.owned(device, by: identity)
    guard let r = rooms.firstIndex(where: { $0.id == room }),
      let s = rooms[r].seats.firstIndex(where: { $0.device == device.id })
    else { throw APIError(.notFound, "you are in no such room", field: "room") }
    return (r, s)
  }
}
