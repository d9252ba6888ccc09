import CV4L2
import Glibc
import Links
import Linux
import Testing

@testable import Hardware

/// What each error of the kernel makes of the camera.
@Suite struct V4L2FaultTests {
  static let mode = CameraMode(width: 640, height: 480, framesPerSecond: 30)
  static let bytes = 640 * 480 * 2

  struct Fault: Sendable, CustomTestStringConvertible {
    var name: String
    var prepare: @Sendable (PlayedV4L2) -> Void
    /// Nil if it goes well all the same.
    var error: DeviceError?
    var testDescription: String { name }
    init(_ name: String, _ error: DeviceError?, _ prepare: @escaping @Sendable (PlayedV4L2) -> Void) {
      self.name = name
      self.prepare = prepare
      self.error = error
    }
  }

  /// A camera that is found, and its kernel.
  static func make(
    _ camera: PlayedV4L2.Camera = .init(), _ configuration: V4L2CameraConfiguration = .init()
  ) throws -> (V4L2Camera, PlayedV4L2) {
    let kernel = try PlayedV4L2()
    try kernel.plug(camera, at: 0)
    return (try V4L2Camera(configuration, directory: kernel.directory.path, calls: kernel.calls), kernel)
  }

  static let openFaults = [
    Fault("nothing wrong", nil) { _ in },
    Fault("open interrupted", nil) { $0.failOpen(EINTR, EINTR) },
    Fault("format request interrupted", nil) { $0.fail(.setFormat, EINTR, EINTR, EINTR) },
    Fault("the format is taken", .busy(by: "motion")) { $0.fail(.setFormat, EBUSY) },
    Fault("the buffers are taken", .busy(by: "motion")) { $0.fail(.requestBuffers, EBUSY) },
    Fault("the stream is taken", .busy(by: "motion")) { $0.fail(.streamOn, EBUSY) },
    Fault("no memory for buffers", .ioFailure(call: "VIDIOC_REQBUFS", errno: ENOMEM)) {
      $0.fail(.requestBuffers, ENOMEM)
    },
    Fault("no memory for a mapping", .ioFailure(call: "mmap", errno: ENOMEM)) { $0.failMap(ENOMEM) },
    Fault("gone while the menu is read", .gone) { $0.fail(.formats, ENODEV) },
    Fault("gone while sizes are read", .gone) { $0.fail(.frameSizes, ENXIO) },
    Fault("gone while buffers are queued", .gone) { $0.fail(.queue, 0, ENODEV) },
    Fault("the driver fails to start", .ioFailure(call: "VIDIOC_STREAMON", errno: EIO)) { $0.fail(.streamOn, EIO) },
    Fault("a pipe is broken", .ioFailure(call: "VIDIOC_STREAMON", errno: EPIPE)) { $0.fail(.streamOn, EPIPE) },
    Fault("no rate can be set", nil) { $0.fail(.parameters, ENOTTY) },
    Fault("the rate is refused", nil) { $0.fail(.setParameters, EINVAL) },
    Fault("no controls", nil) { $0.fail(.setControl, EINVAL, EINVAL) },
    Fault("no list of sizes", nil) { $0.fail(.frameSizes, ENOTTY, ENOTTY) },
  ]

  @Test(arguments: openFaults) func opening(_ fault: Fault) throws {
    let (camera, kernel) = try Self.make()
    fault.prepare(kernel)
    var got: DeviceError?
    do throws(DeviceError) { _ = try camera.open(Self.mode) } catch { got = error }
    #expect(got == fault.error)
    if fault.error != nil {
      #expect(kernel.held == 0)
      // The next attempt finds everything as if nothing had been.
      _ = try camera.open(Self.mode)
    }
    camera.close()
    #expect(kernel.held == 0)
  }

