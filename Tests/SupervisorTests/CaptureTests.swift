import Hardware
import Links
import Linux
import Synchronization
import TestSupport
import Testing

@testable import Supervisor

/// The devices' threads with the simulated board, on a real loop; each wait is for an event.
@Suite struct CaptureTests {
  static let mode = CameraMode(width: 160, height: 120, framesPerSecond: 60)

  /// Turns the loop until a condition holds.
  static func turn(_ loop: EventLoop, until condition: () -> Bool) -> Bool {
    let deadline = MonotonicTime.now() + .seconds(30)
    while !condition() {
      guard MonotonicTime.now() < deadline else { return false }
      loop.turn(atMost: .milliseconds(500))
    }
    return true
  }

  final class Camera {
    let loop: EventLoop
    let board: SimulatedBoard
    let ring: FrameRing
    let reader: FrameRingTests.Reader
    var reports: [DeviceReport] = []
    var frames: [FrameReady] = []
    var thread: DeviceThread<CameraMode>?

    init() throws {
      loop = try EventLoop()
      board = try SimulatedBoard(SimulatedBoardConfiguration())
      ring = try FrameRing(slots: 3, slotBytes: 320 * 240 * 2)
      let (ours, theirs) = try MessageSocket.pair()
      ring.attach(ours)
      reader = try FrameRingTests.Reader(theirs, ring)
      thread = try DeviceThread(
        .camera, on: loop, interrupt: { [board] in board.camera.close() }, body: CameraCapture.body(board.camera, ring),
        changed: { [weak self] in self?.reports.append($0) })
      try loop.watch(theirs.number) { [weak self] in
        guard let self else { return }
        while let frame = try? reader.next() {
          frames.append(frame)
          reader.release(frame.slot)
        }
      }
    }
  }

  @Test func theCameraRunsWhileItIsWanted() throws {
    let camera = try Camera()
    #expect(camera.thread?.isActive == false)
    camera.thread?.want(Self.mode)
    #expect(Self.turn(camera.loop) { camera.frames.count >= 5 })
    #expect(camera.reports == [.running(Self.mode)])
    #expect(camera.frames.allSatisfy { $0.width == 160 && $0.height == 120 && $0.length == 160 * 120 * 3 / 2 })
    camera.thread?.want(nil)
    #expect(Self.turn(camera.loop) { camera.reports.last == .ended })
    #expect(camera.thread?.isActive == false)
    #expect(zip(camera.frames, camera.frames.dropFirst()).allSatisfy { $0.captured < $1.captured })
  }

  @Test func aCameraPulledInUseIsToldOnceAndComesBack() throws {
    let camera = try Camera()
    camera.thread?.want(Self.mode)
    #expect(Self.turn(camera.loop) { !camera.frames.isEmpty })
    camera.board.plug(.camera, in: false)
    #expect(Self.turn(camera.loop) { camera.reports.last == .gone("unplugged") })
    let before = camera.frames.count
    camera.board.plug(.camera, in: true)
    #expect(Self.turn(camera.loop) { camera.frames.count >= before + 3 })
    #expect(camera.reports == [.running(Self.mode), .gone("unplugged"), .running(Self.mode)])
    camera.thread?.finish()
  }

  @Test func anotherModeOpensItAgain() throws {
    let camera = try Camera()
    camera.thread?.want(Self.mode)
    #expect(Self.turn(camera.loop) { !camera.frames.isEmpty })
    let large = CameraMode(width: 320, height: 240, framesPerSecond: 50)
    camera.thread?.want(large)
    #expect(Self.turn(camera.loop) { camera.frames.last?.width == 320 && camera.reports.count >= 3 })
    #expect(camera.reports == [.running(Self.mode), .ended, .running(large)])
    camera.thread?.finish()
  }

