/// Where a call stands.
public enum CallState: String, Codable, Sendable, CaseIterable {
  /// Nobody has been shown it yet.
  case inviting
  case ringing
  /// Accepted; the media plane is not through on both sides.
  case connecting
  case connected
  case ended
}

/// Why a call ended.
public enum CallEnd: String, Codable, Sendable, CaseIterable {
  case hungUp, rejected, busy
  /// Nobody answered in the ring time, or the longest call time is over.
  case timedOut
  /// The caller gave up, or vanished, while it rang.
  case cancelled
  /// Another device, or in a call to several another person, took it.
  case answeredElsewhere
  /// The callee has no device that could ring.
  case unreachable
  /// The media plane failed, or a device vanished in the call.
  case mediaFailed
}

public enum CallDirection: String, Codable, Sendable, CaseIterable { case incoming, outgoing }

/// The whole present state of one call as one device sees it.
public struct CallView: APIMessage {
  /// Whoever is at the other end.
  public struct Party: APIMessage {
    public var id: UserID
    public var displayName: String
    public var kind: ParticipantKind
    public init(id: UserID, displayName: String, kind: ParticipantKind) {
      self.id = id
      self.displayName = displayName
      self.kind = kind
    }
  }

  /// What somebody sends: false is muted, or camera off.
  public struct Media: APIMessage {
    public var audio: Bool
    public var video: Bool
    /// The picture is that of a screen: each of its edges counts.
    public var screen: Bool
    public init(audio: Bool, video: Bool, screen: Bool = false) {
      self.audio = audio
      self.video = video
      self.screen = screen
    }
  }

  public var id: CallID
  public var state: CallState
  /// Present in `ended` only.
  public var reason: CallEnd?
  public var direction: CallDirection
  public var with: Party
  /// What the call carries.
  public var audio: Bool
  public var video: Bool
  /// What the other side sends just now.
  public var theirMedia: Media
  /// How long it will still ring; present in `inviting` and `ringing`.
  public var ringMilliseconds: Int64?
  /// Wall-clock milliseconds since 1970; present once connected.
  public var connectedAt: Int64?
  /// While this device rings, the other side's picture already arrives.
  public var preview: Bool
  /// This device is the one in the call: it placed it or accepted it.
  public var mine: Bool

  public init(
    id: CallID, state: CallState, reason: CallEnd? = nil, direction: CallDirection, with: Party, audio: Bool,
    video: Bool, theirMedia: Media, ringMilliseconds: Int64? = nil, connectedAt: Int64? = nil, preview: Bool, mine: Bool
  ) {
    self.id = id
    self.state = state
    self.reason = reason
    self.direction = direction
    self.with = with
    self.audio = audio
    self.video = video
    self.theirMedia = theirMedia
    self.ringMilliseconds = ringMilliseconds
    self.connectedAt = connectedAt
    self.preview = preview
    self.mine = mine
  }
}
