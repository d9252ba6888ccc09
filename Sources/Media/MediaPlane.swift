import Links
import Linux
import WebRTC

/// Everything of the media process that lives on its loop: takes what comes from the socket, the links and the encoder, hands
/// it to the forwarder, and sends what the forwarder says.
final class MediaPlane {
  let loop: EventLoop
  let socket: UDPSocket
  let forwarder: Forwarder
  /// What has come and what is to go, in memory that is allocated once. What is full is sent at once: no more than one system call
  /// takes, so that the first of many leaves while the last is written, and the memory stays in the processor's cache.
  private let incoming = DatagramQueue(capacity: UDPSocket.batch)
  let out = DatagramQueue(capacity: UDPSocket.batch)
  var random = SystemRandomNumberGenerator()

  private let control: MessageSocket
  private(set) var controlLink: Link<ControlCommand, ControlReport>?
  var serverLink: Link<MediaRequest, MediaEvent>?

  let camera: CameraControl
  let microphone: Microphone
  let speaker: Speaker
  /// The speaker sets the pace. When it has asked for nothing for so long, a timer does: it is closed yet, or gone.
  private static let speakerPatience = Interval.milliseconds(100)
  private var speakerTimer: LoopTimer?
  private var lastRequest = MonotonicTime(microseconds: 0)
  /// When the speaker got its last block.
  private var lastBlock = MonotonicTime(microseconds: 0)
  private var pollTimer: LoopTimer?
  private var pollDue: MonotonicTime?
  private var met = Forwarder.LocalDemand()
  /// What was asked of the supervisor last.
  private var capture = ControlReport.capture(camera: nil, microphone: false)
  private var isPlaying = false
  private(set) var exitCode: Int32 = 1

  init(_ options: MediaOptions, loop: EventLoop) throws {
    self.loop = loop
    control = try MessageSocket(adopting: Descriptor(adopting: options.control))
    socket = try UDPSocket(adopting: Descriptor(adopting: options.udp))
    microphone = try Microphone(
      MessageSocket(adopting: Descriptor(adopting: options.capture)), care: options.soundCare)
    speaker = Speaker(try MessageSocket(adopting: Descriptor(adopting: options.playback)))
    camera = try CameraControl(options)
    let context = try DTLSContext(certificate: Certificate(serial: random.next()))
    forwarder = Forwarder(context: context, clock: NTPClock(wall: .now(), at: .now()))
    forwarder.localSubscriber = speaker
    out.whenFull = { [socket] in socket.send($0) }
  }

  /// Begins to serve, and says so.
  func start() throws {
    try loop.watch(socket.number) { [unowned self] in receiveDatagrams() }
    try loop.watch(microphone.number) { [unowned self] in readMicrophone() }
    try loop.attach(camera.reports) { [unowned self] in handle($0) }
    let link = try Link<ControlCommand, ControlReport>(control, on: loop) {
      [unowned self] (command: ControlCommand, descriptor: consuming Descriptor?) in
      handle(command, descriptor)
    } closed: { [unowned self] reason in
      Log.error("the supervisor is gone: \(reason)")
      loop.stop()
    }
    controlLink = link
    link.send(.ready)
    SRTPSession.prepare()
  }

  /// Says goodbye to all peers.
  func finish() {
    forwarder.closeAll(out: out)
    socket.send(out)
    camera.stop()
  }

  // MARK: The socket

  private func receiveDatagrams() {
    // Bounded, so a flood does not keep the frames waiting; epoll tells again.
    for _ in 0..<4 {
      incoming.removeAll()
      do {
        guard try socket.receive(into: incoming) > 0 else { break }
      } catch {
        Log.warning("\(error)")
        break
      }
      let now = MonotonicTime.now()
      for index in 0..<incoming.count {
        guard let (bytes, route) = incoming[index] else { break }
        forwarder.receive(bytes, route: route, now: now, out: out)
      }
      if out.count > 0 { socket.send(out) }
      if incoming.count < incoming.capacity { break }
    }
    settle()
  }

  /// To be called after anything that touched the forwarder: sends what it said, first of all, then tells what happened and
  /// asks for what is needed now.
  func settle() {
    let now = MonotonicTime.now()
    forwarder.poll(now: now, out: out)
    if out.count > 0 { socket.send(out) }
    while let event = forwarder.nextEvent() { report(event) }
    meetDemand()
    schedule(now)
  }

  private func schedule(_ now: MonotonicTime) {
    guard let next = forwarder.nextTimeout else { return }
    // An earlier wake-up does no harm and looks again.
    if let pollDue, pollDue <= next { return }
    pollTimer?.cancel()
    pollDue = next
    pollTimer = loop.at(next) { [unowned self] in
      pollDue = nil
      settle()
    }
  }

