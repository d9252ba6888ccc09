import Linux

/// One end of a route: a peer, or the box's own devices.
public enum ForwarderEndpoint: Hashable, Sendable {
  case local
  case peer(String)
}

/// What flows from one endpoint to another.
public struct ForwarderRoute: Hashable, Sendable {
  public var from: ForwarderEndpoint
  public var to: ForwarderEndpoint
  public var audio: Bool
  public var video: Bool

  public init(from: ForwarderEndpoint, to: ForwarderEndpoint, audio: Bool, video: Bool) {
    self.from = from
    self.to = to
    self.audio = audio
    self.video = video
  }

  func carries(_ kind: MediaKind) -> Bool { kind == .audio ? audio : video }
}

/// Why the forwarder refused a request.
public enum ForwarderError: Error, Equatable, Sendable {
  case noSuchPeer(String)
  /// A name that is in use, or a description that does not fit the moment.
  case wrongState(String)
  /// More peers than ``Forwarder/mostPeers``, or two sources of one kind for one peer.
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
