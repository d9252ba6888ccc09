import Glibc
import Links
import Linux
import Synchronization
import TestPeers
import TestSupport
import Testing

@testable import Media

/// The media process on a thread of the test, which plays its supervisor and its server.
final class TestBox {
  static let slots = 6
  static let slotBytes = 640 * 480 * 2

  let loop: EventLoop
  let port: UInt16
  private let ring: SharedMemory
  private let frames: MessageSocket
  private let capture: MessageSocket
  private let playback: MessageSocket
  private(set) var control: Link<ControlReport, ControlCommand>!
  private(set) var server: Link<MediaEvent, MediaRequest>!
  private let thread: Worker
  private let ended = Ended()
  private let codes: Mailbox<Int32>

  private final class Ended { var code: Int32? }

  // What the process said.
  private(set) var isReady = false
  private(set) var pongs: [Int: [String: Int]] = [:]
  private(set) var captures: [(camera: CameraMode?, microphone: Bool)] = []
  private(set) var replies: [Int: MediaReply] = [:]
  private(set) var events: [MediaEvent] = []
  private(set) var heard: [[Int16]] = []
  private(set) var released: [UInt32] = []
  private var feeds: [MediaEndpoint: MediaFeed] = [:]
  private var opened: Set<MediaEndpoint> = []
  private var nextRequest = 1
  private var nextPing = 1

  // The simulated devices.
  private var free: [UInt32] = (0..<UInt32(slots)).map { $0 }
  private(set) var framesSent: UInt32 = 0
  private(set) var framesLost = 0
  private var soundsSent: UInt32 = 0
  private var phase = 0.0
  private var timers: [LoopTimer] = []
  /// What the camera delivers; nil while it is unplugged or stuck.
  var picture: ((_ number: Int) -> TestPicture)? = { .i420(number: $0) }

