import Glibc
import Links
import Linux

extension Supervisor {
  /// How long devices stay open for a media process that was restarted, before it has said what it wants.
  static let captureGrace = Interval.seconds(5)
  /// The exit code of a supervisor that cannot help itself any more (EX_TEMPFAIL).
  static let leavingCode: Int32 = 75
  /// Characters of what a child says is wrong.
  static let longestCondition = 300
  /// After so many starts that came to nothing a server begins without the calls of the one before.
  static let mostFailuresWithMemory = 2

  private static let listenAgain = Interval.seconds(1)

  /// Opens the sockets, then starts those who serve on them. As a service the box waits for a port that another program has, and says so.
  func openSockets() throws {
    try listeners.open(waits: options.manager.isHere)
    guard listeners.isComplete else {
      listenTimer = loop.after(Self.listenAgain) { [weak self] in
        guard let self, !isStopping else { return }
        do {
          try openSockets()
        } catch {
          exitCode = 1
          stop("\(error)")
        }
      }
      return showState()
    }
    listeners.store(with: options.manager)
    for url in listeners.urls() { Log.info("open \(url)") }
    startChildren()
    showState()
  }

  /// Media and the signing start at once; the server as soon as it has its certificate.
  private func startChildren() {
    media = Child(
      "media", on: loop, bounds: bounds,
      hooks: .init(
        spawn: { [unowned self] control throws(SystemError) in try spawnMedia(control) },
        spawned: { [unowned self] in linkChildren() },
        report: { [unowned self] in mediaReported($0) },
        changed: { [unowned self] in childChanged() },
        endsTooOften: { [unowned self] in escalate("media") }))
    media?.advance()
    signing = Signing(
      start: { [unowned self] () throws(SystemError) in
        let arguments = isClockNew ? ["--clock-was-set"] : []
        isClockNew = false
        return try spawn("sign", arguments, as: nil, [])
      },
      done: { [unowned self] in signed() }, changed: { [unowned self] in showState() }, on: loop)
    signing?.run()
  }

  private func signed() {
    guard !isStopping else { return finishIfStopped() }
    isolation.handOver(options.common.paths)
    guard let server else { return startServer() }
    server.prepared()
    // It was set while the signing ran.
    if isClockNew { signing?.run() }
    // Its calls go on with the next one, which reads the new certificate.
    if server.isRunning, leaf != servedLeaf {
      Log.info("server: begins anew with its new certificate")
      server.send(.stop)
    } else if conditions[.certificate] != nil {
      // The clock may be right by now.
      server.send(.check)
    }
  }

  /// A certificate that was replaced is another file.
  private var leaf: UInt64 { Files.identity(options.common.paths.leafCertificate) ?? 0 }

  /// Wall time has jumped. Nothing here runs by it but the validity of the certificate.
  func clockWasSet(by change: Interval) {
    isClockNew = true
    Log.warning("the clock was set by \(change.microseconds / 1_000_000) s", ["CLOCK_STEP": "\(change.milliseconds)"])
    signing?.run()
  }

  private func startServer() {
    server = Child(
      "server", on: loop, bounds: bounds,
      hooks: .init(
        spawn: { [unowned self] control throws(SystemError) in
          // What it took over may be what it dies of.
          if let server, server.lifecycle.policy.failures >= Self.mostFailuresWithMemory { serverMemory.clear() }
          servedLeaf = leaf
          return try spawn(
            "server", ["--control", "3", "--https", "4", "--http", "5", "--memory", "6"], as: isolation.server,
            [control, listeners.number(.https), listeners.number(.http), serverMemory.number],
            megabytes: configuration.board.serverMemoryMegabytes)
        },
        spawned: { [unowned self] in linkChildren() },
        report: { [unowned self] in serverReported($0) },
        changed: { [unowned self] in childChanged() }, prepare: { [unowned self] in signing?.run() },
        endsTooOften: { [unowned self] in escalate("server") }))
    server?.advance()
  }

  private func spawnMedia(_ control: Int32) throws(SystemError) -> pid_t {
    let (frames, theirFrames) = try MessageSocket.pair()
    let (capture, theirCapture) = try MessageSocket.pair(bufferBytes: SoundPort.captureBufferBytes)
    let (playback, theirPlayback) = try MessageSocket.pair(bufferBytes: 24 * 1024)
    let arguments = [
      "--control", "3", "--udp", "4", "--frames", "5", "--ring", "6", "--capture", "7", "--playback", "8",
      "--ring-slots", "\(ring.slots)", "--ring-slot-bytes", "\(ring.slotBytes)",
      "--echo-cancellation", configuration.board.echoCancellation.rawValue,
      "--noise-suppression", configuration.board.noiseSuppression.rawValue, "--gain", configuration.board.gain,
    ]
    let descriptors = [
      control, listeners.number(.media), theirFrames.number, ring.number, theirCapture.number, theirPlayback.number,
    ]
    defer { withExtendedLifetime((theirFrames, theirCapture, theirPlayback)) {} }
    let pid = try spawn(
      "media", arguments, as: isolation.media, descriptors, megabytes: configuration.board.mediaMemoryMegabytes)
    // What the process before it held is free only now that it is gone.
    ring.attach(frames)
    sound.attach(capture: capture, playback: playback)
    self.playback?.reattached()
    return pid
  }

