import Links
import Linux

/// Everything the box decides about people and calls: one state machine made of small ones. Inputs and the time go in by its
/// methods; what is to be done waits in it until ``drain()``. It reads no clock and no random source.
///
/// After each input the caller drains the outputs, and calls ``poll(now:)`` no later than at ``nextTimeout``.
public struct Switchboard: Sendable {
  /// What the configuration says.
  public struct Settings: Sendable, Equatable {
    public var boxName = "fieldbox"
    /// Whom CALL rings, in order; when empty, the first administrator.
    public var presets: [UserID] = []
    /// Whose calls the box accepts at once.
    public var autoAnswer: Set<UserID> = []
    /// How long one call, or one preset, rings.
    public var ring = Interval.seconds(30)
    public var longestCall = Interval.seconds(30 * 60)
    /// How long media may take to come up after a call was accepted, or to come back.
    public var connect = Interval.seconds(20)
    /// How long a device whose stream is gone counts as there.
    public var grace = Interval.seconds(10)
    public var devicesPerUser = 16
    /// The most devices that one call rings, and the most calls.
    public var devicesPerCall = 128
    public var mostCalls = 100
    /// The most who may be in one room, the most of them who send, the most rooms, and the most of one person.
    public var roomLimit = 16
    public var roomSenders = 16
    public var mostRooms = 32
    public var roomsPerUser = 4
    public init() {}
  }

  /// The cue before the longest call time is over comes so long before.
  public static let endsSoon = Interval.seconds(10)

  public let settings: Settings
  var random: any RandomNumberGenerator & Sendable
  var directory = Directory()
  var devices: DeviceRegistry
  var calls: [Call] = []
  /// Calls since the start of this server.
  public internal(set) var callsStarted = 0
  public var callCount: Int { calls.count }
  var rooms: [Room] = []
  var invitations: [RoomInvitation] = []
  public var roomCount: Int { rooms.count }
  /// What the agent takes its seat in a room for.
  var boxRoomCall: CallID?
  var agent = BoxAgent()
  /// What the agent has not seen yet.
  var agentInputs: [BoxAgent.Input] = []
  /// Who became administrator by the press that the agent sees next; it rings them too.
  var promoted: UserID?
  var mediaDesk = MediaDesk()
  /// The calls come from an earlier server, and their peers may still be there.
  var adoptsPeers = false
  /// What everyone has been told of each person.
  var told: [UserID: Person] = [:]
  /// Whose presence may have changed since.
  var unsettled: Set<UserID> = []
  var toldBoxState: BoxState?
  var outputs: [Output] = []

  /// `random` must be unguessable where this serves real users: ids come from it.
  public init(settings: Settings = Settings(), random: any RandomNumberGenerator & Sendable) {
    self.settings = settings
    self.random = random
    devices = DeviceRegistry(grace: settings.grace, perUser: settings.devicesPerUser)
    unsettled = [.box]
  }

  /// Takes what is to be done, in order.
  public mutating func drain() -> [Output] {
    defer { outputs.removeAll() }
    return outputs
  }

  /// When to call ``poll(now:)`` at the latest; nil if no timer runs.
  public var nextTimeout: MonotonicTime? {
    let rooms = rooms.compactMap(\.nextTimeout) + invitations.map(\.until)
    return (calls.compactMap(\.nextTimeout) + rooms + [devices.nextTimeout].compactMap { $0 }).min()
  }

  /// Does what is due.
  public mutating func poll(now: Moment) {
    expireDevices(now)
    for call in calls.map(\.id) { expire(call, now) }
    expireRooms(now)
    settle(now)
  }

  // MARK: People

  /// Adds an account or takes over what changed in it. At the start, in the order of registration.
  public mutating func update(_ account: Account, now: Moment) {
    let old = directory[account.id]
    guard directory.update(account) else { return }
    accountChanged(account.id, from: old, now)
    settle(now)
  }

  /// The account is gone; its sessions are to be ended first.
  public mutating func remove(_ user: UserID, now: Moment) {
    guard directory.remove(user) else { return }
    for device in devices.all(user) { forget(device, signedOut: true, now) }
    told[user] = nil
    settle(now)
  }

  /// Whether somebody may see and change how the box is.
  public func isAdministrator(_ user: UserID) -> Bool { directory[user]?.administrator == true }

  /// Everyone, the box first.
  public var people: [Person] { ([.box] + directory.ids).compactMap(person) }

  mutating func accountChanged(_ user: UserID, from old: Account?, _ now: Moment) {
    unsettled.insert(user)
    guard let old, let new = directory[user], old.me != new.me else { return }
    for device in devices.all(user) { send(.me(new.me), to: device, now) }
  }

  // MARK: The box's buttons

  public mutating func press(_ press: Press, now: Moment) {
    if press == .short(.call) { promoteFirstAdministrator(now) }
    agentInputs.append(.press(press))
    settle(now)
  }

  /// What the supervisor renders just now.
  public var boxState: BoxState {
    switch agent.state {
    case .calling: .calling
    case .incoming: .incoming
    case .inCall(_, let boxCalled, let autoAnswered): .inCall(boxCalled: boxCalled, autoAnswered: autoAnswered)
    case .idle: directory.ids.contains { devices.presence($0) != .offline } ? .ready : .nobodyReachable
    }
  }
}