  @Test func picturesThatDoNotFitTheRingAreAFault() throws {
    let camera = try Camera()
    camera.thread?.want(CameraMode(width: 640, height: 480, framesPerSecond: 30))
    #expect(
      Self.turn(camera.loop) {
        camera.reports.first == .gone("its pictures are larger (640×480) than width and height in board.conf")
      })
    #expect(camera.frames.isEmpty)
    camera.thread?.finish()
  }

  /// As a webcam without enough power on its port.
  private final class EmptyCamera: Hardware.Camera {
    let opened = Atomic(0)
    func open(_ wanted: CameraMode) throws(DeviceError) -> CameraStream {
      opened.add(1, ordering: .relaxed)
      return CameraStream(mode: wanted, format: .i420, largestFrameBytes: 100)
    }
    func nextFrame(
      into memory: UnsafeMutableRawBufferPointer, timeoutMilliseconds: Int
    ) throws(DeviceError) -> CapturedFrame { throw .gone }
    func close() {}
  }

  @Test func aCameraThatOpensAndDeliversNothingIsOneFault() throws {
    let loop = try EventLoop()
    let camera = EmptyCamera()
    var reports: [DeviceReport] = []
    let thread = try DeviceThread(
      .camera, on: loop, interrupt: {},
      body: CameraCapture.body(camera, try FrameRing(slots: 3, slotBytes: 4_096)), changed: { reports.append($0) })
    thread.want(Self.mode)
    #expect(Self.turn(loop) { camera.opened.load(ordering: .relaxed) >= 3 })
    #expect(reports == [.gone("unplugged")])
    thread.finish()
  }

  @Test func wantedAndUnwantedInOneBreathEndsStopped() throws {
    let camera = try Camera()
    for _ in 0..<20 {
      camera.thread?.want(Self.mode)
      camera.thread?.want(nil)
    }
    #expect(Self.turn(camera.loop) { camera.thread?.isActive == false })
    camera.thread?.want(Self.mode)
    #expect(Self.turn(camera.loop) { !camera.frames.isEmpty })
    camera.thread?.finish()
  }

  @Test func theMicrophoneSendsBlocksWithTheSpeakersDelay() throws {
    let loop = try EventLoop()
    let board = try SimulatedBoard(SimulatedBoardConfiguration(microphone: .tone(hertz: 1_000, decibels: -10)))
    let port = SoundPort()
    port.playbackDelayMicroseconds.store(20_000, ordering: .relaxed)
    let (ours, theirs) = try MessageSocket.pair()
    port.attach(capture: ours, playback: nil)
    var reports: [DeviceReport] = []
    let thread = try DeviceThread(
      .microphone, on: loop, interrupt: { board.microphone.close() },
      body: MicrophoneCapture.body(board.microphone, port), changed: { reports.append($0) })
    var heads: [PCMHead] = []
    var samples: [Int16] = []
    try loop.watch(theirs.number) {
      withUnsafeTemporaryAllocation(byteCount: 2_048, alignment: 8) { bytes in
        while let length = try? theirs.receive(into: PacketView(bytes)) {
          guard let head = PacketView(bytes).prefix(length).flatMap({ PCMHead($0) }) else { continue }
          heads.append(head)
          samples += UnsafeRawBufferPointer(rebasing: bytes[PCMHead.bytes..<length]).bindMemory(to: Int16.self)
        }
      }
    }
    thread.want(true)
    #expect(Self.turn(loop) { heads.count >= 20 })
    #expect(heads.map(\.sequence) == (0..<UInt32(heads.count)).map { $0 })
    #expect(heads.allSatisfy { $0.playbackDelayMicroseconds == 20_000 })
    #expect(amplitude(of: 1_000, in: samples) > 6_500)
    board.plug(.microphone, in: false)
    #expect(Self.turn(loop) { reports.last == .gone("unplugged") })
    board.plug(.microphone, in: true)
    #expect(Self.turn(loop) { reports.last == .running(nil) })
    thread.finish()
  }

  @Test func aboutAHundredMillisecondsOfSoundMayWaitForMedia() throws {
    let (ours, theirs) = try MessageSocket.pair(bufferBytes: SoundPort.captureBufferBytes)
    let block = [UInt8](repeating: 0, count: PCMHead.datagramBytes)
    var fit = 0
    while fit < 100, ours.send(block) == .sent { fit += 1 }
    withExtendedLifetime(theirs) {}
    #expect((3...7).contains(fit), "\(fit)")
  }

  @Test func whatWaitsWhenMediaEndsIsPlayedAndTheNextMediaIsHeard() throws {
    let loop = try EventLoop()
    let board = try SimulatedBoard(SimulatedBoardConfiguration())
    let port = SoundPort()
    let mailbox = try Mailbox<DeviceReport>()
    var reports: [DeviceReport] = []
    try loop.attach(mailbox) { reports.append($0) }
    let playback = try Playback(board.speaker, port, reports: mailbox)
    let worker = try Worker(name: "speaker") { playback.run() }
    for round in 1...3 {
      do {
        let (ours, theirs) = try MessageSocket.pair()
        port.attach(capture: nil, playback: ours)
        playback.reattached()
        for sequence in 0..<UInt32(BlockQueue.most) { BlockQueueTests.send(1_000, sequence: sequence, theirs) }
        // Its end goes with it.
      }
      #expect(Self.turn(loop) { reports.count == round * 2 })
      #expect(reports.last == .ended)
      #expect(port.played.load(ordering: .relaxed) == round * BlockQueue.most)
    }
    #expect(port.playbackDropped.load(ordering: .relaxed) == 0)
    playback.finish()
    worker.join()
  }

  @Test func theSpeakerPlaysWhatComesAndTonesAndSleepsOtherwise() throws {
    let directory = try ScratchDirectory()
    let loop = try EventLoop()
    let board = try SimulatedBoard(
      SimulatedBoardConfiguration(speakerRecording: "\(directory.path)/speaker.wav"))
    let port = SoundPort()
    let (ours, theirs) = try MessageSocket.pair()
    port.attach(capture: nil, playback: ours)
    let mailbox = try Mailbox<DeviceReport>()
    var reports: [DeviceReport] = []
    try loop.attach(mailbox) { reports.append($0) }
    let playback = try Playback(board.speaker, port, reports: mailbox)
    let worker = try Worker(name: "speaker") { playback.run() }

    BlockQueueTests.send(1_000, sequence: 0, theirs)
    #expect(Self.turn(loop) { reports == [.running(nil), .ended] })
    #expect(port.played.load(ordering: .relaxed) == 1)
    playback.play(.ready)
    #expect(Self.turn(loop) { reports == [.running(nil), .ended, .running(nil), .ended] })
    // 200 ms, and the rest of the block in which it ended.
    #expect((10...11).contains(port.played.load(ordering: .relaxed) - 1))

    board.plug(.speaker, in: false)
    playback.setBackground(.ring)
    #expect(Self.turn(loop) { reports.last == .gone("unplugged") })
    board.plug(.speaker, in: true)
    #expect(Self.turn(loop) { reports.last == .running(nil) })
    playback.setBackground(nil)
    #expect(Self.turn(loop) { reports.last == .ended })
    playback.finish()
    worker.join()
  }
}
