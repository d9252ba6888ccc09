import Drawing
import Links
import Linux

/// What a simulated camera shows.
protocol PictureSource: AnyObject {
  var stream: CameraStream { get }
  /// The pictures' pace as a fraction: `count` of them in `seconds`.
  var pace: (count: Int64, seconds: Int64) { get }
  /// Writes the next picture to the start of `memory`.
  /// - Parameters:
  ///   - elapsed: from the opening of the camera to the moment the picture is of.
  ///   - wallSeconds: that moment on the wall clock.
  /// - Returns: its length in bytes.
  func next(
    elapsed: Interval, wallSeconds: Int64, into memory: UnsafeMutableRawBufferPointer
  ) throws(DeviceError) -> Int
}

/// The drawn landscape.
final class SceneSource: PictureSource {
  let stream: CameraStream
  let pace: (count: Int64, seconds: Int64)
  private let scene: Scene

  /// Takes the nearest mode it can draw: even sizes from 160×120 to 1920×1080, 1 to 60 pictures a second.
  init(_ wanted: CameraMode, name: String) throws(DeviceError) {
    let mode = CameraMode(
      width: min(max(wanted.width, 160), 1_920) & ~1, height: min(max(wanted.height, 120), 1_080) & ~1,
      framesPerSecond: min(max(wanted.framesPerSecond, 1), 60))
    guard let scene = Scene(width: mode.width, height: mode.height, name: name) else {
      throw .unsupported("no scene of \(mode.width)×\(mode.height)")
    }
    self.scene = scene
    stream = CameraStream(
      mode: mode, format: .i420, largestFrameBytes: Canvas.bytes(width: mode.width, height: mode.height))
    pace = (Int64(mode.framesPerSecond), 1)
  }

  func next(
    elapsed: Interval, wallSeconds: Int64, into memory: UnsafeMutableRawBufferPointer
  ) throws(DeviceError) -> Int {
    guard memory.count >= stream.largestFrameBytes else {
      throw .unsupported("a picture of \(stream.largestFrameBytes) bytes does not fit into \(memory.count)")
    }
    scene.draw(elapsed: elapsed, clock: ClockText.secondsSinceMidnight(wallSeconds), into: memory)
    return stream.largestFrameBytes
  }
}
