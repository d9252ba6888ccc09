import Hardware
import Links
import Linux

/// What the camera thread does: open, fill slots, and open again what went away.
enum CameraCapture {
  static let retryAfter = Interval.milliseconds(250)
  /// A camera that says nothing for so long is as good as unplugged: some do not notice that they are.
  static let frameTimeoutMilliseconds = 2_000

  /// How long the driver may take. Real ones take seconds to open: firmware is loaded, a sensor woken.
  struct Limits: Sendable {
    var open = Interval.seconds(15)
    /// Beyond the time that a picture is waited for.
    var frame = Interval.seconds(3)
    var close = Interval.seconds(5)
  }

  static func body(
    _ camera: any Camera, _ ring: FrameRing, _ pulse: DevicePulse = DevicePulse(), _ limits: Limits = Limits()
  ) -> DeviceThread<CameraMode>.Body {
    { mode, stop, report in
      // Where a frame goes that finds no slot: it has to be taken from the camera all the same.
      let spare = UnsafeMutableRawBufferPointer.allocate(byteCount: ring.slotBytes, alignment: 4_096)
      defer { spare.deallocate() }
      while !stop.isRaised {
        do throws(DeviceError) {
          let stream = try pulse.call(within: limits.open) { () throws(DeviceError) in try camera.open(mode) }
          guard stream.largestFrameBytes <= ring.slotBytes else {
            throw DeviceError.unsupported(
              "its pictures are larger (\(stream.mode.width)×\(stream.mode.height)) than width and height in board.conf"
            )
          }
          while !stop.isRaised {
            try capture(camera, ring, spare, pulse, limits)
            // Not before: one that opens and delivers nothing would come and go four times a second.
            report(.running(stream.mode, detail: stream.detail))
          }
        } catch {
          close(camera, pulse, limits)
          if stop.isRaised { break }
          report(.gone(error == .timedOut ? "no pictures" : error.description))
          stop.wait(atMost: retryAfter)
        }
      }
      close(camera, pulse, limits)
    }
  }

  /// The mode for people, with what was asked for if it is another.
  static func words(_ mode: CameraMode, asked: CameraMode) -> String {
    guard mode != asked else { return "\(mode.width)×\(mode.height), \(mode.framesPerSecond) frames a second" }
    return "asked \(asked.width)×\(asked.height) at \(asked.framesPerSecond), "
      + "nearest \(mode.width)×\(mode.height) at \(mode.framesPerSecond)"
  }

  private static func close(_ camera: any Camera, _ pulse: DevicePulse, _ limits: Limits) {
    // It cannot throw; the pulse is for calls that can.
    try? pulse.call(within: limits.close) { () throws(DeviceError) in camera.close() }
  }

  private static func capture(
    _ camera: any Camera, _ ring: FrameRing, _ spare: UnsafeMutableRawBufferPointer, _ pulse: DevicePulse,
    _ limits: Limits
  ) throws(DeviceError) {
    let limit = limits.frame + .milliseconds(Int64(frameTimeoutMilliseconds))
    func next(_ memory: UnsafeMutableRawBufferPointer) throws(DeviceError) -> CapturedFrame {
      try pulse.call(within: limit) { () throws(DeviceError) in
        try camera.nextFrame(into: memory, timeoutMilliseconds: frameTimeoutMilliseconds)
      }
    }
    guard let slot = ring.take(), let memory = ring.memory(of: slot) else {
      _ = try next(spare)
      return ring.countDropped()
    }
    let frame: CapturedFrame
    do {
      frame = try next(memory)
    } catch {
      ring.giveBack(slot)
      throw error
    }
    ring.publish(slot) { sequence in
      FrameReady(
        slot: UInt32(clamping: slot), format: frame.format, width: UInt32(clamping: frame.width),
        height: UInt32(clamping: frame.height), length: UInt32(clamping: frame.length), sequence: sequence,
        captured: frame.captured)
    }
  }
}
