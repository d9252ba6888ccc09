import Configuration
import Links
import Linux
import Signaling

/// The server of one box: what clients ask goes to the accounts or to the switchboard, and what the switchboard wants
/// done goes to event streams, the media process and the supervisor. Everything on one thread.
final class BoxServer {
  struct Parts {
    var configuration: BoxConfiguration
    var heartbeat: Interval
    var store: StoreCare
    var accounts: Accounts
    var sessions: Sessions
    var hasher: PasswordHasher
    var certificate: ServerCertificate
    var site: StaticSite
    var trust: TrustSite
    /// Where the server before this one left what is stored nowhere else.
    var memory: StateMemory?
  }

  static let cookieName = "__Host-session"

  let configuration: BoxConfiguration
  let loop: EventLoop
  let web: WebServer
  let store: StoreCare
  let accounts: Accounts
  let sessions: Sessions
  let hasher: PasswordHasher
  let certificate: ServerCertificate
  let site: StaticSite
  let trust: TrustSite
  private let memory: StateMemory?
  var limits = RequestLimits()
  var switchboard: Switchboard
  var streams: [StreamID: Exchange] = [:]
  private var nextStream = 1
  var control: Link<ControlCommand, ControlReport>?
  var media: Link<MediaEvent, MediaRequest>?
  /// The supervisor has asked for the end: the other links end too.
  var isStopping = false
  private var timer: LoopTimer?
  private var timerDue: MonotonicTime?
  private var periodic: [LoopTimer] = []
  /// Administrators who wait for what the supervisor knows.
  var statusWaiting: [(Exchange, Route.Name)] = []
  var logWaiting: [(exchange: Exchange, lines: [LogLine])] = []
  /// For `fieldbox status`.
  var counters: [String: Int] = [:]

  init(_ parts: Parts, loop: EventLoop, web: WebServer) throws(DatabaseError) {
    configuration = parts.configuration
    store = parts.store
    accounts = parts.accounts
    sessions = parts.sessions
    hasher = parts.hasher
    certificate = parts.certificate
    site = parts.site
    trust = parts.trust
    memory = parts.memory
    self.loop = loop
    self.web = web
    switchboard = Switchboard(settings: Self.settings(parts.configuration), random: SystemRandomNumberGenerator())
    let now = Moment.now()
    for user in try accounts.all() { switchboard.update(Account(user), now: now) }
    restore(now)
    web.handler = self
    periodic = [
      loop.every(parts.heartbeat) { [weak self] in self?.heartbeat() },
      loop.every(.seconds(30)) { [weak self] in self?.expireSessions() },
      loop.every(Sessions.savePeriod) { [weak self] in self?.saveSessions(all: false) },
      loop.every(.seconds(3_600)) { [weak self] in self?.checkCertificate() },
      loop.every(StoreCare.period) { [weak self] in self?.store.save() },
    ]
  }

  /// Takes up the calls of the server before.
  private func restore(_ now: Moment) {
    guard let bytes = memory?.read(), !bytes.isEmpty else { return }
    guard let saved = SwitchboardMemory(bytes) else {
      return Log.error("what the server before left cannot be read: its calls are over")
    }
    switchboard.restore(saved, now: now) { [sessions] in sessions.isLive($0, now: now) }
    Log.info("went on with \(saved.counts)")
  }

  /// Leaves what a server after this one is to know. After all that was to be done: what this one did not get to do, the next one
  /// then finds out; and before the answer to whoever asked for it.
  private func remember() {
    guard let memory else { return }
    do {
      try memory.write(switchboard.memory.encoded())
    } catch {
      Log.error("calls would not survive a restart now: \(error)")
    }
  }

  private static func settings(_ configuration: BoxConfiguration) -> Switchboard.Settings {
    var settings = Switchboard.Settings()
    settings.boxName = configuration.name
    settings.presets = configuration.presets.map { UserID($0) }
    settings.autoAnswer = Set(configuration.autoAnswer.map { UserID($0) })
    settings.ring = Self.seconds(configuration.ringSeconds)
    settings.longestCall = Self.seconds(configuration.longestMinutes * 60)
    settings.connect = Self.seconds(configuration.connectSeconds)
    settings.grace = Self.seconds(configuration.graceSeconds)
    settings.devicesPerUser = configuration.devicesPerUser
    settings.roomLimit = configuration.roomPeople
    settings.roomSenders = configuration.roomSenders
    settings.mostRooms = configuration.rooms
    return settings
  }

