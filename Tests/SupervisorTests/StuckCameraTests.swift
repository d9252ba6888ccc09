import Glibc
import Hardware
import Links
import Linux
import Synchronization
import TestSupport
import Testing

@testable import Supervisor

/// A driver that does not answer is a fault and no more: nothing of the box waits for it.
@Suite struct StuckCameraTests {
  /// Delivers pictures until its driver gets stuck, in whichever call.
  final class StuckCamera: Camera {
    enum Call: Sendable, CaseIterable { case open, nextFrame, close }
    private let stuck = Mutex<Call?>(nil)
    private let isClosed = Atomic(true)
    private let owner = Mutex<pthread_t?>(nil)
    /// Calls that hang in the driver.
    let hanging = Atomic(0)
    let opened = Atomic(0)

    func stick(in call: Call?) { stuck.withLock { $0 = call } }

    private func enter(_ call: Call) {
      guard stuck.withLock({ $0 == call }) else { return }
      hanging.add(1, ordering: .relaxed)
      while stuck.withLock({ $0 == call }) { usleep(1_000) }
      hanging.subtract(1, ordering: .relaxed)
    }

    func open(_ wanted: CameraMode) throws(DeviceError) -> CameraStream {
      enter(.open)
      owner.withLock { $0 = pthread_self() }
      isClosed.store(false, ordering: .relaxed)
      opened.add(1, ordering: .relaxed)
      return CameraStream(mode: wanted, format: .i420, largestFrameBytes: 100, detail: "stuck camera")
    }

    func nextFrame(
      into memory: UnsafeMutableRawBufferPointer, timeoutMilliseconds: Int
    ) throws(DeviceError) -> CapturedFrame {
      enter(.nextFrame)
      usleep(5_000)
      guard !isClosed.load(ordering: .relaxed) else { throw .closed }
      return CapturedFrame(length: 100, width: 16, height: 16, format: .i420, captured: .now())
    }

    func close() {
      isClosed.store(true, ordering: .relaxed)
      // As the contract has it: only the thread that has it open calls the driver.
      if owner.withLock({ $0.map { pthread_equal($0, pthread_self()) != 0 } ?? false }) { enter(.close) }
    }
  }

  private final class Bench {
    let loop: EventLoop
    let camera = StuckCamera()
    var reports: [DeviceReport] = []
    var thread: DeviceThread<CameraMode>?

    init() throws {
      loop = try EventLoop()
      let ring = try FrameRing(slots: 3, slotBytes: 4_096)
      let pulse = DevicePulse()
      var bounds = DeviceThread<CameraMode>.Bounds()
      bounds.answer = .milliseconds(200)
      bounds.check = .milliseconds(20)
      bounds.finish = .milliseconds(100)
      let limits = CameraCapture.Limits(
        open: .milliseconds(200), frame: .milliseconds(200 - Int64(CameraCapture.frameTimeoutMilliseconds)),
        close: .milliseconds(200))
      thread = try DeviceThread(
        .camera, on: loop, pulse: pulse, bounds: bounds, interrupt: { [camera] in camera.close() },
        body: CameraCapture.body(camera, ring, pulse, limits), changed: { [weak self] in self?.reports.append($0) })
    }

    func turn(until condition: () -> Bool) -> Bool { CaptureTests.turn(loop, until: condition) }
  }

  static let running = DeviceReport.running(CaptureTests.mode, detail: "stuck camera")
  static let stuck = DeviceReport.gone("driver does not answer")

