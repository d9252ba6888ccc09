/// A device of the board that can be pulled and plugged in again.
public enum DeviceName: String, Codable, Sendable, CaseIterable { case camera, microphone, speaker }

/// From the command line to the supervisor, over the local socket. One request, one reply
/// (`watch`: many).
public enum LocalRequest: LinkMessage {
  case status
  /// The status at once and again whenever it changes, until the caller closes the connection.
  case watch
  /// An edge of a button of the simulated board. `fieldbox press` sends the down and the up.
  case button(ButtonName, down: Bool)
  /// Simulated board only.
  case plug(DeviceName, in: Bool)
  /// Ends the box in good order; `done` comes at once, and the connection closes when it has ended.
  case stop
}

public enum LocalReply: LinkMessage {
  case done
  case status(BoxStatus)
  case refused(String)
}

/// What `fieldbox status --json` prints.
public struct BoxStatus: Codable, Sendable, Equatable {
  public struct Child: Codable, Sendable, Equatable {
    /// `starting`, `running`, `restarting`, `stopped`.
    public var state: String
    public var pid: Int
    public var restarts: Int
    /// Why it ended last, in words.
    public var lastEnd: String?
    public var counters: [String: Int]
    public init(state: String, pid: Int, restarts: Int, lastEnd: String?, counters: [String: Int]) {
      self.state = state
      self.pid = pid
      self.restarts = restarts
      self.lastEnd = lastEnd
      self.counters = counters
    }
  }
  public struct Device: Codable, Sendable, Equatable {
    /// `idle`, `running`, `gone`.
    public var state: String
    public var detail: String
    public init(state: String, detail: String) {
      self.state = state
      self.detail = detail
    }
  }

  public var name: String
  public var version: String
  public var board: String
  /// Milliseconds from the start of the supervisor to both children ready; nil before.
  public var readyAfterMilliseconds: Int?
  public var uptimeSeconds: Int
  /// False where the children run as the supervisor's own user ("not isolated").
  public var isolated: Bool
  /// Ports may be configured as 0; these are the real ones.
  public var httpsPort: Int
  public var httpPort: Int
  public var mediaPort: Int
  /// The address to open in a browser.
  public var urls: [String]
  /// Of the box agent, or `starting`, `restarting`, `fault`.
  public var state: String
  /// Lamp name to its present light: `off`, `blue`, `red`, `amber`, `green`.
  public var lamps: [String: String]
  /// Keys `server` and `media`.
  public var children: [String: Child]
  /// Keys `camera`, `microphone`, `speaker`.
  public var devices: [String: Device]
  public var counters: [String: Int]

  public init(
    name: String, version: String, board: String, readyAfterMilliseconds: Int?, uptimeSeconds: Int, isolated: Bool,
    httpsPort: Int, httpPort: Int, mediaPort: Int, urls: [String], state: String, lamps: [String: String],
    children: [String: Child], devices: [String: Device], counters: [String: Int]
  ) {
    self.name = name
    self.version = version
    self.board = board
    self.readyAfterMilliseconds = readyAfterMilliseconds
    self.uptimeSeconds = uptimeSeconds
    self.isolated = isolated
    self.httpsPort = httpsPort
    self.httpPort = httpPort
    self.mediaPort = mediaPort
    self.urls = urls
    self.state = state
    self.lamps = lamps
    self.children = children
    self.devices = devices
    self.counters = counters
  }
}
