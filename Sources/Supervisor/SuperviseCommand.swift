import Configuration
import Glibc
import Hardware
import Links
import Linux

/// `fieldbox supervise`.
public enum SuperviseCommand {
  /// Runs the box until it is told to end. Returns the exit code: 0 after an orderly end, 1 when it could not start (or, if it was
  /// to end when ready, could not become that), 2 for a mistake in the configuration, 75 when it could not help itself any
  /// more and is to be started anew.
  public static func run(_ options: SuperviseOptions) -> Int32 {
    Log.setName("fieldbox")
    let logBook = LogBook()
    Log.setTap { logBook.add($0, at: .now()) }
    defer { Log.setTap(nil) }
    Signals.ignoreBrokenPipes()
    if options.console, !canShowConsole {
      Log.error("--console needs a terminal: standard input and output are none")
      return 2
    }
    do {
      // Before the first thread, since they inherit what is blocked.
      // Where it was started with SIGHUP ignored, as by nohup(1), it is to outlive its terminal.
      let hangUps = Signals.isIgnored(SIGHUP) ? [] : [SIGHUP]
      let signals = try Signals([SIGTERM, SIGINT, SIGQUIT, SIGCHLD, SIGWINCH] + hangUps)
      let configuration = try options.common.load()
      let paths = options.common.paths
      try Files.makeDirectory(paths.runtime)
      try Files.makeDirectory(paths.state, mode: 0o750)
      guard let lock = try Files.lock("\(paths.runtime)/fieldbox.lock") else {
        Log.error("a box is running here already (root \(options.common.root)); 'fieldbox status' tells about it")
        return 1
      }
      defer { _ = lock }
      return try serve(options, configuration, signals, paths, logBook)
    } catch let error as ConfigurationError {
      Log.error("configuration: \(error)")
      return 2
    } catch {
      Log.error("not started: \(error)")
      return 1
    }
  }

  /// The exit code.
  private static func serve(
    _ options: SuperviseOptions, _ configuration: Configuration, _ signals: Signals, _ paths: Paths, _ logBook: LogBook
  ) throws -> Int32 {
    let loop = try EventLoop()
    let supervisor = try Supervisor(options, configuration, logBook, on: loop)
    let local = try LocalServer(
      at: paths.socket, on: loop, status: { [unowned supervisor] in supervisor.status },
      answer: { [unowned supervisor] in supervisor.answer($0) })
    supervisor.localServer = local
    supervisor.statusChanged.append { [unowned local] in local.publish() }
    var console: Console?
    if options.console { console = try makeConsole(supervisor, loop) }
    try loop.watch(signals.number) { [unowned supervisor] in
      while let signal = signals.next() {
        switch signal {
        case SIGCHLD: supervisor.collectChildren()
        case SIGWINCH: console?.changed()
        default: supervisor.stop(Signals.name(signal))
        }
      }
    }
    defer {
      console?.close()
      unlink(paths.socket)
    }
    try supervisor.start()
    try console?.open()
    loop.run()
    console?.close()
    Log.info("stopped")
    return options.exitWhenReady && supervisor.readyAfter == nil ? 1 : supervisor.exitCode
  }

  private static func makeConsole(_ supervisor: Supervisor, _ loop: EventLoop) throws -> Console {
    var releases: [ButtonName: LoopTimer] = [:]
    let console = try Console(
      on: loop,
      .init(
        status: { [unowned supervisor] in supervisor.status },
        press: { [unowned supervisor] name, interval in
          // A finger that is on the button does not press it again.
          guard releases[name]?.isPending != true else { return }
          supervisor.simulated?.button(name, down: true)
          releases[name] = loop.after(interval) { [weak supervisor] in supervisor?.simulated?.button(name, down: false)
          }
        }, quit: { [unowned supervisor] in supervisor.stop("by key") }))
    supervisor.statusChanged.append { [weak console] in console?.changed() }
    return console
  }

  /// Whether standard input and output are a terminal to draw on.
  public static var canShowConsole: Bool { Console.isPossible }
}
