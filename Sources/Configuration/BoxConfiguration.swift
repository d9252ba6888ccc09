import Linux

/// What a team sets, `fieldbox.conf`. Every key is optional.
public struct BoxConfiguration: Sendable, Equatable {
  // [box]
  /// What people see as the box's name.
  public var name = "fieldbox"

  // [calls]
  /// Ids of the users whom CALL rings, in this order; `everyone` may be among them.
  public var presets: [String] = []
  /// Ids of the users whose calls the box accepts at once.
  public var autoAnswer: [String] = []
  /// How long one call, or one preset, rings; seconds.
  public var ringSeconds = 30.0
  /// A call is ended after this; minutes.
  public var longestMinutes = 30.0
  /// How long media may take to come up after a call was accepted, or to come back; seconds.
  public var connectSeconds = 20.0
  /// How long a device whose event stream is gone counts as there; seconds.
  public var graceSeconds = 10.0

  // [network]
  /// The IP literal to listen on; `::` is every address, IPv4 too.
  public var listen = "::"
  /// TCP; 0 lets the kernel choose.
  public var httpsPort = 443
  /// TCP, for the trust page; 0 lets the kernel choose.
  public var httpPort = 80
  /// UDP, for all media; 0 lets the kernel choose.
  public var mediaPort = 5004
  /// The host name in the certificate.
  public var hostName = "fieldbox.internal"
  /// IP literals in the certificate; when empty, those of the machine.
  public var addresses: [String] = []

  // [rooms]
  public var roomPeople = 16
  public var roomSenders = 16
  public var rooms = 32

  // [limits]
  public var sessionHours = 24.0
  /// At most so many: one message to each device names all people.
  public var accounts = 500
  public var devicesPerUser = 16
  /// Wrong passwords for one account, and from one address.
  public var attemptsPerMinute = 10
  /// From one address.
  public var registrationsPerMinute = 10

  // [users]
  /// Whom `server` runs as when the supervisor is root.
  public var serverUser = "fieldbox-server"
  public var mediaUser = "fieldbox-media"

  public init() {}

  public init(_ file: INIFile) throws(ConfigurationError) {
    var reader = INIReader(file)
    name = try reader.value("box", "name", "1 to 64 characters", name) { name in
      let isShown = !name.unicodeScalars.contains { $0.properties.generalCategory == .control }
      return (1...64).contains(name.count) && name.utf8.count <= 256 && isShown ? name : nil
    }

    presets = try reader.list("calls", "presets", "user ids other than box") { Self.isUserID($0) && $0 != "box" }
    autoAnswer = try reader.list("calls", "auto-answer", "user ids other than box and everyone") {
      Self.isUserID($0) && $0 != "box" && $0 != "everyone"
    }
    ringSeconds = try reader.number("calls", "ring-seconds", 0.01...600, ringSeconds)
    longestMinutes = try reader.number("calls", "longest-minutes", 0.001...1440, longestMinutes)
    connectSeconds = try reader.number("calls", "connect-seconds", 0.01...120, connectSeconds)
    graceSeconds = try reader.number("calls", "grace-seconds", 0.01...120, graceSeconds)

    listen = try reader.value("network", "listen", "an IP address", listen) { Self.isAddress($0) ? $0 : nil }
    httpsPort = try reader.integer("network", "https-port", 0...65535, httpsPort)
    httpPort = try reader.integer("network", "http-port", 0...65535, httpPort)
    mediaPort = try reader.integer("network", "media-port", 0...65535, mediaPort)
    hostName = try reader.value("network", "name", "a host name", hostName) { Self.isHostName($0) ? $0 : nil }
    addresses = try reader.list("network", "addresses", "IP addresses", Self.isAddress)

    roomPeople = try reader.integer("rooms", "most-people", 2...32, roomPeople)
    roomSenders = try reader.integer("rooms", "most-senders", 1...32, roomSenders)
    rooms = try reader.integer("rooms", "most-rooms", 1...256, rooms)

    sessionHours = try reader.number("limits", "session-hours", 0.001...8760, sessionHours)
    accounts = try reader.integer("limits", "accounts", 1...500, accounts)
    devicesPerUser = try reader.integer("limits", "devices-per-user", 1...256, devicesPerUser)
    attemptsPerMinute = try reader.integer("limits", "attempts-per-minute", 1...10_000, attemptsPerMinute)
    registrationsPerMinute = try reader.integer(
      "limits", "registrations-per-minute", 1...10_000, registrationsPerMinute)

    serverUser = try reader.text("users", "server-user", serverUser)
    mediaUser = try reader.text("users", "media-user", mediaUser)
    try reader.finish()
  }

  /// The sections of this file, which tell overrides of it from those of the board's.
  static let sections: Set = ["box", "calls", "rooms", "network", "limits", "users"]

  static func isUserID(_ text: String) -> Bool {
    (2...32).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
      }
  }

  static func isAddress(_ text: String) -> Bool { SocketAddress(literal: text, port: 0) != nil }

  /// RFC 1123, section 2.1: labels of letters, digits and hyphens.
  static func isHostName(_ text: String) -> Bool {
    text.utf8.count <= 253
      && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
        (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
          && label.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
      }
  }
}
