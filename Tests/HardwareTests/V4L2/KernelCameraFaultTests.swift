import CV4L2
import Glibc
import Links
import Linux
import TestSupport
import Testing

@testable import Hardware

/// What the kernel's own drivers make of faults, in the virtual machine: vivid's injected errors, and a USB camera whose firmware
/// misbehaves by order.
enum KernelCameras {
  static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
  static let vivid = variable("FIELDBOX_VM_VIVID")
  static let usb = (tool: variable("FIELDBOX_VM_USB"), socket: variable("FIELDBOX_VM_CAMERA"))

  static let mode = CameraMode(width: 640, height: 480, framesPerSecond: 30)

  /// What ends a row of pictures; nil if all of them come.
  static func take(
    _ count: Int, _ camera: V4L2Camera, _ stream: CameraStream, timeoutMilliseconds: Int = 3_000
  ) -> DeviceError? {
    let memory = Memory(stream.largestFrameBytes)
    defer { withExtendedLifetime(memory) {} }
    do throws(DeviceError) {
      for _ in 0..<count { _ = try camera.nextFrame(into: memory.bytes, timeoutMilliseconds: timeoutMilliseconds) }
      return nil
    } catch {
      return error
    }
  }
}

extension KernelCameraTests {
  @Suite(.enabled(if: KernelCameras.vivid != nil, "no vivid here: Tests/VM/run has it"))
  struct VividFaultTests {
    /// The buttons of vivid that make one error each (vivid-ctrls.c).
    private enum Injection: UInt32 {
      case disconnect = 0x00F0_F041
      case damagedBuffer, requestBuffers, queue, streamOn, fatal
    }

    private let path = KernelCameras.vivid ?? ""
    private let camera: V4L2Camera

    init() throws { camera = try V4L2Camera(V4L2CameraConfiguration(device: path)) }

    private func inject(_ injection: Injection) throws {
      var control = v4l2_control(id: injection.rawValue, value: 1)
      try V4L2Device(opening: path, .library).request(.setControl, &control)
    }

    @Test func aDisconnectedDeviceIsGoneAndComesBack() throws {
      let stream = try camera.open(KernelCameras.mode)
      #expect(KernelCameras.take(2, camera, stream) == nil)
      try inject(.disconnect)
      #expect(KernelCameras.take(10, camera, stream) == .gone)
      camera.close()
      let again = try camera.open(KernelCameras.mode)
      #expect(KernelCameras.take(2, camera, again) == nil)
      camera.close()
    }

    @Test func aBufferMarkedBadIsLeftOutAndCounted() throws {
      let stream = try camera.open(KernelCameras.mode)
      #expect(KernelCameras.take(2, camera, stream) == nil)
      try inject(.damagedBuffer)
      #expect(KernelCameras.take(10, camera, stream) == nil)
      #expect(camera.damagedFrames >= 1)
      camera.close()
    }

