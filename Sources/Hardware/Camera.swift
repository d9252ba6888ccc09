import Links
import Linux

/// A source of pictures. `open` and `nextFrame` are called by one thread, the capture thread; `close` by any, and it does not
/// wait for a driver that another thread is in.
public protocol Camera: AnyObject, Sendable {
  /// Starts the stream in the mode nearest to the wanted one.
  func open(_ wanted: CameraMode) throws(DeviceError) -> CameraStream

  /// Waits for the next picture and writes it to the start of `memory`. A caller that is late misses pictures; it never
  /// gets old ones.
  /// - Throws: `timedOut`; `closed` when ``close()`` was called meanwhile; `gone`; `unsupported` when `memory` is too small.
  func nextFrame(
    into memory: UnsafeMutableRawBufferPointer, timeoutMilliseconds: Int
  ) throws(DeviceError) -> CapturedFrame

  /// Ends the stream, and a call that waits in it. Does nothing where there is none.
  func close()

  /// Pictures that came damaged since the start, and were left out.
  var damagedFrames: Int { get }
}

extension Camera {
  public var damagedFrames: Int { 0 }
}

/// What an open camera delivers.
public struct CameraStream: Sendable, Equatable {
  public var mode: CameraMode
  public var format: PixelFormat
  /// No frame is longer, in bytes.
  public var largestFrameBytes: Int
  /// What else people may want to know of it.
  public var detail: String
  public init(mode: CameraMode, format: PixelFormat, largestFrameBytes: Int, detail: String = "") {
    self.mode = mode
    self.format = format
    self.largestFrameBytes = largestFrameBytes
    self.detail = detail
  }
}

/// One picture, written to the caller's memory.
public struct CapturedFrame: Sendable, Equatable {
  /// Bytes used.
  public var length: Int
  public var width: Int
  public var height: Int
  public var format: PixelFormat
  /// When the sensor had the picture.
  public var captured: MonotonicTime
  public init(length: Int, width: Int, height: Int, format: PixelFormat, captured: MonotonicTime) {
    self.length = length
    self.width = width
    self.height = height
    self.format = format
    self.captured = captured
  }
}
