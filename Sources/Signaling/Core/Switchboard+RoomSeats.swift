import Links
import Linux

/// Coming and going in rooms: seats, their connections, and what everybody in a room is told.
extension Switchboard {
  // MARK: Seats

  mutating func vacate(_ r: Int, _ s: Int, _ why: RoomLeave, _ now: Moment) {
    closeSeatPeer(r, s)
    let seat = rooms[r].seats.remove(at: s)
    tellLeft(rooms[r], seat, why, now)
    rooms[r].speaking.removeAll { $0 == seat.id }
    for other in rooms[r].seats.indices {
      rooms[r].seats[other].heights = rooms[r].seats[other].heights.filter { $0.key.seat != seat.id }
    }
    rooms[r].changed = true
    unsettled.insert(seat.user)
    say(.left, seat.user, nil, nil, in: r, now)
    // The box alone is nobody.
    if !rooms[r].seats.contains(where: { $0.device != nil }) {
      if let box = rooms[r].seats.firstIndex(where: { $0.participant == .box }) {
        return vacate(r, box, .left, now)
      }
      rooms[r].emptySince = now.monotonic
    }
    if seat.participant == .box, let call = boxRoomCall {
      boxRoomCall = nil
      agentInputs.append(.ended(call, .hungUp))
    }
  }

  func tellLeftView(_ room: Room, _ seat: Seat, _ why: RoomLeave) -> RoomView {
    var view = view(room, seat)
    view.left = why
    view.seats = []
    view.tracks = []
    return view
  }

  mutating func tellLeft(_ room: Room, _ seat: Seat, _ why: RoomLeave, _ now: Moment) {
    guard let device = seat.device else { return }
    send(.room(tellLeftView(room, seat, why)), to: device, now)
  }

  /// What a device that is gone means for its room: signed out, it leaves; else its seat waits for it.
  mutating func leaveRooms(_ device: DeviceID, signedOut: Bool, _ now: Moment) {
    for r in rooms.indices {
      guard let s = rooms[r].seats.firstIndex(where: { $0.device == device }) else { continue }
      if signedOut {
        vacate(r, s, .gone, now)
      } else if rooms[r].seats[s].awaySince == nil {
        rooms[r].seats[s].awaySince = devices[device]?.detached ?? now.monotonic
        rooms[r].changed = true
      }
    }
  }

  /// A device is there again, in time.
  /// - Parameter beginsAnew: it has not heard everything; with `isReloaded` it has no connection either.
  mutating func comeBack(_ device: DeviceID, beginsAnew: Bool, isReloaded: Bool, _ now: Moment) {
    for r in rooms.indices {
      for s in rooms[r].seats.indices where rooms[r].seats[s].device == device {
        if rooms[r].seats[s].awaySince != nil {
          rooms[r].seats[s].awaySince = nil
          rooms[r].changed = true
        }
        if beginsAnew, isReloaded || !rooms[r].seats[s].link.isAnswered { closeSeatPeer(r, s) }
      }
    }
  }

  /// Does what is due in rooms.
  mutating func expireRooms(_ now: Moment) {
    func isDue(_ time: MonotonicTime?) -> Bool { time.map { $0 <= now.monotonic } ?? false }
    for room in rooms.map(\.id) {
      guard let r = rooms.firstIndex(where: { $0.id == room }) else { continue }
      while let s = rooms[r].seats.firstIndex(where: { isDue($0.awaySince.map { $0 + Room.seatTime }) }) {
        vacate(r, s, .gone, now)
      }
    }
    rooms.removeAll { $0.seats.isEmpty && isDue($0.emptySince.map { $0 + Room.emptyTime }) }
    endInvitations(now) { $0.until <= now.monotonic }
  }

  // MARK: Connections

  /// Everything that follows from who is in a room and what each shows.
  mutating func settleRooms(_ now: Moment) {
    for r in rooms.indices {
      rooms[r].place()
      guard mediaDesk.isLinked else { continue }
      for s in rooms[r].seats.indices { connect(r, s) }
    }
  }

