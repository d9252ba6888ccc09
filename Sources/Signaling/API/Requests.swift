/// `{}`: for requests that say everything by their path.
public struct EmptyRequest: APIMessage {
  public init() {}
}

public struct RegisterRequest: APIMessage {
  public var id: String
  public var displayName: String
  public var password: Secret
  public init(id: String, displayName: String, password: Secret) {
    self.id = id
    self.displayName = displayName
    self.password = password
  }
}

public struct SignInRequest: APIMessage {
  public var id: String
  public var password: Secret
  public init(id: String, password: Secret) {
    self.id = id
    self.password = password
  }
}

/// Ends another session of the same user.
public struct EndSessionRequest: APIMessage {
  public var session: SessionID
  public init(session: SessionID) { self.session = session }
}

/// What a device says of itself: shown to its user, hidden, or being left.
public enum Wakefulness: String, Codable, Sendable, CaseIterable {
  case awake, asleep
  /// The page is being left: its stream ends now. Over HTTP/2 a browser keeps the connection for its other tabs, and
  /// libwebsockets does not tell when it resets one stream.
  case gone
}

public struct PresenceRequest: APIMessage {
  public var device: DeviceID
  public var state: Wakefulness
  public init(device: DeviceID, state: Wakefulness) {
    self.device = device
    self.state = state
  }
}

/// `audio` and `video` are what the call is to carry in both directions; at least one of them.
public struct StartCallRequest: APIMessage {
  public var device: DeviceID
  public var callee: UserID
  public var audio: Bool
  public var video: Bool
  public init(device: DeviceID, callee: UserID, audio: Bool, video: Bool) {
    self.device = device
    self.callee = callee
    self.audio = audio
    self.video = video
  }
}

/// Accept, reject, hang up and reconnect.
public struct CallRequest: APIMessage {
  public var device: DeviceID
  public var call: CallID
  public init(device: DeviceID, call: CallID) {
    self.device = device
    self.call = call
  }
}

/// The answer to an `offer` event.
public struct AnswerRequest: APIMessage {
  public var device: DeviceID
  public var call: CallID
  public var peer: PeerID
  public var sdp: String
  public init(device: DeviceID, call: CallID, peer: PeerID, sdp: String) {
    self.device = device
    self.call = call
    self.peer = peer
    self.sdp = sdp
  }
}

/// What this device sends just now: `audio` false is muted, `video` false is camera off. With `video` a call that carried sound
/// alone becomes one with pictures.
public struct CallMediaRequest: APIMessage {
  public var device: DeviceID
  public var call: CallID
  public var audio: Bool
  public var video: Bool
  /// The picture is that of a screen; nil is false.
  public var screen: Bool?
  public init(device: DeviceID, call: CallID, audio: Bool, video: Bool, screen: Bool? = nil) {
    self.device = device
    self.call = call
    self.audio = audio
    self.video = video
    self.screen = screen
  }
}
