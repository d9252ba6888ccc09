import Links

/// `{}`
public struct EmptyResponse: APIMessage {
  public init() {}
}

/// What anyone may know of the box.
public struct BoxResponse: APIMessage {
  public var name: String
  public var `protocol`: Int
  public var version: String
  public init(name: String, protocol: Int = API.protocolVersion, version: String) {
    self.name = name
    self.protocol = `protocol`
    self.version = version
  }
}

/// How the box is, for administrators.
public struct HealthResponse: APIMessage {
  public var status: BoxStatus
  public init(status: BoxStatus) { self.status = status }
}

/// The signed-in user.
public struct Me: APIMessage {
  public var id: UserID
  public var displayName: String
  public var administrator: Bool
  public init(id: UserID, displayName: String, administrator: Bool) {
    self.id = id
    self.displayName = displayName
    self.administrator = administrator
  }
}

public struct MeResponse: APIMessage {
  public var me: Me
  public init(me: Me) { self.me = me }
}

/// A session as its owner sees it. Times are wall-clock milliseconds since 1970.
public struct SessionView: APIMessage {
  public var id: SessionID
  public var created: Int64
  public var lastSeen: Int64
  /// What the browser said of itself at sign-in, shortened.
  public var device: String
  /// Whether this request was made in it.
  public var current: Bool
  public init(id: SessionID, created: Int64, lastSeen: Int64, device: String, current: Bool) {
    self.id = id
    self.created = created
    self.lastSeen = lastSeen
    self.device = device
    self.current = current
  }
}

public struct SessionsResponse: APIMessage {
  public var sessions: [SessionView]
  public init(sessions: [SessionView]) { self.sessions = sessions }
}

public struct PeopleResponse: APIMessage {
  public var people: [Person]
  public init(people: [Person]) { self.people = people }
}

public struct StartCallResponse: APIMessage {
  public var call: CallView
  public init(call: CallView) { self.call = call }
}

/// The body of every 4xx and 5xx.
public struct ErrorResponse: APIMessage {
  public var error: Detail
  public init(error: Detail) { self.error = error }

  public struct Detail: APIMessage {
    public var code: ErrorCode
    /// English, for logs; a client shows its own words for `code` and `field`.
    public var message: String
    /// The member of the request that is wrong.
    public var field: String?
    public init(code: ErrorCode, message: String, field: String? = nil) {
      self.code = code
      self.message = message
      self.field = field
    }
  }
}