    @Test(arguments: [2, 4] as [UInt32]) func aRefusedStartIsTypedAndTheNextOneWorks(_ place: UInt32) throws {
      try inject(#require(Injection(rawValue: Injection.disconnect.rawValue + place)))
      var error: DeviceError?
      do throws(DeviceError) {
        _ = try camera.open(KernelCameras.mode)
      } catch let refusal {
        error = refusal
      }
      #expect(error == .ioFailure(call: place == 2 ? "VIDIOC_REQBUFS" : "VIDIOC_STREAMON", errno: EINVAL))
      let stream = try camera.open(KernelCameras.mode)
      #expect(KernelCameras.take(2, camera, stream) == nil)
      camera.close()
    }

    @Test(arguments: [3, 5] as [UInt32]) func aFailingStreamIsTypedAndTheNextOneWorks(_ place: UInt32) throws {
      let stream = try camera.open(KernelCameras.mode)
      #expect(KernelCameras.take(2, camera, stream) == nil)
      try inject(#require(Injection(rawValue: Injection.disconnect.rawValue + place)))
      let error = KernelCameras.take(10, camera, stream)
      if case .ioFailure = error {} else { Issue.record("expected a failed call, got \(String(describing: error))") }
      camera.close()
      let again = try camera.open(KernelCameras.mode)
      #expect(KernelCameras.take(2, camera, again) == nil)
      camera.close()
    }

    @Test func aSecondProgramIsNamed() throws {
      let first = try camera.open(KernelCameras.mode)
      let other = try V4L2Camera(V4L2CameraConfiguration(device: path))
      // We are both programs here, and not told apart.
      #expect(throws: DeviceError.busy(by: nil)) { _ = try other.open(KernelCameras.mode) }
      #expect(KernelCameras.take(2, camera, first) == nil)
      camera.close()
    }

    @Test(arguments: [PixelFormat.yuyv, .nv12, .i420]) func rawFormatsComeWithoutPadding(_ format: PixelFormat) throws {
      let camera = try V4L2Camera(V4L2CameraConfiguration(device: path, format: format))
      let stream = try camera.open(KernelCameras.mode)
      #expect(stream.format == format)
      let pixels = stream.mode.width * stream.mode.height
      #expect(stream.largestFrameBytes == (format == .yuyv ? pixels * 2 : pixels * 3 / 2))
      #expect(KernelCameras.take(3, camera, stream) == nil)
      camera.close()
    }
  }
}

extension KernelCameraTests {
  @Suite(
    .enabled(
      if: KernelCameras.usb.tool != nil && KernelCameras.usb.socket != nil, "no USB camera here: Tests/VM/run has one"))
  struct USBCameraFaultTests {
    private let camera: V4L2Camera

    init() throws { camera = try V4L2Camera() }

    private func tell(_ words: String...) throws {
      let tool = try #require(KernelCameras.usb.tool)
      var spawn = Spawn(path: tool, arguments: [tool, "tell", try #require(KernelCameras.usb.socket)] + words)
      spawn.output = 1
      let pid = try spawn.start()
      var information = siginfo_t()
      while waitid(P_PID, id_t(pid), &information, WEXITED) != 0, errno == EINTR {}
    }

    private func open() throws -> CameraStream {
      let deadline = MonotonicTime.now() + .seconds(10)
      while true {
        do throws(DeviceError) {
          return try camera.open(KernelCameras.mode)
        } catch {
          guard MonotonicTime.now() < deadline else { throw error }
          usleep(50_000)
        }
      }
    }

    @Test func anotherNumberIsTheSameCamera() throws {
      let stream = try open()
      #expect(stream.format == .mjpeg)
      #expect(KernelCameras.take(3, camera, stream) == nil)
      let before = try V4L2Finder(calls: .library).find("auto", known: nil)
      try tell("unplug", "hold")
      #expect(KernelCameras.take(20, camera, stream) == .gone)
      camera.close()
      try tell("plug")
      let again = try open()
      #expect(KernelCameras.take(3, camera, again) == nil)
      camera.close()
      let after = try V4L2Finder(calls: .library).find("auto", known: before.identity)
      #expect(after.path != before.path)
      #expect(after.identity.card == before.identity.card)
      try tell("release")
    }

    @Test func silenceIsATimeOut() throws {
      let stream = try open()
      #expect(KernelCameras.take(3, camera, stream) == nil)
      try tell("stall", "on")
      #expect(KernelCameras.take(20, camera, stream, timeoutMilliseconds: 1_000) == .timedOut)
      camera.close()
      try tell("stall", "off")
      let again = try open()
      #expect(KernelCameras.take(3, camera, again) == nil)
      camera.close()
    }

    @Test func onlyDamagedPicturesAreAFault() throws {
      let stream = try open()
      #expect(KernelCameras.take(3, camera, stream) == nil)
      try tell("error", "on")
      // The driver keeps damaged pictures to itself, or hands them on as such where its parameter nodrop says so.
      switch KernelCameras.take(200, camera, stream, timeoutMilliseconds: 1_500) {
      case .damaged, .timedOut: break
      case let other: Issue.record("expected damage or silence, got \(String(describing: other))")
      }
      try tell("error", "off")
      // The stream itself goes on.
      #expect(KernelCameras.take(3, camera, stream) == nil)
      camera.close()
    }
  }
}
