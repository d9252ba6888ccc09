import Linux

/// Event streams, devices, and what ends with them.
extension Switchboard {
  /// A stream was opened. `resume` is its `Last-Event-ID`, if it came with one; the number 0 stands for "the same device,
  /// but tell everything anew". `localAddress` is the IP literal that the request arrived on. `rateLimited` if other
  /// sessions of the user have too many streams open.
  public mutating func attach(
    stream: StreamID, identity: Identity, resume: EventID?, localAddress: String, now: Moment
  ) throws(APIError) {
    guard directory[identity.user] != nil else { throw APIError(.notSignedIn, "there is no such account") }
    var missed: [(number: UInt64, event: Event)]?
    // A page that lives on has its connections, whatever else it missed.
    let isReloaded = resume.map { $0.number == 0 } ?? true
    let id: DeviceID
    if let resume, let device = devices[resume.device], device.identity == identity {
      id = resume.device
      missed = device.log.after(resume.number, now: now.monotonic)
      if let old = devices.attach(id, stream: stream, localAddress: localAddress) { outputs.append(.closeStream(old)) }
    } else {
      if let oldest = try devices.replaceable(for: identity) { forget(oldest, signedOut: false, now) }
      id = DeviceID.random(&random)
      devices.add(Device(id: id, identity: identity, stream: stream, localAddress: localAddress))
    }
    unsettled.insert(identity.user)
    let joined = joinRingingCalls(id, now)
    if let missed {
      comeBack(id, beginsAnew: false, isReloaded: false, now)
      for (number, event) in missed {
        outputs.append(.event(stream: stream, id: EventID(device: id, number: number), event))
      }
    } else {
      devices.forgetLog(id)
      // A page that begins anew is shown; one that resumes has said how it is.
      devices.setWakefulness(id, .awake)
      comeBack(id, beginsAnew: true, isReloaded: isReloaded, now)
      greet(id, identity.user, now)
      reopenPeers(of: id, except: joined, isReloaded: isReloaded, now)
    }
    alert(now)
    settle(now)
  }

  /// A stream has ended, for whatever reason.
  public mutating func detach(stream: StreamID, now: Moment) {
    guard devices.detach(stream, now: now.monotonic) != nil else { return }
    settle(now)
  }

  /// A session is over: its devices go at once.
  public mutating func endSession(_ session: SessionID, now: Moment) {
    for device in devices.all(session) { forget(device, signedOut: true, now) }
    settle(now)
  }

  public mutating func presence(_ request: PresenceRequest, from identity: Identity, now: Moment) throws(APIError) {
    let device = try devices.owned(request.device, by: identity)
    if request.state != .gone {
      devices.setWakefulness(device.id, request.state)
    } else if let stream = device.stream {
      outputs.append(.closeStream(stream))
      _ = devices.detach(stream, now: now.monotonic)
    }
    unsettled.insert(identity.user)
    alert(now)
    settle(now)
  }

  func person(_ user: UserID) -> Person? {
    let engaged = isEngaged(user)
    if user == .box {
      return Person(
        id: .box, displayName: settings.boxName, kind: .box, presence: engaged ? .busy : .online, administrator: false)
    }
    guard let account = directory[user] else { return nil }
    let presence = devices.presence(user)
    return Person(
      id: user, displayName: account.displayName, kind: .user,
      presence: engaged && presence != .offline ? .busy : presence, administrator: account.administrator)
  }

  mutating func send(_ event: Event, to device: DeviceID, _ now: Moment) {
    if let output = devices.log(event, for: device, now: now.monotonic) { outputs.append(output) }
  }

  private mutating func greet(_ device: DeviceID, _ user: UserID, _ now: Moment) {
    guard let account = directory[user] else { return }
    var views: [CallView] = []
    for c in calls.indices {
      for l in calls[c].legs.indices where calls[c].legs[l].device == device {
        let view = view(calls[c], calls[c].legs[l])
        calls[c].legs[l].lastView = view
        views.append(timed(view, calls[c], now))
      }
    }
    let hello = Event.Hello(
      device: device, me: account.me, box: .init(name: settings.boxName), people: people, calls: views,
      rooms: roomViews(device), invitations: invitations.filter { $0.user == user }.compactMap { view($0, now) },
      serverTime: now.wall.milliseconds)
    send(.hello(hello), to: device, now)
  }

  private mutating func roomViews(_ device: DeviceID) -> [RoomView] {
    var views: [RoomView] = []
    for r in rooms.indices {
      for s in rooms[r].seats.indices where rooms[r].seats[s].device == device {
        let view = view(rooms[r], rooms[r].seats[s])
        rooms[r].seats[s].lastView = view
        views.append(view)
      }
    }
    return views
  }

  /// A device that comes while its user is being rung rings too. Gives the calls it joined.
  private mutating func joinRingingCalls(_ device: DeviceID, _ now: Moment) -> Set<CallID> {
    guard let user = devices[device]?.identity.user else { return [] }
    var joined: Set<CallID> = []
    for c in calls.indices where calls[c].machine.isRinging && calls[c].invited.contains(user) {
      guard !calls[c].legs.contains(where: { $0.device == device && $0.end == nil }),
        calls[c].legs.count <= settings.devicesPerCall
      else { continue }
      addLeg(.device(device), user: user, isCaller: false, to: c)
      joined.insert(calls[c].id)
    }
    return joined
  }

  /// A device that begins anew gets a new peer for each call that it has no connection for: its page was reloaded, or it may
  /// have missed the offer.
  private mutating func reopenPeers(
    of device: DeviceID, except joined: Set<CallID>, isReloaded: Bool, _ now: Moment
  ) {
    for c in calls.indices where !joined.contains(calls[c].id) {
      for l in calls[c].legs.indices where calls[c].legs[l].device == device && calls[c].legs[l].end == nil {
        if isReloaded || !calls[c].legs[l].link.isAnswered { reopenPeer(c, l, now) }
      }
    }
  }

  mutating func expireDevices(_ now: Moment) {
    let (absent, forgotten) = devices.expire(now: now.monotonic)
    for device in absent { leaveCalls(device, signedOut: false, now) }
    for device in forgotten { devices.remove(device) }
  }

  /// Ends a device: `signedOut` with a goodbye.
  mutating func forget(_ device: DeviceID, signedOut: Bool, _ now: Moment) {
    leaveCalls(device, signedOut: signedOut, now)
    if signedOut {
      publishCalls(now)
      send(.sessionEnded, to: device, now)
    }
    if let stream = devices[device]?.stream { outputs.append(.closeStream(stream)) }
    devices.remove(device)
  }

  /// What a device that is gone means for its calls.
  private mutating func leaveCalls(_ device: DeviceID, signedOut: Bool, _ now: Moment) {
    if let user = devices[device]?.identity.user { unsettled.insert(user) }
    leaveRooms(device, signedOut: signedOut, now)
    for c in calls.indices {
      guard let l = calls[c].legs.firstIndex(where: { $0.device == device && $0.end == nil }) else { continue }
      if calls[c].legs[l].isCaller {
        apply(signedOut ? .callerHungUp : .callerGone, to: c, now)
      } else if calls[c].isActive(l) {
        apply(signedOut ? .calleeHungUp : .calleeGone, to: c, now)
      } else if calls[c].machine.isRinging {
        endLeg(c, l, .unreachable)
        let user = calls[c].legs[l].user
        if !calls[c].ringingLegs.contains(where: { calls[c].legs[$0].user == user }) {
          dismiss(user, from: c, by: .calleeGone, now)
        }
      }
    }
  }
}
