import Glibc
import Links
import Linux
import Synchronization

/// A camera by V4L2, the kernel's interface to USB cameras and others.
///
/// The driver is called by the thread that opens the camera and by no other. ``close()`` of another thread only says that the
/// stream is to end: who waits in it returns, and lets go of the device itself. So a driver that does not answer holds up one
/// thread and no more.
public final class V4L2Camera: Camera, Sendable {
  private struct State {
    var stream: V4L2Stream?
    /// The thread that has it open.
    var owner: pthread_t?
    /// A call is in the driver.
    var isInside = false
    /// To be let go of by its owner.
    var isClosing = false
    /// What was open last.
    var known: V4L2Identity?
  }

  private let configuration: V4L2CameraConfiguration
  private let finder: V4L2Finder
  private let calls: V4L2Calls
  private let damage = V4L2Damage()
  private let state = Mutex(State())
  /// Raised with `isClosing`.
  private let flag: EventFlag

  /// Nothing is looked for until ``open(_:)``; only lack of descriptors fails here.
  public convenience init(_ configuration: V4L2CameraConfiguration = .init()) throws(DeviceError) {
    try self.init(configuration, directory: "/dev", calls: .library)
  }

  init(_ configuration: V4L2CameraConfiguration, directory: String, calls: V4L2Calls) throws(DeviceError) {
    self.configuration = configuration
    self.calls = calls
    finder = V4L2Finder(directory: directory, calls: calls)
    do {
      flag = try EventFlag()
    } catch {
      throw .ioFailure(call: error.call, errno: error.code)
    }
  }

  /// Pictures that came damaged since the start, and were left out.
  public var damagedFrames: Int { damage.total }

  public func open(_ wanted: CameraMode) throws(DeviceError) -> CameraStream {
    let known = try begin()
    do throws(DeviceError) {
      let (stream, camera) = try start(wanted, known)
      guard leave(opened: stream, camera.identity) else { throw DeviceError.closed }
      return CameraStream(
        mode: stream.mode, format: stream.layout.format, largestFrameBytes: stream.largestFrameBytes,
        detail: "\(stream.offer.fourCC), \(camera.identity.card)")
    } catch {
      _ = leave()
      throw error
    }
  }

  private func start(
    _ wanted: CameraMode, _ known: V4L2Identity?
  ) throws(DeviceError) -> (V4L2Stream, V4L2Finder.Camera) {
    let camera = try finder.find(configuration.device, known: known)
    let device = try V4L2Device(opening: camera.path, calls)
    device.adopt()
    var offers = V4L2Choice.ranked(
      try device.offers(for: wanted), asked: wanted, format: configuration.format, bus: V4L2Bus(camera.identity.bus),
      largestBytes: configuration.largestFrameBytes)
    guard let best = offers.first else {
      let formats = configuration.format.map { "\($0)" } ?? "MJPEG, YUYV, NV12 or I420"
      throw .unsupported("\(camera.identity.card) has no \(formats) of a size that fits")
    }
    while let offer = offers.first {
      do throws(DeviceError) {
        damage.endRun()
        return (
          try V4L2Stream(
            device, offer, asked: wanted, largestBytes: configuration.largestFrameBytes, damage), camera
        )
      } catch {
        guard case .ioFailure(_, ENOSPC) = error else { throw error }
        // Another device has its share of the bus: something smaller may fit beside it.
        let tried = offer.bytesPerSecond(wanted)
        offers.removeAll { $0.bytesPerSecond(wanted) >= tried * 0.9 }
      }
    }
    throw .unsupported(
      "no room on the USB bus for \(best.width)×\(best.height) in \(best.fourCC), nor for less: "
        + "other devices at the same port take too much")
  }

  public func nextFrame(
    into memory: UnsafeMutableRawBufferPointer, timeoutMilliseconds: Int
  ) throws(DeviceError) -> CapturedFrame {
    let stream = try enter()
    do throws(DeviceError) {
      guard memory.count >= stream.largestFrameBytes else {
        throw DeviceError.unsupported(
          "a picture of \(stream.largestFrameBytes) bytes does not fit into \(memory.count)")
      }
      let frame = try stream.next(
        into: memory, timeoutMilliseconds: timeoutMilliseconds, wakeUp: flag.number,
        isClosing: { state.withLock { $0.isClosing } })
      guard leave() else { throw DeviceError.closed }
      return frame
    } catch {
      // Whatever the driver said then, it was on the way out.
      guard leave() else { throw .closed }
      throw error
    }
  }

  public func close() {
    let stream = state.withLock { state -> V4L2Stream? in
      guard state.stream != nil || state.isInside else { return nil }
      guard !state.isInside, let owner = state.owner, pthread_equal(owner, pthread_self()) != 0 else {
        state.isClosing = true
        flag.raise()
        return nil
      }
      return letGo(&state)
    }
    // The last reference: the driver is told outside the lock.
    withExtendedLifetime(stream) {}
  }

  /// Begins to open; gives what was open last.
  private func begin() throws(DeviceError) -> V4L2Identity? {
    var left: V4L2Stream?
    let known = state.withLock { state -> V4L2Identity?? in
      guard !state.isInside, state.stream == nil || state.isClosing else { return nil }
      left = letGo(&state)
      state.isInside = true
      state.owner = pthread_self()
      return .some(state.known)
    }
    withExtendedLifetime(left) {}
    guard let known else { throw .busy(by: nil) }
    return known
  }

  /// A call goes into the driver.
  private func enter() throws(DeviceError) -> V4L2Stream {
    var left: V4L2Stream?
    let stream = state.withLock { state -> V4L2Stream? in
      guard let stream = state.stream, !state.isInside else { return nil }
      guard !state.isClosing else {
        left = letGo(&state)
        return nil
      }
      state.isInside = true
      return stream
    }
    withExtendedLifetime(left) {}
    guard let stream else { throw .closed }
    return stream
  }

  /// A call is back from the driver. False if the camera was closed meanwhile, and is let go of now.
  private func leave(opened stream: V4L2Stream? = nil, _ identity: V4L2Identity? = nil) -> Bool {
    var left: V4L2Stream?
    let goesOn = state.withLock { state -> Bool in
      state.isInside = false
      if let stream { state.stream = stream }
      if let identity { state.known = identity }
      guard state.isClosing else { return true }
      left = letGo(&state)
      return false
    }
    withExtendedLifetime(left) {}
    return goesOn
  }

  /// Takes the stream out, inside the lock.
  private func letGo(_ state: inout State) -> V4L2Stream? {
    defer { state.stream = nil }
    if state.isClosing { flag.lower() }
    state.isClosing = false
    return state.stream
  }
}
