import Linux

/// One child's life as a pure state machine: what happened and the time go in, what to do comes out.
public struct ChildLifecycle: Sendable {
  /// The bounds within which a child must answer, and what follows if it does not; configuration, short in tests.
  public struct Bounds: Sendable, Equatable {
    /// From one ping to the next.
    public var heartbeat = Interval.milliseconds(400)
    /// So many pings without an answer are a hang.
    public var missedHeartbeats = 4
    /// From the start to `ready`.
    public var start = Interval.seconds(10)
    /// From the stop command to the end.
    public var stop = Interval.seconds(3)
    public var restarts = RestartPolicy.Rules()
    public init() {}
  }

  public enum State: Sendable, Equatable {
    /// To be started at that time.
    case waiting(until: MonotonicTime)
    /// What may heal a hopeless end is being done, before the next start.
    case preparing
    case starting(since: MonotonicTime)
    case running(since: MonotonicTime)
    /// Killed because it hung; its end is awaited.
    case killed
    case stopping(since: MonotonicTime)
    case stopped
  }

  public enum Action: Sendable, Equatable {
    /// Do what may heal a hopeless end, then report ``ChildLifecycle/prepared(at:)``.
    case prepare
    /// Start the process, then report ``ChildLifecycle/spawned(at:)`` or ``ChildLifecycle/ended(_:at:)``.
    case spawn
    case ping(Int)
    /// Tell it to end in good order.
    case tellToStop
    case kill
  }

  public let bounds: Bounds
  public private(set) var state: State
  public private(set) var policy: RestartPolicy
  /// How often it was started again.
  public private(set) var restarts = 0
  /// Why it ended last, in words.
  public private(set) var lastEnd: String?

  private var everStarted = false
  private var needsPreparation = false
  /// It has said that it serves since it was started.
  private var hasServed = false
  private var nextPing = MonotonicTime(microseconds: 0)
  private var lastPingNumber = 0
  private var lastPongNumber = 0
  /// Why we killed it: what the end is called then.
  private var verdict: String?

  public init(bounds: Bounds = Bounds(), startAt: MonotonicTime) {
    self.bounds = bounds
    policy = RestartPolicy(bounds.restarts)
    state = .waiting(until: startAt)
  }

  public var isFault: Bool { policy.isFault }
  public var isRunning: Bool { if case .running = state { true } else { false } }
  /// Whether a process exists.
  public var isAlive: Bool {
    switch state {
    case .waiting, .preparing, .stopped: false
    case .starting, .running, .killed, .stopping: true
    }
  }
  /// For `fieldbox status`.
  public var word: String {
    switch state {
    case .waiting: everStarted ? "restarting" : "starting"
    case .preparing: "restarting"
    case .starting: restarts > 0 ? "restarting" : "starting"
    case .running: "running"
    case .killed: "restarting"
    case .stopping: "stopping"
    case .stopped: "stopped"
    }
  }

  /// When ``poll(_:)`` has something to do.
  public var nextTimeout: MonotonicTime? {
    switch state {
    case .waiting(let until): until
    case .starting(let since): since + bounds.start
    case .running: nextPing
    case .stopping(let since): since + bounds.stop
    case .preparing, .killed, .stopped: nil
    }
  }

  public mutating func poll(_ now: MonotonicTime) -> Action? {
    guard let due = nextTimeout, due <= now else { return nil }
    switch state {
    case .waiting:
      guard needsPreparation else { return .spawn }
      state = .preparing
      return .prepare
    case .starting:
      return kill("hang: not ready after \(bounds.start.milliseconds) ms")
    case .running:
      policy.pass(to: now)
      guard lastPingNumber &- lastPongNumber < bounds.missedHeartbeats else {
        return kill("hang: \(bounds.missedHeartbeats) heartbeats without an answer")
      }
      lastPingNumber &+= 1
      // From now and not from when it was due: a supervisor that was held up itself gives the child its full time.
      nextPing = now + bounds.heartbeat
      return .ping(lastPingNumber)
    case .stopping:
      return kill("killed: had not stopped after \(bounds.stop.milliseconds) ms", stopping: true)
    case .preparing, .killed, .stopped:
      return nil
    }
  }

  /// What may heal a hopeless end has been done.
  public mutating func prepared(at now: MonotonicTime) {
    guard state == .preparing else { return }
    needsPreparation = false
    state = .waiting(until: now)
  }

  private mutating func kill(_ why: String, stopping: Bool = false) -> Action {
    verdict = why
    state = stopping ? .stopping(since: MonotonicTime(microseconds: .max - (1 << 50))) : .killed
    return .kill
  }

  /// The process exists.
  public mutating func spawned(at now: MonotonicTime) {
    if everStarted { restarts += 1 }
    everStarted = true
    hasServed = false
    verdict = nil
    state = .starting(since: now)
  }

  /// It says that it serves.
  public mutating func ready(at now: MonotonicTime) {
    guard case .starting = state else { return }
    state = .running(since: now)
    hasServed = true
    policy.ready()
    lastPongNumber = lastPingNumber
    nextPing = now + bounds.heartbeat
  }

  /// It answered a ping; a number that was never sent is not an answer.
  public mutating func pong(_ number: Int) {
    if number > lastPongNumber, number <= lastPingNumber { lastPongNumber = number }
  }

  /// It broke its link or talked nonsense: not to be trusted any more.
  public mutating func broke(_ why: String) -> Action? {
    switch state {
    case .starting, .running: return kill(why)
    default: return nil
    }
  }

  /// The process ended, or could not be started. It is hopeless when it said that another start will not help.
  public mutating func ended(_ how: String, isHopeless: Bool = false, at now: MonotonicTime) {
    let wasStopping = if case .stopping = state { true } else { false }
    lastEnd = verdict ?? how
    verdict = nil
    if wasStopping || state == .stopped {
      state = .stopped
    } else {
      everStarted = true
      needsPreparation = isHopeless
      let wait = policy.ended(served: hasServed, isHopeless: isHopeless, at: now)
      hasServed = false
      state = .waiting(until: now + wait)
    }
  }

  /// The box is to end.
  public mutating func stop(at now: MonotonicTime) -> Action? {
    switch state {
    case .waiting, .preparing, .stopped:
      state = .stopped
      return nil
    case .starting, .running:
      state = .stopping(since: now)
      return .tellToStop
    case .killed:
      state = .stopping(since: now)
      return nil
    case .stopping:
      return nil
    }
  }
}
