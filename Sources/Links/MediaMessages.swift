/// One end of a route in the media plane: a peer, or the box's own devices.
public enum MediaEndpoint: Codable, Sendable, Hashable {
  /// Camera and microphone as a source, the speaker as a sink.
  case local
  case peer(String)
}

/// A picture that an endpoint publishes.
public struct MediaView: Codable, Sendable, Hashable {
  public var from: MediaEndpoint
  /// Its shared screen in place of its camera.
  public var screen: Bool
  /// How large it is shown at most, in pixels of height; nil for as large as there is.
  public var height: Int?
  public init(from: MediaEndpoint, screen: Bool = false, height: Int? = nil) {
    self.from = from
    self.screen = screen
    self.height = height
  }
}

/// What one endpoint gets.
public struct MediaFeed: Codable, Sendable, Hashable {
  /// Whom it hears: of more than it can hear at once, the loudest.
  public var audio: [MediaEndpoint]
  /// What it sees, by its sections of pictures; nil for nothing in one.
  public var video: [MediaView?]
  public init(audio: [MediaEndpoint] = [], video: [MediaView?] = []) {
    self.audio = audio
    self.video = video
  }
}

/// The sections of a peer.
public struct MediaShape: Codable, Sendable, Hashable {
  /// How many streams it can get at once.
  public var audio: Int
  public var video: Int
  /// Whether it may send a screen besides its camera.
  public var screen: Bool
  /// Whether its camera may come in several sizes.
  public var simulcast: Bool

  /// A call of two.
  public init(audio: Int = 1, video: Int = 1, screen: Bool = false, simulcast: Bool = false) {
    self.audio = audio
    self.video = video
    self.screen = screen
    self.simulcast = simulcast
  }
}

/// An offer of ours, and what its sections are for.
public struct MediaOffer: Codable, Sendable, Hashable {
  public var sdp: String
  /// The mids of the sections of pictures that the peer gets, by their place in ``MediaFeed/video``.
  public var video: [String]
  /// The mid of the section that its screen goes into.
  public var screen: String?
  public init(sdp: String, video: [String] = ["1"], screen: String? = nil) {
    self.sdp = sdp
    self.video = video
    self.screen = screen
  }
}

/// `server` to `media`. Each request carries a number, and each gets one `reply` with it. `media` knows no users: a peer
/// is a name that the server chose.
public enum MediaRequest: LinkMessage {
  /// Open a peer. `localAddresses` are the IP literals to advertise. Reply: `offer`.
  case openPeer(id: Int, peer: String, localAddresses: [String], shape: MediaShape)
  /// Offer it again, with more sections or for ICE to begin anew; only once it has answered. Reply: `offer`.
  case reshapePeer(id: Int, peer: String, shape: MediaShape, restart: Bool)
  /// The peer's answer to our offer. Reply: `done`.
  case setAnswer(id: Int, peer: String, sdp: String)
  /// What an endpoint gets from now on. A peer that is closed gets nothing, and needs no further word. Reply: `done`.
  case setFeed(id: Int, of: MediaEndpoint, feed: MediaFeed)
  /// Reply: `done`, also when there is no such peer.
  case closePeer(id: Int, peer: String)
  /// After a restart of `server`. Reply: `peers`.
  case list(id: Int)
}

/// The answer to one request.
public enum MediaReply: Codable, Sendable, Equatable {
  case offer(MediaOffer)
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
  /// It has begun, or ceased, to be heard as somebody who speaks.
  case speaking(of: MediaEndpoint, Bool)
  /// The peer is gone and forgotten. `reason`: `silent` (no consent for 30 s), `closed` (its own goodbye), `failed`.
  case closed(peer: String, reason: String)
}
