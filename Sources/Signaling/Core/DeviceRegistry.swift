import Linux

/// One event stream's identity, and what is known of whoever holds it.
struct Device: Sendable {
  let id: DeviceID
  let identity: Identity
  /// Nil while the stream is gone.
  var stream: StreamID?
  var wakefulness = Wakefulness.awake
  /// The address of ours that its requests arrive on: where its media will come to.
  var localAddress: String
  /// When the stream went.
  var detached: MonotonicTime?
  /// The grace is over: it counts as gone, but may still come back and hear what it missed.
  var absent = false
  var log = EventLog()

  /// Whether it shows a ring at once.
  var canAlert: Bool { stream != nil && wakefulness == .awake }
}

/// All devices, in the order of their coming.
struct DeviceRegistry: Sendable {
  /// After this a device whose stream went is forgotten.
  static let retention = Interval.seconds(60)

  let grace: Interval
  let perUser: Int
  private(set) var ids: [DeviceID] = []
  private var devices: [DeviceID: Device] = [:]
  private var byUser: [UserID: [DeviceID]] = [:]
  private var byStream: [StreamID: DeviceID] = [:]

  init(grace: Interval, perUser: Int) {
    self.grace = grace
    self.perUser = perUser
  }

  subscript(id: DeviceID) -> Device? { devices[id] }

  /// The devices of a user that count as there.
  func present(_ user: UserID) -> [DeviceID] { (byUser[user] ?? []).filter { devices[$0]?.absent == false } }
  func all(_ user: UserID) -> [DeviceID] { byUser[user] ?? [] }
  func all(_ session: SessionID) -> [DeviceID] { ids.filter { devices[$0]?.identity.session == session } }

  /// Whether a user can be reached, calls apart.
  func presence(_ user: UserID) -> Presence {
    let there = present(user)
    if there.isEmpty { return .offline }
    return there.contains { devices[$0]?.wakefulness == .awake } ? .online : .asleep
  }

  func canAlert(_ id: DeviceID) -> Bool { devices[id]?.canAlert == true }

  /// The device a request names, if it belongs to the session that asks.
  func owned(_ id: DeviceID, by identity: Identity) throws(APIError) -> Device {
    guard let device = devices[id], device.identity == identity else {
      throw APIError(.notFound, "this session has no such device", field: "device")
    }
    return device
  }

  /// Whom to forget to make room for one more device: the one of the user that has been gone longest. If none is gone, the
  /// oldest of the same session: over HTTP/2 nobody tells of the end of a stream whose page did not say that it is left.
  func replaceable(for identity: Identity) throws(APIError) -> DeviceID? {
    let own = all(identity.user)
    guard own.count >= perUser else { return nil }
    let gone = own.compactMap { devices[$0] }.filter { $0.detached != nil }
    let longest = gone.min { $0.detached ?? .init(microseconds: 0) < $1.detached ?? .init(microseconds: 0) }
    guard let replaced = longest?.id ?? own.first(where: { devices[$0]?.identity == identity }) else {
      throw APIError(.rateLimited, "a user has at most \(perUser) devices at a time", retryAfterSeconds: 10)
    }
    return replaced
  }

  mutating func add(_ device: Device) {
    ids.append(device.id)
    byUser[device.identity.user, default: []].append(device.id)
    if let stream = device.stream { byStream[stream] = device.id }
    devices[device.id] = device
  }

  mutating func remove(_ id: DeviceID) {
    guard let device = devices.removeValue(forKey: id) else { return }
    ids.removeAll { $0 == id }
    if let stream = device.stream { byStream[stream] = nil }
    let rest = all(device.identity.user).filter { $0 != id }
    byUser[device.identity.user] = rest.isEmpty ? nil : rest
  }

  /// Puts a stream in place of the device's earlier one, which is given back if it was still open.
  mutating func attach(_ id: DeviceID, stream: StreamID, localAddress: String) -> StreamID? {
    guard let old = devices[id]?.stream else {
      bind(id, stream, localAddress)
      return nil
    }
    byStream[old] = nil
    bind(id, stream, localAddress)
    return old
  }

  private mutating func bind(_ id: DeviceID, _ stream: StreamID, _ localAddress: String) {
    devices[id]?.stream = stream
    devices[id]?.localAddress = localAddress
    devices[id]?.detached = nil
    devices[id]?.absent = false
    byStream[stream] = id
  }

  /// The stream is gone. Nil if it is nobody's, because a newer one took its place.
  mutating func detach(_ stream: StreamID, now: MonotonicTime) -> DeviceID? {
    guard let id = byStream.removeValue(forKey: stream) else { return nil }
    devices[id]?.stream = nil
    devices[id]?.detached = now
    return id
  }

  mutating func setWakefulness(_ id: DeviceID, _ state: Wakefulness) { devices[id]?.wakefulness = state }

  /// Logs an event for a device, and says where to write it, if anywhere.
  mutating func log(_ event: Event, for id: DeviceID, now: MonotonicTime) -> Output? {
    guard let number = devices[id]?.log.append(event, now: now), let stream = devices[id]?.stream else { return nil }
    return .event(stream: stream, id: EventID(device: id, number: number), event)
  }

  /// An event that is news for the moment alone: whoever is away just now never hears it. It has the id of the event before it, so
  /// a stream that resumes misses nothing.
  func pass(_ event: Event, to id: DeviceID) -> Output? {
    guard let device = devices[id], let stream = device.stream else { return nil }
    return .event(stream: stream, id: EventID(device: id, number: device.log.last), event)
  }

  mutating func forgetLog(_ id: DeviceID) { devices[id]?.log.forget() }

  /// The devices whose grace is over now, and those to be forgotten now.
  mutating func expire(now: MonotonicTime) -> (absent: [DeviceID], forgotten: [DeviceID]) {
    var absent: [DeviceID] = []
    var forgotten: [DeviceID] = []
    for id in ids {
      guard let device = devices[id], let detached = device.detached else { continue }
      if !device.absent, now >= detached + grace {
        devices[id]?.absent = true
        absent.append(id)
      }
      if now >= detached + max(grace, Self.retention) { forgotten.append(id) }
    }
    return (absent, forgotten)
  }

  var nextTimeout: MonotonicTime? {
    var next: MonotonicTime?
    for (_, device) in devices {
      guard let detached = device.detached else { continue }
      let due = detached + (device.absent ? max(grace, Self.retention) : grace)
      next = next.map { min($0, due) } ?? due
    }
    return next
  }
}