  // MARK: Devices

  private func meetDemand() {
    let demand = forwarder.localDemand
    guard demand != met else { return }
    met = demand
    camera.meet(demand)
    let wanted = ControlReport.capture(camera: demand.camera ? CameraControl.asked : nil, microphone: demand.microphone)
    if wanted != capture {
      capture = wanted
      controlLink?.send(wanted)
    }
    if demand.speaker != isPlaying {
      isPlaying = demand.speaker
      lastBlock = loop.now
      lastRequest = MonotonicTime(microseconds: 0)
      speakerTimer?.cancel()
      if isPlaying { tickSpeaker() }
    }
  }

  /// Feeds the speaker each 20 ms by the clock while it does not set the pace itself.
  private func tickSpeaker() {
    guard isPlaying else { return }
    let now = loop.now
    guard now - lastRequest >= Self.speakerPatience else {
      speakerTimer = loop.at(lastRequest + Self.speakerPatience) { [unowned self] in tickSpeaker() }
      return
    }
    // What was missed while the microphone stopped, or the machine, is not made up for.
    if now - lastBlock > Speaker.blockInterval * 3 { lastBlock = now - Speaker.blockInterval }
    while now - lastBlock >= Speaker.blockInterval {
      lastBlock = lastBlock + Speaker.blockInterval
      if speaker.hasSources { speaker.tick(now) }
    }
    speakerTimer = loop.at(lastBlock + Speaker.blockInterval) { [unowned self] in tickSpeaker() }
  }

  private func readMicrophone() {
    speaker.takePlayed { [microphone] in microphone.take(played: $0, $1) }
    var sent: MonotonicTime?
    let read = microphone.read(isHeard: forwarder.isMicrophoneHeard) { packet, timestamp, captured in
      forwarder.publish(
        audio: packet, timestamp: timestamp, level: microphone.level, captured: captured, now: MonotonicTime.now(),
        out: out)
      sent = captured
    }
    if out.count > 0 { socket.send(out) }
    if let sent { microphone.noteSent(captured: sent, now: .now()) }
    switch read {
    case .block, .nothing: return
    case .request(let wantsBlock):
      guard isPlaying, speaker.hasSources else { return }
      lastRequest = loop.now
      lastBlock = loop.now
      if wantsBlock { speaker.tick(loop.now) }
    case .closed: return loop.stop()
    }
  }

  private func handle(_ report: EncoderReport) {
    switch report {
    case .picture(let picture):
      if let bytes = picture.bytes {
        forwarder.publish(
          video: bytes, isKeyFrame: picture.isKeyFrame, captured: picture.captured, now: MonotonicTime.now(), out: out)
      }
      socket.send(out)
      camera.giveBack(picture, sent: .now())
      settle()
    case .failed(let reason):
      camera.failed(reason)
    case .refused:
      camera.refused &+= 1
    case .closed:
      loop.stop()
    }
  }

  // MARK: The supervisor

  private func handle(_ command: ControlCommand, _ descriptor: consuming Descriptor?) {
    switch command {
    case .ping(let number):
      // Whoever answers has come round its loop, and sends pictures if there are any to send.
      loop.after(.zero) { [weak self] in
        guard let self, !camera.pulse.isOverdue(loop.now) else { return }
        controlLink?.send(.pong(number, counters: counters))
      }
    case .mediaLink:
      guard let descriptor = descriptor.take() else { return Log.error("a media link without a descriptor") }
      openServerLink(descriptor)
    case .camera(let mode, let fault):
      if let mode, mode != camera.delivered {
        camera.delivered = mode
        camera.meet(met)
      }
      camera.tell(fault: fault)
      if let fault { Log.warning(fault) }
    case .press, .check, .status, .log:
      break
    case .stop:
      exitCode = 0
      // Nothing of this process is news to the server any more, and its end is none here.
      serverLink?.close()
      loop.stop()
    }
  }

  private func openServerLink(_ descriptor: consuming Descriptor) {
    serverLink?.close()
    do {
      let end = try MessageSocket(adopting: descriptor)
      serverLink = try Link(end, on: loop) { [unowned self] request, _ in
        handle(request)
        settle()
      } closed: { [unowned self] reason in
        // Running media goes on; the supervisor brings a new link.
        serverLink = nil
        // A little later: when the box stops, the server may be gone before the word of it is read here.
        loop.after(.milliseconds(100)) { Log.warning("the server is gone: \(reason)") }
      }
    } catch {
      Log.error("media link: \(error)")
    }
  }
}
