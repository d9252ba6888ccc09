import CV4L2
import Glibc
import Links
import Linux
import Synchronization

/// A running stream of pictures, the one owner of its buffers. Used by one thread at a time, which ``V4L2Camera`` sees to.
final class V4L2Stream: @unchecked Sendable {
  /// So many damaged pictures in a row are a fault of the camera; single ones come with every bad cable.
  static let mostDamaged = 30
  /// A picture that claims to be older was never waited for: its time is wrong.
  private static let oldest = Interval.seconds(1)

  let offer: V4L2Offer
  let mode: CameraMode
  let layout: V4L2Layout
  let largestFrameBytes: Int
  private let device: V4L2Device
  private let buffers: V4L2Buffers
  private let damaged: V4L2Damage
  private let interval: Interval
  private var last = MonotonicTime(microseconds: 0)

  /// Sets the format and the rate, and starts.
  /// - Parameter largestBytes: the room for one picture; longer ones are refused, or left out if they are JPEG.
  init(_ device: V4L2Device, _ offer: V4L2Offer, asked: CameraMode, largestBytes: Int, _ damaged: V4L2Damage)
    throws(DeviceError)
  {
    self.device = device
    self.offer = offer
    self.damaged = damaged
    let picture = try Self.setFormat(device, offer)
    guard let format = FourCC(code: picture.pixelformat).pixelFormat else {
      throw .unsupported("the driver made \(FourCC(code: picture.pixelformat)) of \(offer.fourCC)")
    }
    let (width, height) = (Int(picture.width), Int(picture.height))
    guard let layout = V4L2Layout(format, width: width, height: height, bytesPerLine: Int(picture.bytesperline)) else {
      throw .unsupported(
        "rows of \(picture.bytesperline) bytes for \(width)×\(height) in \(FourCC(code: picture.pixelformat))")
    }
    self.layout = layout
    let sizeOfImage = Int(picture.sizeimage)
    largestFrameBytes = format == .mjpeg ? min(max(sizeOfImage, 1), largestBytes) : layout.tightBytes
    guard largestFrameBytes <= largestBytes else {
      throw .unsupported("pictures of \(largestFrameBytes) bytes, at most \(largestBytes) expected")
    }
    let rate = Self.setRate(device, offer.interval ?? V4L2Interval(1, UInt32(clamping: max(1, asked.framesPerSecond))))
    let framesPerSecond = (rate ?? offer.interval)?.framesPerSecond ?? asked.framesPerSecond
    mode = CameraMode(width: width, height: height, framesPerSecond: max(1, framesPerSecond))
    interval = .microseconds(1_000_000 / Int64(mode.framesPerSecond))
    Self.holdRate(device)
    buffers = try V4L2Buffers(device)
    for index in 0..<buffers.count { try buffers.queue(UInt32(index)) }
    var type = V4L2_BUF_TYPE_VIDEO_CAPTURE.rawValue
    let code = device.attempt(.streamOn, &type)
    guard code == 0 else { throw device.error(V4L2Request.streamOn.rawValue, code) }
  }

  deinit {
    var type = V4L2_BUF_TYPE_VIDEO_CAPTURE.rawValue
    _ = device.attempt(.streamOff, &type)
  }

  private static func setFormat(_ device: V4L2Device, _ offer: V4L2Offer) throws(DeviceError) -> v4l2_pix_format {
    var format = v4l2_format()
    format.type = V4L2_BUF_TYPE_VIDEO_CAPTURE.rawValue
    format.fmt.pix.width = UInt32(clamping: offer.width)
    format.fmt.pix.height = UInt32(clamping: offer.height)
    format.fmt.pix.pixelformat = offer.fourCC.code
    format.fmt.pix.field = V4L2_FIELD_NONE.rawValue
    try device.request(.setFormat, &format)
    return format.fmt.pix
  }

  /// The interval that the driver grants; nil if it does not tell.
  private static func setRate(_ device: V4L2Device, _ interval: V4L2Interval?) -> V4L2Interval? {
    var parameters = v4l2_streamparm()
    parameters.type = V4L2_BUF_TYPE_VIDEO_CAPTURE.rawValue
    guard device.attempt(.parameters, &parameters) == 0 else { return nil }
    if parameters.parm.capture.capability & UInt32(V4L2_CAP_TIMEPERFRAME) != 0, let interval {
      parameters.parm.capture.timeperframe.numerator = interval.numerator
      parameters.parm.capture.timeperframe.denominator = interval.denominator
      _ = device.attempt(.setParameters, &parameters)
    }
    return V4L2Interval(parameters.parm.capture.timeperframe)
  }

  /// Keeps cameras from slowing down in dim light: neither longer exposure than the rate allows, nor one in step with lamps.
  /// Most cameras have one control or the other, and none is needed.
  private static func holdRate(_ device: V4L2Device) {
    for id in [FIELDBOX_EXPOSURE_AUTO_PRIORITY, FIELDBOX_POWER_LINE_FREQUENCY] {
      var control = v4l2_control(id: id, value: 0)
      _ = device.attempt(.setControl, &control)
    }
  }

