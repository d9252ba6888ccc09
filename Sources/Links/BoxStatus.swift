/// What `fieldbox status --json` prints.
public struct BoxStatus: Codable, Sendable, Equatable {
  public struct Child: Codable, Sendable, Equatable {
    /// `starting`, `running`, `restarting`, `stopped`.
    public var state: String
    public var pid: Int
    public var restarts: Int
    /// Why it ended last, in words.
    public var lastEnd: String?
    /// Resident; 0 where there is no process.
    public var memoryBytes: Int
    public var counters: [String: Int]
    public init(state: String, pid: Int, restarts: Int, lastEnd: String?, memoryBytes: Int = 0, counters: [String: Int])
    {
      self.state = state
      self.pid = pid
      self.restarts = restarts
      self.lastEnd = lastEnd
      self.memoryBytes = memoryBytes
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

  /// Something that is wrong at present.
  public struct Fault: Codable, Sendable, Equatable {
    /// `server`, `media`, `certificate`, `storage`, `database`, `camera`, `call button`, `port`…
    public var what: String
    /// In words.
    public var detail: String
    /// When it began, in seconds of ``BoxStatus/uptimeSeconds``.
    public var sinceUptimeSeconds: Int
    public init(what: String, detail: String, sinceUptimeSeconds: Int) {
      self.what = what
      self.detail = detail
      self.sinceUptimeSeconds = sinceUptimeSeconds
    }
  }
  /// How the machine itself is; nil for what this one cannot tell.
  public struct Machine: Codable, Sendable, Equatable {
    public var temperatureCelsius: Double?
    public var memoryBytes: Int?
    /// What could still be had.
    public var memoryAvailableBytes: Int?
    /// Of the file system that the state is on.
    public var storageBytes: Int?
    public var storageAvailableBytes: Int?
    /// Processes that ran or wanted to, over the last minute.
    public var load: Double?
    public init() {}
  }
  /// The latest look at everything.
  public struct SelfTest: Codable, Sendable, Equatable {
    /// Counts the tests since the start.
    public var number: Int
    /// When, in seconds of ``BoxStatus/uptimeSeconds``.
    public var atUptimeSeconds: Int
    /// What was found to be wrong; empty for nothing.
    public var findings: [String]
    public init(number: Int, atUptimeSeconds: Int, findings: [String]) {
      self.number = number
      self.atUptimeSeconds = atUptimeSeconds
      self.findings = findings
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
  /// What is wrong now, the oldest first.
  public var faults: [Fault]
  /// How many there have been.
  public var faultsSoFar: Int
  /// Of the supervisor: resident.
  public var memoryBytes: Int
  public var machine: Machine
  /// Nil before the first.
  public var selfTest: SelfTest?

  public init(
    name: String, version: String, board: String, readyAfterMilliseconds: Int?, uptimeSeconds: Int, isolated: Bool,
    httpsPort: Int, httpPort: Int, mediaPort: Int, urls: [String], state: String, lamps: [String: String],
    children: [String: Child], devices: [String: Device], counters: [String: Int], faults: [Fault] = [],
    faultsSoFar: Int = 0, memoryBytes: Int = 0, machine: Machine = Machine(), selfTest: SelfTest? = nil
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
    self.faults = faults
    self.faultsSoFar = faultsSoFar
    self.memoryBytes = memoryBytes
    self.machine = machine
    self.selfTest = selfTest
  }
}
