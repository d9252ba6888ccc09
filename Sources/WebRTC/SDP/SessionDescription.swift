/// A session description (RFC 8866) with the attributes that WebRTC uses (RFC 8829); what is not known is passed over.
public struct SessionDescription: Equatable, Sendable {
  /// The longest text that is read.
  public static let maximumBytes = 65_536
  public static let maximumSections = 64
  public static let maximumCandidates = 64
  public static let maximumSources = 64

  /// The session id and version of the origin line; the version grows with each new description of a session.
  public var sessionID: UInt64
  public var sessionVersion: UInt64
  /// The mids of `a=group:BUNDLE`, in order; the first section carries the transport (RFC 9143).
  public var bundle: [String]
  /// Whether the sender is an ICE-lite agent (RFC 8839 section 5.3).
  public var isICELite: Bool
  /// `a=ice-options` of the session, for instance "ice2", "trickle".
  public var iceOptions: [String]
  /// Whether one- and two-byte header extensions may be mixed (RFC 8285 section 6).
  public var extmapAllowMixed: Bool
  public var media: [MediaDescription]

  public init(sessionID: UInt64 = 0, sessionVersion: UInt64 = 1, media: [MediaDescription] = []) {
    self.sessionID = sessionID
    self.sessionVersion = sessionVersion
    bundle = []
    isICELite = false
    iceOptions = []
    extmapAllowMixed = false
    self.media = media
  }

  /// Reads a description. Lines may end with CR LF or LF. Unknown lines and attributes are passed over; over a limit, or
  /// with a known attribute that is not as its standard says, the whole is refused.
  public static func parse(_ text: String) throws(SDPError) -> SessionDescription {
    var parser = SDPParser()
    return try parser.parse(text)
  }
}
