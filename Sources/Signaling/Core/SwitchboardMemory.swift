import FoundationEssentials
import Links
import Linux

/// What a switchboard knows that is stored nowhere else, for the one that comes after it. Valid within one boot: its times are of
/// the monotonic clock.
public struct SwitchboardMemory: Codable, Sendable {
  /// Another version is not understood.
  static let version = 3

  struct Device: Codable, Sendable {
    var id: DeviceID
    var identity: Identity
    var wakefulness: Wakefulness
    var localAddress: String
    var detached: MonotonicTime?
    var absent: Bool
    /// The number of its last event.
    var last: UInt64
  }

  var version = Self.version
  var devices: [Device]
  var calls: [Call]
  var rooms: [Room]
  var invitations: [RoomInvitation]
  var boxRoomCall: CallID?
  var agent: BoxAgent

  /// In words, for a log.
  public var counts: String { "\(calls.count) calls, \(rooms.count) rooms and \(devices.count) devices" }

  /// One line of JSON.
  public func encoded() throws -> [UInt8] { [UInt8](try JSONEncoder().encode(self)) }

  /// Nil for what this version cannot have written.
  public init?(_ bytes: [UInt8]) {
    guard JSONStrings.areSound(in: bytes), let memory = try? JSONDecoder().decode(Self.self, from: Data(bytes)),
      memory.version == Self.version
    else {
      return nil
    }
    self = memory
  }

  init(devices: [Device], of board: Switchboard) {
    self.devices = devices
    calls = board.calls
    rooms = board.rooms
    invitations = board.invitations
    boxRoomCall = board.boxRoomCall
    agent = board.agent
  }
}

extension Switchboard {
  /// To be asked for once all outputs are drained.
  public var memory: SwitchboardMemory {
    SwitchboardMemory(
      devices: devices.ids.compactMap { devices[$0] }.map {
        .init(
          id: $0.id, identity: $0.identity, wakefulness: $0.wakefulness, localAddress: $0.localAddress,
          detached: $0.detached, absent: $0.absent, last: $0.log.last)
      }, of: self)
  }

  /// Takes over from an earlier switchboard: before anything else, but after all accounts are known. Devices have their grace from
  /// now on to come back; calls go on.
  /// - Parameter isLive: whether a session still is.
  public mutating func restore(_ memory: SwitchboardMemory, now: Moment, isLive: (Identity) -> Bool) {
    for saved in memory.devices {
      var device = Device(id: saved.id, identity: saved.identity, stream: nil, localAddress: saved.localAddress)
      device.wakefulness = saved.wakefulness
      device.detached = saved.detached ?? now.monotonic
      device.absent = saved.absent
      device.log = EventLog(last: saved.last)
      devices.add(device)
    }
    calls = memory.calls
    rooms = memory.rooms
    invitations = memory.invitations
    boxRoomCall = memory.boxRoomCall
    agent = memory.agent
    adoptsPeers = true
    for person in people { told[person.id] = person }
    for device in memory.devices where !isLive(device.identity) || directory[device.identity.user] == nil {
      forget(device.id, signedOut: true, now)
    }
    settle(now)
  }
}
