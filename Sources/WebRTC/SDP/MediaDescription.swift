/// One m-section of a session description.
public struct MediaDescription: Equatable, Sendable {
  public enum Kind: Equatable, Hashable, Sendable {
    case audio, video, application
    case other(String)
  }

  public var kind: Kind
  /// 0 refuses the section, or leaves the transport to the bundle if `isBundleOnly`.
  public var port: UInt16
  /// The transport, for instance "UDP/TLS/RTP/SAVPF".
  public var proto: String
  /// The formats of the m-line as they stand there: payload types, or a name for data channels.
  public var formats: [String]
  /// The identification of the section (RFC 5888); empty if there is none.
  public var mid = ""
  public var direction = MediaDirection.sendReceive
  public var isBundleOnly = false

  public var iceUfrag: String?
  public var icePassword: String?
  public var fingerprints: [Fingerprint] = []
  public var setup: SetupRole?
  public var candidates: [ICECandidate] = []
  public var hasEndOfCandidates = false

  public var isRTCPMultiplexed = false
  public var isRTCPReducedSize = false
  /// The codecs in the order of preference of the m-line, static payload types without an rtpmap left out.
  public var codecs: [CodecDescription] = []
  public var extensions: [HeaderExtensionDescription] = []
  public var sources: [MediaSource] = []
  public var sourceGroups: [MediaSourceGroup] = []
  /// Stream and track of `a=msid` (RFC 8830).
  public var msids: [MediaStreamID] = []
  public var restrictions: [RestrictionID] = []
  /// The value of `a=simulcast` as it came (RFC 8853).
  public var simulcast: String?

  public init(kind: Kind, port: UInt16, proto: String, formats: [String]) {
    self.kind = kind
    self.port = port
    self.proto = proto
    self.formats = formats
  }

  /// Whether the section is refused or switched off (RFC 8829 section 5.3.1).
  public var isRejected: Bool { port == 0 && !isBundleOnly }
}

/// Who sends in a section, seen from who wrote the description (RFC 3264).
public enum MediaDirection: String, Sendable {
  case sendReceive = "sendrecv"
  case sendOnly = "sendonly"
  case receiveOnly = "recvonly"
  case inactive

  public var sends: Bool { self == .sendReceive || self == .sendOnly }
  public var receives: Bool { self == .sendReceive || self == .receiveOnly }

  /// The same seen from the other side.
  var reversed: MediaDirection { MediaDirection(sends: receives, receives: sends) }

  public init(sends: Bool, receives: Bool) {
    self = sends ? (receives ? .sendReceive : .sendOnly) : (receives ? .receiveOnly : .inactive)
  }
}

/// Who begins the DTLS handshake (RFC 8842 section 5): the active side is DTLS client.
public enum SetupRole: String, Sendable {
  case active, passive, actpass, holdconn
}

/// A certificate's fingerprint (RFC 8122).
public struct Fingerprint: Hashable, Sendable {
  /// In lower case, for instance "sha-256".
  public let algorithm: String
  /// Pairs of upper-case hexadecimal digits with colons between them.
  public let value: String

  public init(algorithm: String, value: String) {
    self.algorithm = algorithm.lowercased()
    self.value = value.uppercased()
  }
}

/// One SSRC of a section (RFC 5576).
public struct MediaSource: Equatable, Sendable {
  public var ssrc: UInt32
  public var cname: String?
  public var msid: MediaStreamID?

  public init(ssrc: UInt32, cname: String? = nil, msid: MediaStreamID? = nil) {
    self.ssrc = ssrc
    self.cname = cname
    self.msid = msid
  }
}

/// SSRCs that belong together: "FID" ties a source to its retransmissions, "SIM" the layers of simulcast.
public struct MediaSourceGroup: Equatable, Sendable {
  public var semantics: String
  public var ssrcs: [UInt32]

  public init(semantics: String, ssrcs: [UInt32]) {
    self.semantics = semantics
    self.ssrcs = ssrcs
  }
}

/// The ids of a MediaStream and its track (RFC 8830); the stream is "-" if there is none.
public struct MediaStreamID: Hashable, Sendable {
  public var stream: String
  public var track: String?

  public init(stream: String, track: String? = nil) {
    self.stream = stream
    self.track = track
  }
}

/// An `a=rid` line (RFC 8851).
public struct RestrictionID: Equatable, Sendable {
  public var id: String
  /// "send" or "recv".
  public var direction: String
  /// What follows, as it came.
  public var restrictions: String?

  public init(id: String, direction: String, restrictions: String? = nil) {
    self.id = id
    self.direction = direction
    self.restrictions = restrictions
  }
}