  static let frameFaults = [
    Fault("a picture", nil) { $0.happen(.picture(9)) },
    Fault("the wait is interrupted", nil) { $0.happen(.failure(EINTR), .failure(EAGAIN), .picture(9)) },
    Fault("taking it is interrupted", nil) {
      $0.fail(.dequeue, EINTR)
      $0.happen(.picture(9))
    },
    Fault("woken for nothing", nil) {
      $0.fail(.dequeue, EAGAIN)
      $0.happen(.picture(9), .picture(9))
    },
    Fault("nothing comes", .timedOut) { _ in },
    Fault("the wait fails", .ioFailure(call: "poll", errno: ENOMEM)) { $0.happen(.failure(ENOMEM)) },
    Fault("pulled", .gone) { $0.happen(.unplug) },
    Fault("trouble without a word", .ioFailure(call: "poll", errno: EIO)) { $0.happen(.trouble) },
    Fault("the driver fails", .ioFailure(call: "VIDIOC_DQBUF", errno: EIO)) {
      $0.fail(.dequeue, EIO)
      $0.happen(.picture(9))
    },
    Fault("a pipe is broken", .ioFailure(call: "VIDIOC_DQBUF", errno: EPIPE)) {
      $0.fail(.dequeue, EPIPE)
      $0.happen(.picture(9))
    },
    Fault("gone while it is taken", .gone) {
      $0.fail(.dequeue, ENODEV)
      $0.happen(.picture(9))
    },
    Fault("gone while the buffer is given back", .gone) {
      $0.happen(.picture(9))
      $0.fail(.queue, ENODEV)
    },
    Fault("one marked bad", nil) {
      $0.happen(
        .buffer(
          bytes: bytes, flags: UInt32(V4L2_BUF_FLAG_ERROR) | UInt32(V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC)), .picture(9))
    },
    Fault("one empty", nil) { $0.happen(.buffer(bytes: 0), .picture(9)) },
    Fault("one short", nil) { $0.happen(.buffer(bytes: bytes - 1), .picture(9)) },
    Fault("one longer than its buffer", nil) { $0.happen(.buffer(bytes: 1 << 30), .picture(9)) },
    Fault("a bad one and then none", .damaged(1)) { $0.happen(.buffer(bytes: 0)) },
    Fault("only bad ones", .damaged(V4L2Stream.mostDamaged)) { kernel in
      for _ in 0..<100 { kernel.happen(.buffer(bytes: 0)) }
    },
  ]

  @Test(arguments: frameFaults) func taking(_ fault: Fault) throws {
    let (camera, kernel) = try Self.make()
    let stream = try camera.open(Self.mode)
    fault.prepare(kernel)
    let memory = Memory(stream.largestFrameBytes)
    defer { withExtendedLifetime(memory) {} }
    var got: DeviceError?
    var frame: CapturedFrame?
    do throws(DeviceError) {
      frame = try camera.nextFrame(into: memory.bytes, timeoutMilliseconds: 2_000)
    } catch {
      got = error
    }
    #expect(got == fault.error)
    if fault.error == nil {
      #expect(frame?.length == Self.bytes)
      #expect(frame?.format == .yuyv)
      #expect(memory.bytes.allSatisfy { $0 == 9 })
    }
    camera.close()
    #expect(kernel.held == 0)
  }

  @Test func damagedPicturesAreCounted() throws {
    let (camera, kernel) = try Self.make()
    let memory = Memory(try camera.open(Self.mode).largestFrameBytes)
    defer { withExtendedLifetime(memory) {} }
    kernel.happen(.buffer(bytes: 0), .buffer(bytes: 5), .picture(1), .buffer(bytes: 0), .picture(2))
    for value in [1, 2] as [UInt8] {
      _ = try camera.nextFrame(into: memory.bytes, timeoutMilliseconds: 100)
      #expect(memory.bytes[0] == value)
    }
    #expect(camera.damagedFrames == 3)
  }

  @Test func aTimeOutIsKept() throws {
    let (camera, kernel) = try Self.make()
    let memory = Memory(try camera.open(Self.mode).largestFrameBytes)
    defer { withExtendedLifetime(memory) {} }
    let before = kernel.now
    #expect(throws: DeviceError.timedOut) { try camera.nextFrame(into: memory.bytes, timeoutMilliseconds: 300) }
    #expect(kernel.now - before == .milliseconds(300))
  }

  @Test func theNewestIsTakenAndTheOthersGivenBack() throws {
    let (camera, kernel) = try Self.make()
    let memory = Memory(try camera.open(Self.mode).largestFrameBytes)
    defer { withExtendedLifetime(memory) {} }
    kernel.happen(.bunch([1, 2, 3]))
    _ = try camera.nextFrame(into: memory.bytes, timeoutMilliseconds: 100)
    #expect(memory.bytes[0] == 3)
    #expect(kernel.count(.queue) == 4 + 3)
  }

  /// A driver without free buffers drops what comes: what waits then is old, and is not given out as new.
  @Test func whatWaitedInAStarvedDriverIsPassedOver() throws {
    let (camera, kernel) = try Self.make()
    let memory = Memory(try camera.open(Self.mode).largestFrameBytes)
    defer { withExtendedLifetime(memory) {} }
    kernel.fill([1, 2, 3, 4], thenPass: .milliseconds(500))
    kernel.happen(.picture(5))
    let frame = try camera.nextFrame(into: memory.bytes, timeoutMilliseconds: 1_000)
    #expect(memory.bytes[0] == 5)
    #expect(frame.captured == kernel.now)
    // Three leave the driver one: the newest is what there was a moment ago.
    kernel.fill([6, 7, 8], thenPass: .milliseconds(30))
    _ = try camera.nextFrame(into: memory.bytes, timeoutMilliseconds: 1_000)
    #expect(memory.bytes[0] == 8)
  }

