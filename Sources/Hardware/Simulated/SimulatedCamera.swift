import Drawing
import Links
import Linux

/// A camera made of software: draws a scene or plays a file, in time with the monotonic clock.
public final class SimulatedCamera: Camera, @unchecked Sendable {
  private let configuration: SimulatedBoardConfiguration
  private let clock: any DeviceClock
  private let monitor: DeviceMonitor

  // Inside the monitor's lock.
  private var source: (any PictureSource)?
  private var start = MonotonicTime(microseconds: 0)
  private var index: Int64 = 0

  init(_ configuration: SimulatedBoardConfiguration, clock: any DeviceClock) {
    self.configuration = configuration
    self.clock = clock
    monitor = DeviceMonitor(clock: clock)
  }

  public func open(_ wanted: CameraMode) throws(DeviceError) -> CameraStream {
    try monitor.locked { () throws(DeviceError) -> CameraStream in
      try monitor.begin()
      do throws(DeviceError) {
        let source = try makeSource(wanted)
        self.source = source
        start = clock.monotonic()
        index = 0
        return source.stream
      } catch {
        monitor.end()
        throw error
      }
    }
  }

  /// The picture is drawn before its moment comes and only the strip after it, so drawing adds nothing to its age.
  public func nextFrame(
    into memory: UnsafeMutableRawBufferPointer, timeoutMilliseconds: Int
  ) throws(DeviceError) -> CapturedFrame {
    try monitor.locked { () throws(DeviceError) -> CapturedFrame in
      try monitor.check()
      guard let source else { throw .closed }
      let now = clock.monotonic()
      let moment = nextMoment(source, now)
      let limit = now + .milliseconds(Int64(max(0, timeoutMilliseconds)))
      guard moment <= limit else {
        try monitor.wait(until: limit)
        throw .timedOut
      }
      let wall = clock.wallMicroseconds() &+ (moment - now).microseconds
      let length = try source.next(elapsed: moment - start, wallSeconds: wall / 1_000_000, into: memory)
      try monitor.wait(until: moment)
      let mode = source.stream.mode
      if configuration.strip, source.stream.format == .i420,
        let canvas = Canvas(memory, width: mode.width, height: mode.height)
      {
        let late = clock.monotonic() - moment
        Strip.draw(
          WallTime(milliseconds: (clock.wallMicroseconds() &- late.microseconds) / 1_000), on: canvas)
      }
      index += 1
      return CapturedFrame(
        length: length, width: mode.width, height: mode.height, format: source.stream.format, captured: moment)
    }
  }

  public func close() { monitor.close { source = nil } }

  func plug(in plugged: Bool) { monitor.plug(in: plugged) }
  var isPluggedIn: Bool { monitor.isPluggedIn }

  /// When the next picture is due. Pictures whose successor is due already are left out.
  private func nextMoment(_ source: any PictureSource, _ now: MonotonicTime) -> MonotonicTime {
    let (count, seconds) = source.pace
    let due = (now - start).microseconds / 1_000 &* count / (seconds &* 1_000)
    index = max(index, due)
    return start + .microseconds(index &* seconds &* 1_000_000 / count)
  }

  private func makeSource(_ wanted: CameraMode) throws(DeviceError) -> any PictureSource {
    switch configuration.camera {
    case .scene:
      // Drawn afresh only for another size: it takes a moment, and the same camera is opened again and again.
      if let scene = lastScene, scene.wanted == wanted { return scene.source }
      let source = try SceneSource(wanted, name: configuration.boxName)
      lastScene = (wanted, source)
      return source
    case .file(let path):
      let file = try RandomAccessFile(reading: path)
      let head = try file.head(16)
      if head.starts(with: Y4MSource.signature) { return try Y4MSource(file) }
      if head.starts(with: MJPEGSource.signature) {
        return try MJPEGSource(file, framesPerSecond: wanted.framesPerSecond)
      }
      throw .unsupported("\(path): expected a Y4M file or JPEG pictures")
    }
  }
  private var lastScene: (wanted: CameraMode, source: SceneSource)?
}