  private static func seconds(_ n: Double) -> Interval { .microseconds(Int64(n * 1_000_000)) }

  // MARK: The switchboard

  /// Hands an input to the switchboard and does what it wants done.
  func input<R>(_ body: (inout Switchboard, Moment) throws(APIError) -> R) throws(APIError) -> R {
    defer { settle() }
    return try body(&switchboard, .now())
  }

  /// The same for inputs that cannot be refused.
  /// - Parameter isPassing: it will be over in a moment, and need not be known to the server after this one.
  func inform(isPassing: Bool = false, _ body: (inout Switchboard, Moment) -> Void) {
    body(&switchboard, .now())
    settle(isPassing: isPassing)
  }

  private func settle(isPassing: Bool = false) {
    for output in switchboard.drain() { perform(output) }
    if !isPassing { remember() }
    let due = switchboard.nextTimeout
    guard due != timerDue else { return }
    timer?.cancel()
    timerDue = due
    timer = due.map { due in
      loop.at(due) { [weak self] in
        self?.timerDue = nil
        self?.inform { switchboard, now in switchboard.poll(now: now) }
      }
    }
  }

  private func perform(_ output: Output) {
    switch output {
    case .event(let stream, let id, let event): write(event, id, to: stream)
    case .closeStream(let stream): streams[stream]?.finish()
    case .media(let request): media?.send(request)
    case .box(let state): control?.send(.state(state))
    case .cue(let cue): control?.send(.cue(cue))
    case .promote(let user):
      Self.audit("became administrator by the CALL button", user.rawValue)
      do throws(DatabaseError) { try accounts.makeAdministrator(user) } catch { Log.error("store: \(error)") }
    }
  }

  // MARK: Event streams

  func newStream() -> StreamID {
    defer { nextStream &+= 1 }
    return StreamID(nextStream)
  }

  private func write(_ event: Event, _ id: EventID, to stream: StreamID) {
    guard let exchange = streams[stream] else { return }
    do throws(APIError) {
      var bytes = Array("id: \(id)\nevent: \(event.name.rawValue)\ndata: ".utf8)
      bytes += try event.json()
      bytes += [0x0a, 0x0a]
      if !exchange.isAborted, !exchange.send(bytes) { counters["streams.dropped", default: 0] += 1 }
    } catch {
      Log.error("\(error)")
    }
  }

  private func heartbeat() {
    for exchange in streams.values { exchange.send([UInt8(ascii: ":"), 0x0a, 0x0a]) }
  }

  // MARK: Sessions

  /// The session is over in the table; its streams are told and closed.
  func sessionEnded(_ session: SessionID) {
    inform { switchboard, now in switchboard.endSession(session, now: now) }
  }

  private func expireSessions() {
    for session in sessions.expire(now: .now()) {
      Log.info("audit: session \(session) expired", ["AUDIT": "session expired", "SESSION": "\(session)"])
      sessionEnded(session)
    }
  }

  func saveSessions(all: Bool) {
    do throws(DatabaseError) { try sessions.save(now: .now(), all: all) } catch { Log.error("store: \(error)") }
  }

  /// Says goodbye: streams end in good order, and what is only in memory is stored.
  func stop() {
    for exchange in streams.values { exchange.finish() }
    // A client that does not read must not hold up the end.
    var isTimeUp = false
    loop.after(.milliseconds(300)) { isTimeUp = true }
    while !streams.isEmpty, !isTimeUp { web.turn() }
    hasher.stop()
    saveSessions(all: true)
    store.save()
    for timer in periodic { timer.cancel() }
    timer?.cancel()
    web.stop()
  }
}

extension Account {
  init(_ user: StoredUser, registered: MonotonicTime? = nil) {
    self.init(
      id: UserID(user.id), displayName: user.displayName, administrator: user.administrator, registered: registered)
  }
}
