/// The RTP header extensions in use (RFC 8285), by their URI.
public enum HeaderExtension: String, CaseIterable, Sendable {
  case audioLevel = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
  case absoluteSendTime = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
  case transportSequence = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
  case rid = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
  case repairedRID = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
  case mid = "urn:ietf:params:rtp-hdrext:sdes:mid"
  case playoutDelay = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"
  case orientation = "urn:3gpp:video-orientation"
}

/// An `a=extmap` line (RFC 8285 section 5).
public struct HeaderExtensionDescription: Equatable, Sendable {
  /// 1...14 in one-byte headers, to 255 in two-byte ones.
  public var id: UInt8
  public var uri: String
  /// The direction after the id, if one is given.
  public var direction: MediaDirection?

  public init(id: UInt8, uri: String, direction: MediaDirection? = nil) {
    self.id = id
    self.uri = uri
    self.direction = direction
  }
}

/// The ids that both sides have agreed on for the extensions of one section; the peer reads each of them.
public struct NegotiatedExtensions: Equatable, Sendable {
  private var ids: [HeaderExtension: UInt8] = [:]

  public init() {}

  public subscript(_ kind: HeaderExtension) -> UInt8? {
    get { ids[kind] }
    set { ids[kind] = newValue }
  }
}