  /// Opens the connection of a seat that has none, and asks for more sections where they are needed.
  private mutating func connect(_ r: Int, _ s: Int) {
    let seat = rooms[r].seats[s]
    guard let id = seat.device, let device = devices[id], !device.absent else { return }
    if seat.link == .none {
      let peer = PeerID.short(&random)
      rooms[r].seats[s].link = .opening(peer)
      rooms[r].seats[s].shape = MediaShape()
      rooms[r].seats[s].shape = rooms[r].shape(for: rooms[r].seats[s])
      outputs.append(
        .media(
          .openPeer(
            id: mediaDesk.expect(.open(peer)), peer: peer.rawValue, localAddresses: [device.localAddress],
            shape: rooms[r].seats[s].shape)))
    } else if seat.link.isAnswered, !seat.isReshaping, let peer = seat.link.peer,
      seat.shape != rooms[r].shape(for: seat)
    {
      reshape(r, s, peer, restart: false)
    }
  }

  /// Asks for another offer for the connection that a seat has.
  mutating func reshape(_ r: Int, _ s: Int, _ peer: PeerID, restart: Bool) {
    rooms[r].seats[s].isReshaping = true
    rooms[r].seats[s].shape = rooms[r].shape(for: rooms[r].seats[s])
    outputs.append(
      .media(
        .reshapePeer(
          id: mediaDesk.expect(.reshape(peer)), peer: peer.rawValue, shape: rooms[r].seats[s].shape, restart: restart)))
  }

  mutating func closeSeatPeer(_ r: Int, _ s: Int) {
    rooms[r].seats[s].isReshaping = false
    rooms[r].seats[s].mids = []
    rooms[r].seats[s].screenMid = nil
    rooms[r].seats[s].tiles = []
    guard let peer = rooms[r].seats[s].link.peer else { return }
    rooms[r].seats[s].link = .none
    rooms[r].changed = true
    close(peer)
  }

  func locateSeat(_ peer: PeerID) -> (room: Int, seat: Int)? {
    for r in rooms.indices {
      if let s = rooms[r].seats.firstIndex(where: { $0.link.peer == peer }) { return (r, s) }
    }
    return nil
  }

  private func locateSeat(_ endpoint: MediaEndpoint) -> (room: Int, seat: Int)? {
    switch endpoint {
    case .peer(let peer): return locateSeat(PeerID(peer))
    case .local:
      for r in rooms.indices {
        if let s = rooms[r].seats.firstIndex(where: { $0.participant == .box }) { return (r, s) }
      }
      return nil
    }
  }

  /// The media plane's word about a seat's connection; false if it is none.
  mutating func receiveInRoom(_ event: MediaEvent, _ now: Moment) -> Bool {
    switch event {
    case .connected(let peer):
      guard let (r, s) = locateSeat(PeerID(peer)) else { return false }
      if case .offered(let peer, _) = rooms[r].seats[s].link {
        rooms[r].seats[s].link = .offered(peer, up: true)
      } else {
        rooms[r].seats[s].link = .connected(PeerID(peer))
      }
      rooms[r].changed = true
    case .closed(let peer, _):
      guard let (r, s) = locateSeat(PeerID(peer)) else { return false }
      forgetSeatPeer(r, s)
    case .speaking(let endpoint, let speaks):
      guard let (r, s) = locateSeat(endpoint) else { return false }
      let seat = rooms[r].seats[s].id
      rooms[r].speaking.removeAll { $0 == seat }
      if speaks { rooms[r].speaking.insert(seat, at: 0) }
      for device in rooms[r].seats.compactMap(\.device) {
        send(.speaking(.init(room: rooms[r].id, seats: rooms[r].speaking)), to: device, now)
      }
    case .reply, .receiving: return false
    }
    return true
  }

  /// The connection is gone without our word.
  mutating func forgetSeatPeer(_ r: Int, _ s: Int) {
    guard rooms[r].seats[s].link != .local else { return }
    rooms[r].seats[s].link = .none
    closeSeatPeer(r, s)
    rooms[r].changed = true
  }

  /// After a restart of the server: takes over what the media plane has of the rooms.
  mutating func adoptSeats(_ isConnected: [PeerID: Bool]) {
    for r in rooms.indices {
      for s in rooms[r].seats.indices where rooms[r].seats[s].link != .local {
        let seat = rooms[r].seats[s]
        if let peer = seat.link.peer, seat.link.isAnswered, !seat.isReshaping, let isUp = isConnected[peer] {
          rooms[r].seats[s].link = isUp ? .connected(peer) : .answered(peer)
        } else {
          forgetSeatPeer(r, s)
        }
      }
      rooms[r].changed = true
    }
  }