  private func spawn(
    _ command: String, _ arguments: [String], as user: Spawn.User?, _ descriptors: [Int32], megabytes: Int = 0
  ) throws(SystemError) -> pid_t {
    var spawn = Spawn(
      path: options.executable, arguments: ["fieldbox", command] + arguments + options.common.arguments)
    spawn.descriptors = descriptors
    spawn.user = user
    if megabytes > 0 { spawn.memoryBytes = megabytes << 20 }
    spawn.environment.append("\(Log.fieldsVariable)=1")
    spawn.output = childLogs[command]?.number
    return try spawn.start()
  }

  /// A new server–media link, each time either of them is new. The message waits in the control link of a child that is
  /// still starting.
  private func linkChildren() {
    guard let server, let media, server.lifecycle.isAlive, media.lifecycle.isAlive else { return }
    do {
      let (one, other) = try MessageSocket.pair()
      server.send(.mediaLink, descriptor: one.number)
      media.send(.mediaLink, descriptor: other.number)
      withExtendedLifetime((one, other)) {}
    } catch {
      Log.error("no link between server and media: \(error)")
    }
  }

  private func childChanged() {
    // Not before its end: it tells its state before it says that it is ready.
    if let server, server.pid == 0 {
      policy.box = nil
      conditions = [:]
      heldPresses.serverEnded()
      finishSelfTest()
    }
    if !policy.started, server?.isRunning == true, media?.isRunning == true { becameReady() }
    if media?.lifecycle.isAlive != true { captureOrphaned() }
    showState()
    if options.exitWhenReady, policy.childFault { stop("cannot become ready") }
    finishIfStopped()
  }

  /// To start this one alone does not help.
  private func escalate(_ name: String) {
    guard !isStopping else { return }
    serverMemory.clear()
    switch escalation.next(at: .now()) {
    case .bothAnew:
      Log.error("\(name) ends again and again: both processes begin anew, without the calls that were")
      for child in [server, media] { child?.restart("begins anew with the other") }
    case .leave:
      exitCode = Self.leavingCode
      stop("\(name) ends again and again, and to begin anew did not help")
    }
  }

  private func becameReady() {
    policy.started = true
    let after = MonotonicTime.now() - options.started
    readyAfter = after
    Log.info("ready after \(after.milliseconds) ms")
    playback?.play(.ready)
    beginSelfTest()
    if options.exitWhenReady { loop.after(.zero) { [weak self] in self?.stop("ready, as was asked for") } }
  }

  private func serverReported(_ report: ControlReport) {
    switch report {
    case .ready:
      let presses = heldPresses.take(at: .now())
      for press in presses { deliver(press) }
    case .state(let state):
      // Told again after each restart: only a change is an event.
      if case .inCall(_, autoAnswered: true) = state, policy.box != state { playback?.play(.autoAnswer) }
      policy.box = state
      showState()
    case .cue(let cue):
      playback?.play(LampTable.sound(cue))
    case .pressHeard:
      heldPresses.heard()
    case .condition(let condition, let fault):
      // To sign a new one helps at once.
      if condition == .certificate, fault != nil, conditions[condition] == nil { signing?.run() }
      conditions[condition] = fault.map { String(Log.oneLine($0).prefix(Self.longestCondition)) }
      showState()
    case .wantStatus:
      server?.send(.status(status))
    case .wantLog(let number):
      server?.send(.log(logBook.page(from: number)))
    case .wantSelfTest:
      beginSelfTest()
    case .checked:
      finishSelfTest()
    case .pong, .capture:
      server?.restart("said what only media may say")
    }
  }

  private func mediaReported(_ report: ControlReport) {
    switch report {
    case .ready:
      tellMediaCamera()
      captureGrace?.cancel()
      captureGrace = loop.after(Self.captureGrace) { [weak self] in self?.setCapture(camera: nil, microphone: false) }
    case .capture(let camera, let microphone):
      captureGrace?.cancel()
      setCapture(camera: camera == nil ? nil : wantedMode, microphone: microphone)
    case .pong, .state, .cue, .pressHeard, .condition, .wantStatus, .wantLog, .wantSelfTest, .checked:
      media?.restart("said what only server may say")
    }
  }

  /// Media has died: its devices stay open for a while, since it will be back and ask for them.
  private func captureOrphaned() {
    guard isCapturing, captureGrace?.isPending != true, !isStopping else { return }
    captureGrace = loop.after(Self.captureGrace) { [weak self] in self?.setCapture(camera: nil, microphone: false) }
  }

  func deliver(_ press: Press) {
    var isSent = false
    if let server, server.hears {
      server.send(.press(press))
      // Where the other end is gone, the link notices it in sending.
      isSent = server.hears
    }
    heldPresses.hold(press, at: .now(), isSent: isSent)
  }
}
