/// One end of a route in the media plane: a peer, or the box's own devices.
public enum MediaEndpoint: Codable, Sendable, Hashable {
  /// Camera and microphone as a source, the speaker as a sink.
  case local
  case peer(String)
}

/// What flows from one endpoint to another.
public struct MediaRoute: Codable, Sendable, Hashable {
  public var from: MediaEndpoint
  public var to: MediaEndpoint
  public var audio: Bool
  public var video: Bool
  public init(from: MediaEndpoint, to: MediaEndpoint, audio: Bool, video: Bool) {
    self.from = from
    self.to = to
    self.audio = audio
    self.video = video
  }
}

/// `server` to `media`. Each request carries a number, and each gets one `reply` with it. `media` knows no users: a peer
/// is a name that the server chose.
public enum MediaRequest: LinkMessage {
  /// Open a peer with one audio and one video section, both sendrecv. `localAddresses` are the IP literals to advertise.
  /// Reply: `offer`.
  case openPeer(id: Int, peer: String, localAddresses: [String])
  /// The peer's answer to our offer. Reply: `done`.
  case setAnswer(id: Int, peer: String, sdp: String)
  /// The whole set of routes; what is not in it stops. Reply: `done`.
  case setRoutes(id: Int, routes: [MediaRoute])
  /// Reply: `done`, also when there is no such peer.
  case closePeer(id: Int, peer: String)
  /// After a restart of `server`. Reply: `peers`.
  case list(id: Int)
}

/// The answer to one request.
public enum MediaReply: Codable, Sendable, Equatable {
  case offer(sdp: String)
  case done
  case peers([MediaPeerStatus])
  /// In words for a log, with a word for code in front: `noSuchPeer`, `badDescription`, `tooMany`, `wrongState`.
  case refused(code: String, detail: String)
}

public struct MediaPeerStatus: Codable, Sendable, Equatable {
  public var peer: String
  public var connected: Bool
  public init(peer: String, connected: Bool) {
    self.peer = peer
    self.connected = connected
  }
}

/// `media` to `server`.
public enum MediaEvent: LinkMessage {
  case reply(id: Int, MediaReply)
  /// ICE and DTLS are up: media flows.
  case connected(peer: String)
  /// The first packet of that kind arrived from the peer.
  case receiving(peer: String, audio: Bool, video: Bool)
  /// The peer is gone and forgotten. `reason`: `silent` (no consent for 30 s), `closed` (its own goodbye), `failed`.
  case closed(peer: String, reason: String)
}
