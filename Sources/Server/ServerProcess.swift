import Configuration
import Glibc
import Linux
import Signaling

/// `fieldbox server`: one process of the box. It is started by the supervisor and holds no device, no root, and of the
/// certificates just the leaf.
public enum ServerProcess {
  public struct Options: Sendable {
    /// The control link to the supervisor.
    public var control: Int32
    /// Listening TCP sockets.
    public var https: Int32
    public var http: Int32
    /// A ``StateMemory`` that outlives this process; nil for none.
    public var memory: Int32?
    public var paths: Paths
    public var configuration: BoxConfiguration
    /// Between two comments on an event stream.
    var heartbeat = Interval.seconds(Int64(API.heartbeatSeconds))
    var limits = WebServer.Limits()

    public init(
      control: Int32, https: Int32, http: Int32, memory: Int32? = nil, paths: Paths, configuration: BoxConfiguration
    ) {
      self.memory = memory
      self.control = control
      self.https = https
      self.http = http
      self.paths = paths
      self.configuration = configuration
    }
  }

  /// Serves until the supervisor asks for the end (0) or is gone (1). Takes the descriptors over. 78 means that a restart
  /// will not help: the certificate, the store or the web client cannot be read, as the log says.
  public static func run(_ options: Options) -> Int32 {
    PasswordHash.returnFreedMemory()
    signal(SIGPIPE, SIG_IGN)
    // A file that may not grow is a write that fails.
    signal(SIGXFSZ, SIG_IGN)
    Log.setName("fieldbox-server")
    do {
      return try serve(options)
    } catch {
      Log.error("cannot serve: \(error)")
      return 78
    }
  }

  private static func serve(_ options: Options) throws -> Int32 {
    let configuration = options.configuration
    let paths = options.paths
    let loop = try EventLoop()
    let now = MonotonicTime.now()

    let saved = SavedDatabase(path: paths.database)
    let opened = try saved.open()
    let database = opened.database
    if let notice = opened.notice { Log.error("the database \(notice)") }
    if opened.isVolatile { Log.error("\(VolatileDatabase.notice)") }
    let hasher = try PasswordHasher(on: loop, atOnce: max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))), queueLimit: 32)
    let attempts = AttemptLimits(
      attemptsPerMinute: configuration.attemptsPerMinute, registrationsPerMinute: configuration.registrationsPerMinute)
    let accounts = Accounts(
      users: UserStore(database: database), hasher: hasher, limits: attempts, mostAccounts: configuration.accounts)
    let sessions = try Sessions(
      store: SessionStore(database: database), lifetime: .seconds(Int64(configuration.sessionHours * 3600)),
      boot: Sessions.currentBoot(), now: now)

    let certificate = ServerCertificate(certificatePath: paths.leafCertificate, keyPath: paths.leafKey)
    let web = try WebServer(loop: loop, certificate: certificate, limits: options.limits)
    let parts = BoxServer.Parts(
      configuration: configuration, heartbeat: options.heartbeat, store: .init(opened, saved), accounts: accounts,
      sessions: sessions,
      hasher: hasher, certificate: certificate,
      site: StaticSite(assets: assets(paths.web)),
      trust: try trustSite(options, httpsPort: Sockets.localAddress(options.https).0.port),
      memory: options.memory.map { StateMemory(adopting: Descriptor(adopting: $0)) })
    let server = try BoxServer(parts, loop: loop, web: web)
    var code: Int32 = 1
    try server.attachControl(Descriptor(adopting: options.control)) { inGoodOrder in
      code = inGoodOrder ? 0 : 1
      web.stop()
    }
    try web.listen(Descriptor(adopting: options.https), as: .secure)
    try web.listen(Descriptor(adopting: options.http), as: .plain)
    server.control?.send(.ready)
    web.run()
    server.stop()
    return code
  }

  /// Without the web client the box still serves those who have it open; the log says what is missing.
  private static func assets(_ directory: String) -> AssetTable {
    do throws(SystemError) {
      return try AssetTable(directory: directory)
    } catch {
      Log.error("the web client cannot be read: \(error)")
      return AssetTable()
    }
  }

  private static func trustSite(_ options: Options, httpsPort: UInt16) throws -> TrustSite {
    var der: [UInt8] = []
    var fingerprint = ""
    if let pem = try StateFile.read(options.paths.authorityCertificate) {
      let authority = try Certificate(pem: pem)
      der = try authority.der()
      fingerprint = try authority.fingerprint()
    } else {
      Log.warning("there is no \(options.paths.authorityCertificate) to offer")
    }
    return TrustSite(
      boxName: options.configuration.name, hostName: options.configuration.hostName, httpsPort: httpsPort,
      authority: der, fingerprint: fingerprint)
  }
}
