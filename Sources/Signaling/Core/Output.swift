import Links

/// One open response of `GET /api/events`, numbered by the server.
public struct StreamID: Hashable, Sendable {
  public var number: Int
  public init(_ number: Int) { self.number = number }
}

/// Who asks, as the session's cookie says; never taken from a body.
public struct Identity: Hashable, Sendable, Codable {
  public var user: UserID
  public var session: SessionID
  public init(user: UserID, session: SessionID) {
    self.user = user
    self.session = session
  }
}

/// What the switchboard wants done.
public enum Output: Sendable, Equatable {
  case event(stream: StreamID, id: EventID, Event)
  /// After everything that was written to it.
  case closeStream(StreamID)
  case media(MediaRequest)
  /// To the supervisor; sent when it changes.
  case box(BoxState)
  case cue(Cue)
  /// To the store: this user is an administrator from now on.
  case promote(UserID)
}
