import Hardware
import Links
import Linux

/// What the camera thread does: open, fill slots, and open again what went away.
enum CameraCapture {
  static let retryAfter = Interval.milliseconds(250)
  /// A camera that says nothing for so long is as good as unplugged: some do not notice that they are.
  static let frameTimeoutMilliseconds = 2_000

  static func body(_ camera: any Camera, _ ring: FrameRing) -> DeviceThread<CameraMode>.Body {
    { mode, stop, report in
      // Where a frame goes that finds no slot: it has to be taken from the camera all the same.
      let spare = UnsafeMutableRawBufferPointer.allocate(byteCount: ring.slotBytes, alignment: 4_096)
      defer { spare.deallocate() }
      while !stop.isRaised {
        do throws(DeviceError) {
          let stream = try camera.open(mode)
          guard stream.largestFrameBytes <= ring.slotBytes else {
            throw DeviceError.unsupported(
              "pictures of \(stream.largestFrameBytes) bytes, at most \(ring.slotBytes) expected")
          }
          report(.running(stream.mode))
          while !stop.isRaised { try capture(camera, ring, spare) }
        } catch {
          camera.close()
          if stop.isRaised { break }
          report(.gone(error == .timedOut ? "no pictures" : error.description))
          stop.wait(atMost: retryAfter)
        }
      }
      camera.close()
    }
  }

  private static func capture(
    _ camera: any Camera, _ ring: FrameRing, _ spare: UnsafeMutableRawBufferPointer
  ) throws(DeviceError) {
    guard let slot = ring.take(), let memory = ring.memory(of: slot) else {
      _ = try camera.nextFrame(into: spare, timeoutMilliseconds: frameTimeoutMilliseconds)
      return ring.countDropped()
    }
    let frame: CapturedFrame
    do {
      frame = try camera.nextFrame(into: memory, timeoutMilliseconds: frameTimeoutMilliseconds)
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