  /// Waits for a picture and copies the newest to the start of `memory`, which has room for it.
  /// - Parameters:
  ///   - wakeUp: a descriptor that ends the wait when it can be read.
  ///   - isClosing: asked then.
  func next(
    into memory: UnsafeMutableRawBufferPointer, timeoutMilliseconds: Int, wakeUp: Int32, isClosing: () -> Bool
  ) throws(DeviceError) -> CapturedFrame {
    let deadline = device.calls.now() + .milliseconds(Int64(clamping: max(0, min(timeoutMilliseconds, 3_600_000))))
    while true {
      let woken = try wait(until: deadline, wakeUp)
      if woken.interrupted, isClosing() { throw .closed }
      guard woken.ready || woken.failed else {
        if device.calls.now() < deadline { continue }
        // Something came, and none of it was a picture.
        if damaged.run > 0 { throw .damaged(damaged.endRun()) }
        throw .timedOut
      }
      if let frame = try takeNewest(into: memory, isFailing: woken.failed) { return frame }
      guard damaged.run < Self.mostDamaged else { throw .damaged(damaged.endRun()) }
    }
  }

  private func wait(until deadline: MonotonicTime, _ wakeUp: Int32) throws(DeviceError) -> V4L2Calls.Woken {
    while true {
      let left = max(0, (deadline - device.calls.now()).microseconds)
      // Rounded up: a wait that ends just before the deadline would be followed by many short ones.
      switch device.calls.wait(device.descriptor, wakeUp, Int32(clamping: (left + 999) / 1_000)) {
      case .success(let woken): return woken
      case .failure(let error) where error.code == EINTR || error.code == EAGAIN: continue
      case .failure(let error): throw device.error(error.call, error.code)
      }
    }
  }

  /// Empties the driver's queue and keeps the newest picture; nil if no good one was in it.
  private func takeNewest(
    into memory: UnsafeMutableRawBufferPointer, isFailing: Bool
  ) throws(DeviceError) -> CapturedFrame? {
    var newest: v4l2_buffer?
    var taken = 0
    // As many again may come while these are looked at; more do not.
    while taken < buffers.count * 2, let buffer = try buffers.dequeue() {
      taken += 1
      guard isWhole(buffer) else {
        damaged.count()
        try buffers.queue(buffer.index)
        continue
      }
      if let newest { try buffers.queue(newest.index) }
      newest = buffer
    }
    // A driver in trouble that does not say which would be asked again at once, for ever.
    if taken == 0, isFailing { throw device.error("poll", EIO) }
    guard let newest else { return nil }
    let now = device.calls.now()
    let captured = time(of: newest, now)
    // A driver that had no buffer left has thrown away what came since: what it kept is old.
    if taken >= buffers.count, now - captured > interval + .milliseconds(5) {
      try buffers.queue(newest.index)
      return nil
    }
    let length = buffers.bytes(newest).flatMap { layout.copy($0, to: memory) }
    try buffers.queue(newest.index)
    guard let length else {
      damaged.count()
      return nil
    }
    damaged.endRun()
    last = max(captured, last + .microseconds(1))
    return CapturedFrame(length: length, width: mode.width, height: mode.height, format: layout.format, captured: last)
  }

  private func isWhole(_ buffer: v4l2_buffer) -> Bool {
    guard buffer.flags & UInt32(V4L2_BUF_FLAG_ERROR) == 0, let bytes = buffers.bytes(buffer) else { return false }
    return layout.format == .mjpeg
      ? (1...largestFrameBytes).contains(bytes.count) : bytes.count >= layout.neededBytes
  }

  /// When the sensor had the picture, as far as the driver can tell.
  private func time(of buffer: v4l2_buffer, _ now: MonotonicTime) -> MonotonicTime {
    let clock = buffer.flags & UInt32(V4L2_BUF_FLAG_TIMESTAMP_MASK)
    guard clock == UInt32(V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC) else { return now }
    let told = MonotonicTime(
      microseconds: Int64(buffer.timestamp.tv_sec) &* 1_000_000 &+ Int64(buffer.timestamp.tv_usec))
    return told <= now && now - told < Self.oldest ? told : now
  }
}

/// Pictures of a camera that came damaged, and were left out.
final class V4L2Damage: Sendable {
  private let all = Atomic(0)
  private let inARow = Atomic(0)

  var total: Int { all.load(ordering: .relaxed) }
  /// Since the last good one.
  var run: Int { inARow.load(ordering: .relaxed) }

  func count() {
    all.add(1, ordering: .relaxed)
    inARow.add(1, ordering: .relaxed)
  }

  /// A good one came, or the run has been told; its length.
  @discardableResult
  func endRun() -> Int { inARow.exchange(0, ordering: .relaxed) }
}