  /// What the media plane says to a request about a seat; false if it is about none. Where it has no connection for it, or cannot use
  /// its answer, the seat is free: whoever joins again gets another.
  mutating func receiveInRoom(_ reply: MediaReply, to pending: MediaDesk.Pending, _ now: Moment) -> Bool {
    switch pending {
    case .open(let peer), .reshape(let peer), .answer(let peer):
      guard let (r, s) = locateSeat(peer) else { return false }
      switch reply {
      case .offer(let offer): receive(offer, for: peer, now)
      case .done: break
      // Gone in between: another is opened.
      case .refused where pending == .reshape(peer) && rooms[r].seats[s].restarted != nil: closeSeatPeer(r, s)
      case .refused, .peers: vacate(r, s, .failed, now)
      }
      return true
    case .list, .other: return false
    }
  }

  /// An offer for a seat: the first, or one with more sections.
  private mutating func receive(_ offer: MediaOffer, for peer: PeerID, _ now: Moment) {
    guard let (r, s) = locateSeat(peer), let device = rooms[r].seats[s].device else { return }
    if case .opening = rooms[r].seats[s].link { rooms[r].seats[s].link = .offered(peer, up: false) }
    rooms[r].seats[s].mids = offer.video
    rooms[r].seats[s].screenMid = offer.screen
    rooms[r].changed = true
    // What is in its sections is known before they are.
    rooms[r].place()
    publishRooms(now)
    send(.offer(.init(room: rooms[r].id, peer: peer, sdp: offer.sdp)), to: device, now)
  }

  public mutating func answerRoom(
    _ request: AnswerRoomRequest, from identity: Identity, now: Moment
  ) throws(APIError) {
    let (r, s) = try findSeat(request.room, request.device, identity)
    try Validation.description(request.sdp)
    let seat = rooms[r].seats[s]
    guard seat.link.peer == request.peer else { throw Self.noOffer }
    if case .offered(_, let up) = seat.link {
      rooms[r].seats[s].link = up ? .connected(request.peer) : .answered(request.peer)
    } else if seat.isReshaping {
      rooms[r].seats[s].isReshaping = false
    } else {
      throw Self.noOffer
    }
    rooms[r].changed = true
    let id = mediaDesk.expect(.answer(request.peer))
    outputs.append(.media(.setAnswer(id: id, peer: request.peer.rawValue, sdp: request.sdp)))
    settle(now)
  }

  static var noOffer: APIError { APIError(.wrongState, "no offer of that peer waits for an answer", field: "peer") }

  // MARK: Telling

  mutating func publishRooms(_ now: Moment) {
    for r in rooms.indices where rooms[r].changed {
      rooms[r].changed = false
      for s in rooms[r].seats.indices {
        guard let device = rooms[r].seats[s].device else { continue }
        let view = view(rooms[r], rooms[r].seats[s])
        guard view != rooms[r].seats[s].lastView else { continue }
        rooms[r].seats[s].lastView = view
        send(.room(view), to: device, now)
      }
    }
  }

  func view(_ room: Room, _ seat: Seat) -> RoomView {
    let seats = room.seats.map { seat in
      let party = party(seat.user)
      let state: SeatState = seat.awaySince != nil ? .away : seat.link.isUp ? .connected : .connecting
      return RoomView.Seat(
        id: seat.id, user: seat.user, displayName: party.displayName, kind: party.kind, state: state, audio: seat.audio,
        video: seat.video, screen: seat.screen)
    }
    let tracks = zip(seat.mids, seat.tiles).compactMap { mid, tile in
      tile.map { RoomView.Track(mid: mid, seat: $0.seat, screen: $0.screen) }
    }
    return RoomView(
      id: room.id, code: room.code, name: room.name, limit: room.limit, mine: seat.id, seats: seats, tracks: tracks,
      screenMid: seat.screenMid, shownHeight: room.shownHeight(of: seat.id), since: room.since.milliseconds)
  }
}
