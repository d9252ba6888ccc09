import Configuration
import Glibc
import Hardware
import Links
import Linux

/// The process that owns the hardware and the listening sockets, and keeps the other two alive. It parses nothing from
/// the network. Everything here is on its one loop; devices have threads of their own.
final class Supervisor {
  let options: SuperviseOptions
  let configuration: Configuration
  let loop: EventLoop
  let listeners: Listeners
  let isolation: Isolation
  let board: any Board
  let ring: FrameRing
  /// What a server leaves for the next one.
  let serverMemory: StateMemory
  let sound = SoundPort()
  /// Nil unless the board is simulated: what hands do, by command.
  var simulated: SimulatedBoard? { board as? SimulatedBoard }

  var server: Child?
  var media: Child?
  var signing: Signing?
  var camera: DeviceThread<CameraMode>?
  var microphone: DeviceThread<Bool>?
  var playback: Playback?
  var playbackThread: Worker?
  var lamps: LampDriver?
  var localServer: LocalServer?

  var policy = DisplayPolicy()
  var classifier = PressClassifier()
  var classifierTimer: LoopTimer?
  /// Buttons that do not work, and when each is tried again.
  var buttonFaults: [ButtonName: DeviceError] = [:]
  var buttonTimers: [ButtonName: LoopTimer] = [:]
  /// The state whose sound is playing.
  var soundShown: Display?
  /// Presses that no server is known to have heard.
  var heldPresses = HeldPresses()
  var devices: [DeviceName: DeviceCondition] = [:]
  /// What the server lacks, in words.
  var conditions: [Condition: String] = [:]
  /// The mode that the camera delivers; nil while it does not.
  var cameraMode: CameraMode?
  var captureGrace: LoopTimer?
  var readyAfter: Interval?
  var isStopping = false
  var escalation: Escalation
  /// How the process is to end.
  var exitCode: Int32 = 0
  var statusTimer: LoopTimer?
  private var watchdogTimer: LoopTimer?
  /// What the service manager knows.
  private var isToldAsStarted = false
  private var toldWord = ""
  /// Called after anything has changed that the status shows.
  var statusChanged: [() -> Void] = []
  let logBook: LogBook
  /// By the name of who writes there.
  let childLogs: [String: ChildLog]
  var faults = FaultBook()
  var machine = BoxStatus.Machine()
  var selfTest: BoxStatus.SelfTest?
  var isSelfTesting = false
  /// What tells the certificate that the server has from others.
  var servedLeaf: UInt64 = 0
  /// Until the sockets that are missing are tried again.
  var listenTimer: LoopTimer?
  private var periodic: [LoopTimer] = []
  /// The clock was set since the certificate was looked at.
  var isClockNew = false
  private var clockWatch: ClockWatch?

  init(_ options: SuperviseOptions, _ configuration: Configuration, _ logBook: LogBook, on loop: EventLoop) throws {
    self.options = options
    self.configuration = configuration
    self.logBook = logBook
    self.loop = loop
    childLogs = [
      "server": try ChildLog("fieldbox-server", on: loop), "media": try ChildLog("media", on: loop),
      "sign": try ChildLog("fieldbox-sign", on: loop),
    ]
    var inherited = InheritedDescriptors()
    listeners = try Listeners(configuration.box, &inherited)
    let memory = inherited.take("server-memory")
    inherited.closeRest()
    if let memory {
      serverMemory = StateMemory(adopting: memory)
    } else {
      serverMemory = try StateMemory(creating: "server")
      options.manager.store(serverMemory.number, as: "server-memory")
    }
    isolation = Isolation(configuration.box)
    escalation = Escalation(isService: options.manager.isHere)
    board = try BoardFactory.open(configuration)
    ring = try FrameRing(
      slots: 4, slotBytes: FrameRing.slotBytes(width: configuration.board.width, height: configuration.board.height))
  }