  @Test func timesOfTheDriverAreUsedWhereTheyCanBeRight() throws {
    let (camera, kernel) = try Self.make()
    let memory = Memory(try camera.open(Self.mode).largestFrameBytes)
    defer { withExtendedLifetime(memory) {} }
    func frame() throws -> MonotonicTime {
      try camera.nextFrame(into: memory.bytes, timeoutMilliseconds: 100).captured
    }
    kernel.happen(.picture(1, age: .milliseconds(20)))
    let first = try frame()
    #expect(kernel.now - first == .milliseconds(20))
    // A time to come, one long past, another clock.
    kernel.happen(
      .picture(2, age: .milliseconds(-50)), .picture(3, age: .seconds(2_000)), .buffer(bytes: Self.bytes, flags: 0))
    for _ in 0..<3 { #expect(try frame() == kernel.now) }
    // Not back in time.
    kernel.happen(.picture(4, age: .milliseconds(500)))
    #expect(try frame() > first)
  }

  @Test func withoutRoomOnTheBusSomethingSmallerIsTaken() throws {
    let (camera, kernel) = try Self.make()
    kernel.fail(.streamOn, ENOSPC)
    #expect(try camera.open(Self.mode).format == .mjpeg)
    camera.close()
    kernel.fail(.streamOn, ENOSPC, ENOSPC, ENOSPC, ENOSPC, ENOSPC)
    do {
      _ = try camera.open(Self.mode)
      Issue.record("opened")
    } catch {
      #expect(error.description.hasPrefix("no room on the USB bus for 640×480 in YUYV"))
    }
    #expect(kernel.held == 0)
  }

  @Test func memoryThatIsTooSmallIsRefused() throws {
    let (camera, _) = try Self.make()
    let stream = try camera.open(Self.mode)
    let memory = Memory(stream.largestFrameBytes - 1)
    defer { withExtendedLifetime(memory) {} }
    #expect(throws: DeviceError.unsupported("a picture of 614400 bytes does not fit into 614399")) {
      try camera.nextFrame(into: memory.bytes, timeoutMilliseconds: 100)
    }
  }

  @Test func controlsThatSlowTheCameraAreSwitchedOff() throws {
    let (camera, kernel) = try Self.make()
    _ = try camera.open(Self.mode)
    #expect(kernel.controls == [FIELDBOX_EXPOSURE_AUTO_PRIORITY, FIELDBOX_POWER_LINE_FREQUENCY])
  }

  @Test(arguments: [PixelFormat.yuyv, .nv12, .i420]) func paddingIsLeftOut(_ format: PixelFormat) throws {
    let fourCC: FourCC = format == .yuyv ? .yuyv : format == .nv12 ? .nv12 : .i420
    var played = PlayedV4L2.Camera()
    played.menu = [.init(fourCC, [(64, 48, [30])])]
    played.padding = 32
    let (camera, kernel) = try Self.make(played)
    let stream = try camera.open(CameraMode(width: 64, height: 48, framesPerSecond: 30))
    let tight = format == .yuyv ? 64 * 48 * 2 : 64 * 48 * 3 / 2
    #expect(stream.largestFrameBytes == tight)
    let memory = Memory(tight)
    defer { withExtendedLifetime(memory) {} }
    kernel.happen(.picture(3))
    #expect(try camera.nextFrame(into: memory.bytes, timeoutMilliseconds: 100).length == tight)
    #expect(memory.bytes.allSatisfy { $0 == 3 })
  }

  @Test func aDriverThatGrantsSomethingElseIsBelieved() throws {
    var played = PlayedV4L2.Camera()
    played.forcedSize = (800, 600)
    let (camera, _) = try Self.make(played)
    let stream = try camera.open(Self.mode)
    #expect(stream.mode.width == 800)
    #expect(stream.largestFrameBytes == 800 * 600 * 2)
    camera.close()
    let (small, kernel) = try Self.make(played, V4L2CameraConfiguration(largestFrameBytes: Self.bytes))
    #expect(throws: DeviceError.unsupported("pictures of 960000 bytes, at most 614400 expected")) {
      _ = try small.open(Self.mode)
    }
    #expect(kernel.held == 0)
  }

  @Test(arguments: [0, 1, 33] as [UInt32]) func senselessNumbersOfBuffersAreRefused(_ count: UInt32) throws {
    var played = PlayedV4L2.Camera()
    played.buffers = count
    let (camera, kernel) = try Self.make(played)
    #expect(throws: DeviceError.unsupported("the driver has \(count) buffers, at least 2 expected")) {
      _ = try camera.open(Self.mode)
    }
    #expect(kernel.held == 0)
  }

  @Test func aHundredFailedOpeningsLeaveNothing() throws {
    let (camera, kernel) = try Self.make()
    for index in 0..<100 {
      switch index % 4 {
      case 0: kernel.fail(.streamOn, EIO)
      case 1: kernel.failMap(ENOMEM)
      case 2: kernel.fail(.queue, EIO)
      default: kernel.fail(.setFormat, EBUSY)
      }
      #expect(throws: DeviceError.self) { _ = try camera.open(Self.mode) }
      #expect(kernel.held == 0)
    }
  }
}
