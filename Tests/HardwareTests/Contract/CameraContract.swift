import Glibc
import Hardware
import Links
import Linux
import Synchronization
import Testing

/// What every camera does, whatever is behind it.
enum CameraContract {
  static let asked = CameraMode(width: 640, height: 480, framesPerSecond: 30)

  struct Check: Sendable, CustomTestStringConvertible {
    var name: String
    var body: @Sendable (any CameraUnderTest) throws -> Void
    var testDescription: String { name }
    init(_ name: String, _ body: @escaping @Sendable (any CameraUnderTest) throws -> Void) {
      self.name = name
      self.body = body
    }
  }

  static let checks: [Check] = [
    Check("it opens in the asked mode or the nearest") { device in
      let stream = try device.camera.open(asked)
      defer { device.camera.close() }
      #expect((16...4_096).contains(stream.mode.width))
      #expect((16...4_096).contains(stream.mode.height))
      #expect((1...240).contains(stream.mode.framesPerSecond))
      let memory = Memory(stream.largestFrameBytes)
      defer { withExtendedLifetime(memory) {} }
      let frame = try device.camera.nextFrame(into: memory.bytes, timeoutMilliseconds: 5_000)
      #expect(frame.width == stream.mode.width)
      #expect(frame.height == stream.mode.height)
      #expect(frame.format == stream.format)
      let pixels = stream.mode.width * stream.mode.height
      switch stream.format {
      case .i420, .nv12: #expect(frame.length == pixels * 3 / 2)
      case .yuyv: #expect(frame.length == pixels * 2)
      case .mjpeg: #expect((1...stream.largestFrameBytes).contains(frame.length))
      }
      if frame.format != .mjpeg { #expect(frame.length == stream.largestFrameBytes) }
    },
    Check("pictures come at about the rate, their times grow and are those of this clock") { device in
      let stream = try device.camera.open(asked)
      defer { device.camera.close() }
      let memory = Memory(stream.largestFrameBytes)
      defer { withExtendedLifetime(memory) {} }
      var times: [MonotonicTime] = []
      let start = MonotonicTime.now()
      for _ in 0..<20 {
        let frame = try device.camera.nextFrame(into: memory.bytes, timeoutMilliseconds: 5_000)
        #expect(frame.captured <= .now())
        times.append(frame.captured)
      }
      #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
      let first = try #require(times.first)
      let last = try #require(times.last)
      #expect(first > start - .seconds(1))
      let interval = (last - first).seconds / 19
      let wanted = 1 / Double(stream.mode.framesPerSecond)
      // A busy machine misses pictures; it never gets too many.
      #expect(interval > wanted * 0.8)
      #expect(interval < wanted * 4)
    },
    Check("who comes late gets the newest") { device in
      let stream = try device.camera.open(asked)
      defer { device.camera.close() }
      let memory = Memory(stream.largestFrameBytes)
      defer { withExtendedLifetime(memory) {} }
      let first = try device.camera.nextFrame(into: memory.bytes, timeoutMilliseconds: 5_000)
      // Until the driver has filled all that it has, several times over.
      usleep(600_000)
      let late = try device.camera.nextFrame(into: memory.bytes, timeoutMilliseconds: 5_000)
      #expect(late.captured - first.captured > .milliseconds(500))
      #expect(MonotonicTime.now() - late.captured < .milliseconds(250))
    },
    Check("closing from another thread ends a wait") { device in
      let end = try outcome(of: device) { device.camera.close() }
      #expect(end == .closed)
      let memory = Memory(1 << 22)
      defer { withExtendedLifetime(memory) {} }
      #expect(throws: DeviceError.closed) { try device.camera.nextFrame(into: memory.bytes, timeoutMilliseconds: 100) }
      // And it can be opened again.
      let stream = try device.camera.open(asked)
      try onePicture(device, stream)
      device.camera.close()
    },
    Check("pulled it is gone, put back it works, again and again") { device in
      for _ in 0..<3 {
        let stream = try openPatiently(device)
        let memory = Memory(stream.largestFrameBytes)
        defer { withExtendedLifetime(memory) {} }
        _ = try device.camera.nextFrame(into: memory.bytes, timeoutMilliseconds: 5_000)
        try device.unplug()
        var error: DeviceError?
        // One that was on its way may still come.
        for _ in 0..<10 where error == nil {
          do throws(DeviceError) {
            _ = try device.camera.nextFrame(into: memory.bytes, timeoutMilliseconds: 5_000)
          } catch let failure {
            error = failure
          }
        }
        #expect(error == .gone)
        device.camera.close()
        #expect(throws: DeviceError.gone) { _ = try device.camera.open(asked) }
        try device.plug()
      }
      let stream = try openPatiently(device)
      try onePicture(device, stream)
      device.camera.close()
    },
    Check("pulled again and again in mid-stream leaves nothing behind") { device in
      // Other tests of the process come and go meanwhile, so the least counts of what is more than before.
      func held() -> Int { Files.names(in: "/proc/self/fd").count }
      let before = held()
      var least = Int.max
      let memory = Memory(1 << 22)
      defer { withExtendedLifetime(memory) {} }
      for _ in 0..<device.pulls {
        let stream = try openPatiently(device)
        #expect(stream.largestFrameBytes <= 1 << 22)
        _ = try device.camera.nextFrame(into: memory.bytes, timeoutMilliseconds: 5_000)
        try device.unplug()
        #expect(throws: DeviceError.gone) {
          for _ in 0..<10 { _ = try device.camera.nextFrame(into: memory.bytes, timeoutMilliseconds: 5_000) }
        }
        device.camera.close()
        try device.plug()
        least = min(least, held() - before)
      }
      #expect(least < device.pulls / 2)
      let stream = try openPatiently(device)
      try onePicture(device, stream)
      device.camera.close()
      // Of a descriptor for each of them, most would still be there.
      #expect(held() - before < device.pulls * 9 / 10)
    },
    Check("memory that is too small is refused") { device in
      let stream = try device.camera.open(asked)
      defer { device.camera.close() }
      let memory = Memory(stream.largestFrameBytes)
      defer { withExtendedLifetime(memory) {} }
      let small = UnsafeMutableRawBufferPointer(rebasing: memory.bytes.dropLast())
      #expect(
        throws: DeviceError.unsupported(
          "a picture of \(stream.largestFrameBytes) bytes does not fit into \(stream.largestFrameBytes - 1)")
      ) { try device.camera.nextFrame(into: small, timeoutMilliseconds: 5_000) }
      _ = try device.camera.nextFrame(into: memory.bytes, timeoutMilliseconds: 5_000)
    },
    Check("it is open once") { device in
      let memory = Memory(1 << 22)
      defer { withExtendedLifetime(memory) {} }
      #expect(throws: DeviceError.closed) { try device.camera.nextFrame(into: memory.bytes, timeoutMilliseconds: 100) }
      device.camera.close()
      _ = try device.camera.open(asked)
      #expect(throws: DeviceError.busy(by: nil)) { _ = try device.camera.open(asked) }
      _ = try device.camera.nextFrame(into: memory.bytes, timeoutMilliseconds: 5_000)
      device.camera.close()
      device.camera.close()
    },
    Check("a hundred openings leave nothing behind") { device in
      // Other tests of the process come and go meanwhile, so the least of several rounds counts.
      var least = Int.max
      for _ in 0..<5 where least >= 50 {
        let before = Files.names(in: "/proc/self/fd").count
        for _ in 0..<100 {
          _ = try device.camera.open(asked)
          device.camera.close()
        }
        least = min(least, Files.names(in: "/proc/self/fd").count - before)
      }
      #expect(least < 50)
      let stream = try device.camera.open(asked)
      try onePicture(device, stream)
      device.camera.close()
    },
  ]

  private static func onePicture(_ device: any CameraUnderTest, _ stream: CameraStream) throws {
    let memory = Memory(stream.largestFrameBytes)
    defer { withExtendedLifetime(memory) {} }
    _ = try device.camera.nextFrame(into: memory.bytes, timeoutMilliseconds: 5_000)
  }

  /// A node may come a moment after its device.
  private static func openPatiently(_ device: any CameraUnderTest) throws -> CameraStream {
    let deadline = MonotonicTime.now() + .seconds(10)
    while true {
      do throws(DeviceError) {
        return try device.camera.open(asked)
      } catch {
        guard MonotonicTime.now() < deadline else { throw error }
        usleep(50_000)
      }
    }
  }

  /// What ends a thread that takes pictures.
  private static func outcome(of device: any CameraUnderTest, after act: () throws -> Void) throws -> DeviceError? {
    final class Outcome: Sendable {
      let error = Mutex<DeviceError?>(nil)
      let pictures = Atomic(0)
    }
    let outcome = Outcome()
    let camera = device.camera
    let thread = try Worker(name: "camera") {
      do throws(DeviceError) {
        let stream = try camera.open(asked)
        let memory = Memory(stream.largestFrameBytes)
        defer { withExtendedLifetime(memory) {} }
        while true {
          _ = try camera.nextFrame(into: memory.bytes, timeoutMilliseconds: 60_000)
          outcome.pictures.add(1, ordering: .relaxed)
        }
      } catch {
        outcome.error.withLock { $0 = error }
      }
    }
    let deadline = MonotonicTime.now() + .seconds(10)
    while outcome.pictures.load(ordering: .relaxed) < 3, MonotonicTime.now() < deadline { usleep(1_000) }
    try act()
    thread.join()
    return outcome.error.withLock { $0 }
  }
}

@Suite struct CameraContractTests {
  @Test(arguments: CameraMaker.everywhere, CameraContract.checks)
  func holds(_ camera: CameraMaker, _ check: CameraContract.Check) throws { try check.body(camera.make()) }
}

/// Cameras of this machine's kernel, one test after the other: there is one of each.
@Suite(.serialized) struct KernelCameraTests {
  @Suite(.enabled(if: !CameraMaker.inVirtualMachine.isEmpty, "no camera to pull here: Tests/VM/run has some"))
  struct ContractTests {
    @Test(arguments: CameraMaker.inVirtualMachine, CameraContract.checks)
    func holds(_ camera: CameraMaker, _ check: CameraContract.Check) throws { try check.body(camera.make()) }
  }
}