  /// Starts everything; the loop does the rest. Throws what would stand in the way for ever.
  func start() throws {
    lamps = LampDriver(board.lamps, on: loop) { [weak self] in self?.noteChange() }
    try startDevices()
    try watchButtons()
    lookAtMachine()
    clockWatch = try ClockWatch(on: loop) { [weak self] in self?.clockWasSet(by: $0) }
    periodic = [
      loop.every(Self.machinePeriod) { [weak self] in self?.lookAtMachine() },
      loop.every(Self.selfTestPeriod) { [weak self] in self?.beginSelfTest() },
    ]
    try openSockets()
    // Half of what is allowed, so that one that comes late is not too late.
    if let watchdog = options.manager.watchdog {
      watchdogTimer = loop.every(.microseconds(max(1_000, watchdog.microseconds / 2))) { [options] in
        options.manager.tell("WATCHDOG=1")
      }
    }
    if !isolation.isIsolated { Log.info("not isolated: server and media run as this user") }
  }

  var bounds: ChildLifecycle.Bounds {
    var bounds = ChildLifecycle.Bounds()
    bounds.heartbeat = .milliseconds(Int64(configuration.board.heartbeatMilliseconds))
    bounds.missedHeartbeats = configuration.board.missedHeartbeats
    bounds.start = .milliseconds(Int64(configuration.board.startMilliseconds))
    bounds.stop = .milliseconds(Int64(configuration.board.stopMilliseconds))
    bounds.restarts.retry = .milliseconds(Int64(configuration.board.retryMilliseconds))
    bounds.restarts.mostEnds = configuration.board.mostRestarts
    bounds.restarts.within = .seconds(Int64(configuration.board.restartsWithinSeconds))
    return bounds
  }

  /// Ends the box in good order: children first, then devices, then the loop.
  func stop(_ why: String) {
    guard !isStopping else { return }
    isStopping = true
    Log.info("stopping: \(why)")
    options.manager.tell("STOPPING=1", "STATUS=stopping: \(why)")
    signing?.stop()
    for child in [server, media] { child?.stop() }
    finishIfStopped()
  }

  func finishIfStopped() {
    guard isStopping, signing?.isAlive != true, server?.isStopped != false, media?.isStopped != false else { return }
    camera?.finish()
    microphone?.finish()
    playback?.finish()
    if playbackThread?.join(within: .seconds(2)) == false {
      Log.error("speaker: the driver does not answer; its thread is left behind")
    }
    lamps?.dark()
    localServer?.close()
    loop.stop()
  }

  /// A child was collected.
  func collectChildren() {
    while let (pid, exit) = ChildExit.collectAny() {
      if signing?.pid == pid {
        childLogs["sign"]?.ended()
        signing?.ended(exit)
      } else if let child = [server, media].compactMap({ $0 }).first(where: { $0.pid == pid }) {
        // Its last words come before the word of its end.
        childLogs[child.name]?.ended()
        child.ended(exit)
      }
    }
    finishIfStopped()
  }

  /// Brings lamps and tones to the present state.
  func showState() {
    guard !isStopping else { return }
    policy.serverRunning = server?.isRunning ?? false
    policy.mediaRunning = media?.isRunning ?? false
    policy.childFault =
      listeners.fault != nil || signing?.isFault == true || [server, media].contains { $0?.lifecycle.isFault ?? false }
    noteFaults()
    policy.deviceFault = faults.present.contains { !Self.childNames.contains($0.what) }
    lamps?.show(policy.display, behind: policy.behind, captured: isCapturing)
    showSound()
    tellManager()
    noteChange()
  }

  /// A service has started when it serves, or when it cannot and says so: to be killed for that would help nobody.
  private func tellManager() {
    if policy.started || policy.childFault, !isToldAsStarted {
      isToldAsStarted = true
      options.manager.tell("READY=1")
    }
    guard toldWord != policy.word else { return }
    toldWord = policy.word
    options.manager.tell("STATUS=\(ConsoleView.words(policy.word))")
  }

  /// TALK tells what is really open, not what was asked for.
  var isCapturing: Bool { camera?.isActive == true || microphone?.isActive == true }

  /// Tells whoever watches, once for all changes of a turn.
  func noteChange() {
    guard statusTimer?.isPending != true else { return }
    statusTimer = loop.after(.zero) { [weak self] in
      for body in self?.statusChanged ?? [] { body() }
    }
  }
}