  init() throws {
    loop = try EventLoop()
    let socket = try UDPSocket(binding: try #require(SocketAddress(literal: "127.0.0.1", port: 0)))
    port = socket.local.port
    ring = try SharedMemory(creating: "test-ring", bytes: Self.slots * Self.slotBytes)
    let (controlHere, controlThere) = try MessageSocket.pair()
    let (framesHere, framesThere) = try MessageSocket.pair()
    let (captureHere, captureThere) = try MessageSocket.pair()
    let (playbackHere, playbackThere) = try MessageSocket.pair()
    frames = framesHere
    capture = captureHere
    playback = playbackHere
    var options = MediaOptions()
    options.control = try Self.copy(controlThere.number)
    options.udp = try Self.copy(socket.number)
    options.frames = try Self.copy(framesThere.number)
    options.ring = try Self.copy(ring.number)
    options.capture = try Self.copy(captureThere.number)
    options.playback = try Self.copy(playbackThere.number)
    options.ringSlots = Self.slots
    options.ringSlotBytes = Self.slotBytes
    let codes = try Mailbox<Int32>()
    self.codes = codes
    let given = options
    thread = try Worker(name: "media") { codes.send(MediaProcess.run(given)) }
    let ended = ended
    try loop.attach(codes) { ended.code = $0 }
    control = try Link(controlHere, on: loop) { [unowned self] report, _ in
      take(report)
    } closed: { _ in
    }
    try loop.watch(frames.number) { [unowned self] in readReleases() }
    try loop.watch(playback.number) { [unowned self] in readSound() }
    try openServerLink()
    try until("the process is ready") { isReady }
  }

  private static func copy(_ number: Int32) throws -> Int32 {
    let copy = dup(number)
    guard copy >= 0 else { throw SystemError("dup", code: errno) }
    return copy
  }

  /// A new link of the server, as after its restart.
  func openServerLink() throws {
    server?.close()
    let (here, there) = try MessageSocket.pair()
    server = try Link(here, on: loop) { [unowned self] event, _ in
      take(event)
    } closed: { _ in
    }
    control.send(.mediaLink, descriptor: there.number)
  }

  /// Turns the loop until something has happened; a failure if it has not within ten seconds.
  func until(
    _ what: String, sourceLocation: SourceLocation = #_sourceLocation, _ condition: () throws -> Bool
  ) throws {
    let end = MonotonicTime.now() + .seconds(10)
    while try !condition() {
      guard MonotonicTime.now() < end else {
        Issue.record("waited in vain: \(what)", sourceLocation: sourceLocation)
        throw Waited(what: what)
      }
      loop.turn(atMost: .milliseconds(100))
    }
  }
  struct Waited: Error { var what: String }

  // MARK: Supervisor and server

  private func take(_ report: ControlReport) {
    switch report {
    case .ready: isReady = true
    case .pong(let number, let counters): pongs[number] = counters
    case .capture(let camera, let microphone): captures.append((camera, microphone))
    case .state, .cue, .pressHeard, .condition, .wantStatus, .wantLog, .wantSelfTest, .checked:
      Issue.record("media has no say in \(report)")
    }
  }

  private func take(_ event: MediaEvent) {
    if case .reply(let id, let reply) = event { replies[id] = reply } else { events.append(event) }
  }

  func request(_ make: (Int) -> MediaRequest) throws -> MediaReply {
    let id = nextRequest
    nextRequest += 1
    server.send(make(id))
    try until("a reply to \(make(id))") { replies[id] != nil }
    return try #require(replies[id])
  }

  /// A call of the box with a peer, which is opened later.
  func callTheBox(_ name: String) throws {
    try feed(MediaFeed(audio: [.peer(name)], video: [MediaView(from: .peer(name))]), to: .local)
    try feed(MediaFeed(audio: [.local], video: [MediaView(from: .local)]), to: .peer(name))
  }

  /// What an endpoint gets; a peer that is not open yet gets it as soon as it is.
  func feed(_ feed: MediaFeed, to endpoint: MediaEndpoint) throws {
    feeds[endpoint] = feed
    if endpoint == .local || opened.contains(endpoint) {
      #expect(try request { .setFeed(id: $0, of: endpoint, feed: feed) } == .done)
    }
  }

  /// The offer for a new peer.
  func open(_ name: String) throws -> MediaOffer {
    let reply = try request {
      .openPeer(id: $0, peer: name, localAddresses: ["127.0.0.1", "no address"], shape: MediaShape())
    }
    guard case .offer(let offer) = reply else { throw Waited(what: "an offer, not \(reply)") }
    opened.insert(.peer(name))
    if let feed = feeds[.peer(name)] { try self.feed(feed, to: .peer(name)) }
    return offer
  }

  /// A phone that has answered the offer of a peer of this name.
  func phone(_ name: String) throws -> PhoneMedia {
    let offer = try open(name)
    let phone = try PhoneMedia(on: loop)
    let answer = try phone.accept(offer.sdp)
    #expect(try request { .setAnswer(id: $0, peer: name, sdp: answer) } == .done)
    return phone
  }

  func counters() throws -> [String: Int] {
    let number = nextPing
    nextPing += 1
    control.send(.ping(number))
    try until("a pong") { pongs[number] != nil }
    return try #require(pongs[number])
  }

  /// Says stop, or cuts the link, and gives the exit code.
  func finish(_ order: (TestBox) -> Void = { $0.control.send(.stop) }) throws -> Int32 {
    for timer in timers { timer.cancel() }
    if ended.code == nil { order(self) }
    try until("the end of the process") { ended.code != nil }
    thread.join()
    return try #require(ended.code)
  }

  /// Closes the supervisor's end, as its death would.
  func vanish() { control = nil }

  // MARK: Devices

  /// Runs the camera and the microphone whenever they are asked for.
  func startDevices() {
    timers.append(
      loop.every(.milliseconds(33)) { [unowned self] in
        if captures.last?.camera != nil, let picture { send(frame: picture(Int(framesSent))) }
      })
    timers.append(
      loop.every(.milliseconds(20)) { [unowned self] in if captures.last?.microphone == true { sendTone() } })
  }

  /// Sends one frame by the ring.
  func send(frame: TestPicture) {
    framesSent += 1
    guard !free.isEmpty else {
      framesLost += 1
      return
    }
    let slot = free.removeFirst()
    let start = Int(slot) * Self.slotBytes
    ring.writable[start..<start + frame.bytes.count].copyBytes(from: frame.bytes)
    let ready = FrameReady(
      slot: slot, format: frame.format, width: UInt32(frame.width), height: UInt32(frame.height),
      length: UInt32(frame.bytes.count), sequence: framesSent, captured: .now())
    withPacket([UInt8](repeating: 0, count: FrameReady.bytes)) { view in
      _ = ready.write(to: view)
      frames.send(view)
    }
  }

  /// Sends bytes where frames are expected.
  func send(rawFrame bytes: [UInt8]) { frames.send(bytes) }
  func send(rawSound bytes: [UInt8]) { capture.send(bytes) }

  /// 20 ms of 440 Hz.
  func sendTone() {
    var bytes = [UInt8](repeating: 0, count: PCMHead.datagramBytes)
    let head = PCMHead(sequence: soundsSent, playbackDelayMicroseconds: 0, time: .now())
    soundsSent += 1
    bytes.withUnsafeMutableBytes { raw in
      _ = head.write(to: PacketView(raw))
      for index in 0..<PCMHead.samples {
        let sample = Int16(8_000 * sin(phase))
        phase += 2 * Double.pi * 440 / 48_000
        raw.storeBytes(of: sample, toByteOffset: PCMHead.bytes + 2 * index, as: Int16.self)
      }
    }
    capture.send(bytes)
  }

  private func readReleases() {
    while let message = (try? frames.receive()) ?? nil {
      guard let slot = withPacket(message.bytes, { FrameReleased($0) })?.slot else {
        Issue.record("no release: \(message.bytes)")
        continue
      }
      #expect(!free.contains(slot), "slot \(slot) released twice")
      released.append(slot)
      free.append(slot)
    }
  }

  private func readSound() {
    while let message = (try? playback.receive()) ?? nil {
      #expect(withPacket(message.bytes) { PCMHead($0) } != nil)
      heard.append(
        message.bytes.withUnsafeBytes { raw in
          (0..<PCMHead.samples).map {
            raw.loadUnaligned(fromByteOffset: PCMHead.bytes + 2 * $0, as: Int16.self)
          }
        })
    }
  }
}