  @Test(arguments: [StuckCamera.Call.open, .nextFrame])
  func aThreadThatIsStuckIsToldAndReplacedWhenItComesBack(_ call: StuckCamera.Call) throws {
    let bench = try Bench()
    if call == .open { bench.camera.stick(in: .open) }
    bench.thread?.want(CaptureTests.mode)
    if call == .nextFrame {
      #expect(bench.turn { bench.reports == [Self.running] })
      bench.camera.stick(in: .nextFrame)
    }
    #expect(bench.turn { bench.reports.last == Self.stuck })
    #expect(bench.thread?.isActive == true)
    // The loop goes on, nothing else is begun, and it is told once.
    let wait = MonotonicTime.now() + .milliseconds(500)
    while MonotonicTime.now() < wait { bench.loop.turn(atMost: .milliseconds(50)) }
    #expect(bench.reports == (call == .open ? [Self.stuck] : [Self.running, Self.stuck]))
    #expect(bench.camera.hanging.load(ordering: .relaxed) == 1)
    bench.camera.stick(in: nil)
    #expect(bench.turn { bench.reports.last == Self.running && bench.reports.contains(.ended) })
    bench.thread?.finish()
    #expect(bench.thread?.isActive == false)
  }

  @Test(arguments: [StuckCamera.Call.nextFrame, .close])
  func aThreadThatDoesNotEndIsToldAndLeftBehind(_ call: StuckCamera.Call) throws {
    let bench = try Bench()
    bench.thread?.want(CaptureTests.mode)
    #expect(bench.turn { bench.reports == [Self.running] })
    bench.camera.stick(in: call)
    #expect(bench.turn { call == .close || bench.camera.hanging.load(ordering: .relaxed) == 1 })
    bench.thread?.want(nil)
    #expect(bench.turn { bench.reports.last == Self.stuck })
    #expect(bench.thread?.isActive == true)
    bench.camera.stick(in: nil)
    #expect(bench.turn { bench.reports.last == .ended })
    #expect(bench.thread?.isActive == false)
    #expect(bench.camera.opened.load(ordering: .relaxed) == 1)
  }

  @Test(arguments: StuckCamera.Call.allCases) func theEndOfTheBoxDoesNotWaitForIt(_ call: StuckCamera.Call) throws {
    let bench = try Bench()
    if call == .open { bench.camera.stick(in: call) }
    bench.thread?.want(CaptureTests.mode)
    if call != .open {
      #expect(bench.turn { bench.reports == [Self.running] })
      bench.camera.stick(in: call)
    }
    let start = MonotonicTime.now()
    bench.thread?.finish()
    #expect(MonotonicTime.now() - start < .milliseconds(1_500))
    #expect(bench.thread?.isActive == false)
    bench.camera.stick(in: nil)
  }

  @Test func wantedAgainWhileStuckItBeginsWhenItCan() throws {
    let bench = try Bench()
    bench.thread?.want(CaptureTests.mode)
    #expect(bench.turn { bench.reports == [Self.running] })
    bench.camera.stick(in: .close)
    bench.thread?.want(nil)
    #expect(bench.turn { bench.reports.last == Self.stuck })
    let other = CameraMode(width: 320, height: 240, framesPerSecond: 15)
    bench.thread?.want(other)
    bench.camera.stick(in: nil)
    #expect(bench.turn { bench.reports.last == .running(other, detail: "stuck camera") })
    bench.thread?.finish()
  }

  @Test func aWorkerIsWaitedForNoLongerThanAllowed() throws {
    let flag = try StopSignal()
    let worker = try Worker(name: "waits") { flag.wait(atMost: .seconds(30)) }
    let start = MonotonicTime.now()
    #expect(!worker.join(within: .milliseconds(20)))
    #expect(MonotonicTime.now() - start >= .milliseconds(20))
    flag.raise()
    #expect(worker.join(within: .seconds(10)))
    #expect(worker.join(within: .zero))
  }

  @Test func whatWasAskedForIsSaid() {
    let asked = CameraMode(width: 640, height: 480, framesPerSecond: 30)
    #expect(CameraCapture.words(asked, asked: asked) == "640×480, 30 frames a second")
    #expect(
      CameraCapture.words(CameraMode(width: 800, height: 600, framesPerSecond: 25), asked: asked)
        == "asked 640×480 at 30, nearest 800×600 at 25")
  }
}
