import Linux

/// One end of what flows: a peer, or the box's own devices.
public enum ForwarderEndpoint: Hashable, Sendable {
  case local
  case peer(String)
}

/// A picture that an endpoint publishes.
public struct ForwarderView: Hashable, Sendable {
  public var from: ForwarderEndpoint
  /// Its shared screen in place of its camera.
  public var isScreen: Bool
  /// How large it is shown at most, in pixels of height; nil for as large as there is.
  public var height: Int?

  public init(from: ForwarderEndpoint, isScreen: Bool = false, height: Int? = nil) {
    self.from = from
    self.isScreen = isScreen
    self.height = height
  }
}

/// What one endpoint gets.
public struct ForwarderFeed: Hashable, Sendable {
  /// Whom it hears: of more than its sections of sound can carry, the loudest.
  public var audio: [ForwarderEndpoint]
  /// What it sees, by its sections of pictures; nil for nothing in one. What there is no section for yet waits for it.
  public var video: [ForwarderView?]

  public init(audio: [ForwarderEndpoint] = [], video: [ForwarderView?] = []) {
    self.audio = audio
    self.video = video
  }
}

/// The sections of a peer.
public struct PeerShape: Hashable, Sendable {
  /// How many streams it can get at once.
  public var audio: Int
  public var video: Int
  /// Whether it may send a screen besides its camera.
  public var hasScreen: Bool
  /// Whether its camera may come in several sizes.
  public var isSimulcast: Bool

  /// A call of two.
  public init(audio: Int = 1, video: Int = 1, hasScreen: Bool = false, isSimulcast: Bool = false) {
    self.audio = audio
    self.video = video
    self.hasScreen = hasScreen
    self.isSimulcast = isSimulcast
  }
}

/// An offer of ours, and what its sections are for.
public struct PeerOffer: Hashable, Sendable {
  public var sdp: String
  /// The mids of the sections of pictures that the peer gets, by their place in ``ForwarderFeed/video``.
  public var video: [String]
  /// The mid of the section that its screen goes into.
  public var screen: String?
}

/// Why the forwarder refused a request.
public enum ForwarderError: Error, Equatable, Sendable {
  case noSuchPeer(String)
  /// A name that is in use, or a description that does not fit the moment.
  case wrongState(String)
  /// More peers than ``Forwarder/mostPeers``.
  case tooMany(String)
  case badDescription(String)

  init(_ error: PeerError) {
    switch error {
    case .wrongState(let detail): self = .wrongState(detail)
    case .unusable(let detail): self = .badDescription(detail)
    case .malformed(let detail): self = .badDescription("\(detail)")
    }
  }
}

/// What happened to a peer.
public enum ForwarderEvent: Equatable, Sendable {
  case connected(peer: String)
  /// The first packet of that kind has come.
  case receiving(peer: String, audio: Bool, video: Bool)
  /// It has begun, or ceased, to be heard as somebody who speaks.
  case speaking(of: ForwarderEndpoint, Bool)
  /// The peer is forgotten.
  case closed(peer: String, reason: PeerCloseReason)
}

/// Gets the sound that is routed to the box itself.
public protocol LocalSubscriber: AnyObject {
  /// One Opus packet; `payload` is valid only during the call, `index` is its number without wraps. `source` stays the same for one peer and is never used again.
  /// `level` is in decibels below overload, nil where the packet does not say.
  func receive(
    audio payload: PacketView, index: Int64, timestamp: UInt32, level: UInt8?, from source: Int, now: MonotonicTime)
  /// No more sound comes from this source.
  func end(source: Int)
}
