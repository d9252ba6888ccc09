/// What an offer and its answer have settled.
public struct Negotiation: Equatable, Sendable {
  /// The peer's side of the transport.
  public struct Transport: Equatable, Sendable {
    public var credentials: ICECredentials
    /// All the fingerprints that the peer gave; its certificate must fit one.
    public var fingerprints: [Fingerprint]
    /// Whether we begin the DTLS handshake.
    public var isDTLSClient: Bool
    public var candidates: [ICECandidate]
  }

  public var transport: Transport
  /// One for each m-section, in order.
  public var sections: [NegotiatedSection]
}

/// What was settled for one m-section.
public struct NegotiatedSection: Equatable, Sendable {
  /// Which of our sections it is; nil for one that we refuse.
  public var local: Int?
  public var mid: String
  /// Nil for a section that is neither audio nor video; such a section is refused.
  public var kind: MediaKind?
  /// False if either side refused the section; then nothing below has a meaning.
  public var isAccepted: Bool
  /// What we may do.
  public var direction: MediaDirection
  /// The payload type of Opus or VP8.
  public var payloadType: UInt8
  /// The payload type of VP8's retransmissions, if both sides have it.
  public var rtxPayloadType: UInt8?
  public var extensions: NegotiatedExtensions
  /// Whether the peer answers lost packets named in NACK, key frame requests by PLI and FIR, and sends or wants
  /// transport-wide feedback and REMB.
  public var feedback: NegotiatedFeedback
  /// The layers that the peer sends, by their names, the largest first; empty without simulcast (RFC 8853).
  public var rids: [String] = []
}

/// The RTCP feedback that both sides have agreed on (RFC 4585, RFC 5104).
public struct NegotiatedFeedback: OptionSet, Hashable, Sendable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  public static let nack = NegotiatedFeedback(rawValue: 1)
  public static let pictureLoss = NegotiatedFeedback(rawValue: 2)
  public static let fullIntraRequest = NegotiatedFeedback(rawValue: 4)
  public static let transportWide = NegotiatedFeedback(rawValue: 8)
  public static let receiverEstimate = NegotiatedFeedback(rawValue: 16)
}
