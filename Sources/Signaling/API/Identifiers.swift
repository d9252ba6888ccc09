/// A string that names one thing; the phantom type keeps a call's id from being taken for a device's.
public struct Identifier<Of>: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
  public let rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }
  public init(_ text: String) { rawValue = text }
  public init(from decoder: any Decoder) throws { rawValue = try decoder.singleValueContainer().decode(String.self) }
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rawValue)
  }
  public var description: String { rawValue }

  /// 128 random bits as 32 hexadecimal digits: unguessable if the generator is.
  static func random(_ generator: inout some RandomNumberGenerator) -> Identifier {
    Identifier(digits(generator.next()) + digits(generator.next()))
  }

  /// 64 random bits, for names that no permission hangs on.
  static func short(_ generator: inout some RandomNumberGenerator) -> Identifier {
    Identifier(digits(generator.next()))
  }

  private static func digits(_ word: UInt64) -> String {
    let text = String(word, radix: 16)
    return String(repeating: "0", count: max(0, 16 - text.count)) + text
  }
}

/// What identifiers name.
public enum Identified {
  public enum User: Sendable {}
  public enum Device: Sendable {}
  public enum Call: Sendable {}
  public enum Peer: Sendable {}
  public enum Session: Sendable {}
  public enum Room: Sendable {}
  public enum Seat: Sendable {}
}

/// A person's id, chosen at registration: `[a-z0-9._-]{2,32}`. One from a request is only looked up, so it may be anything.
public typealias UserID = Identifier<Identified.User>
/// One event stream's identity, which survives reconnecting. Made by the server, unguessable.
public typealias DeviceID = Identifier<Identified.Device>
/// Made by the server, unguessable.
public typealias CallID = Identifier<Identified.Call>
/// One peer connection between a browser and the media plane.
public typealias PeerID = Identifier<Identified.Peer>
/// Made by the server, unguessable; people use the room's code.
public typealias RoomID = Identifier<Identified.Room>
/// Somebody's place in a room, which outlives their connection and their page.
public typealias SeatID = Identifier<Identified.Seat>
/// The public name of a session, which is not the secret in its cookie.
public typealias SessionID = Identifier<Identified.Session>

extension Identifier where Of == Identified.User {
  /// The box itself, a participant without a login.
  public static var box: UserID { UserID("box") }
  /// As a preset: everyone who can be reached.
  public static var everyone: UserID { UserID("everyone") }
}
