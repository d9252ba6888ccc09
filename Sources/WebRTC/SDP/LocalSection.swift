import Linux

/// What carries media.
public enum MediaKind: String, Sendable, CaseIterable {
  case audio, video
}

/// Our side of the one transport that all sections share.
public struct LocalTransport: Sendable {
  public var credentials: ICECredentials
  public var fingerprint: Fingerprint
  /// The addresses that the peer can reach us at, the most wanted first.
  public var addresses: [SocketAddress]
  /// Whether we are an ICE-lite agent.
  public var isLite: Bool

  public init(credentials: ICECredentials, fingerprint: Fingerprint, addresses: [SocketAddress], isLite: Bool = true) {
    self.credentials = credentials
    self.fingerprint = fingerprint
    self.addresses = addresses
    self.isLite = isLite
  }
}

/// What we want of one section.
public struct LocalSection: Sendable {
  public var kind: MediaKind
  /// The identification in our offer; an answer takes the offer's.
  public var mid: String
  /// What we want to do; the result is what the other side lets us.
  public var direction: MediaDirection
  public var ssrc: UInt32
  /// The source of retransmissions, for video.
  public var rtxSSRC: UInt32?
  public var cname: String
  public var msid: MediaStreamID
  /// The layers of simulcast that we would take, the largest first; empty for one stream (RFC 8853).
  public var rids: [String]

  public init(
    kind: MediaKind, mid: String, direction: MediaDirection = .sendReceive, ssrc: UInt32, rtxSSRC: UInt32? = nil,
    cname: String, msid: MediaStreamID, rids: [String] = []
  ) {
    self.kind = kind
    self.mid = mid
    self.direction = direction
    self.ssrc = ssrc
    self.rtxSSRC = rtxSSRC
    self.cname = cname
    self.msid = msid
    self.rids = rids
  }
}
