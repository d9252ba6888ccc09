import Linux

/// A speaker made of software: takes sound at the pace of the monotonic clock, and records what would be heard, with silence
/// where the caller was late.
public final class SimulatedSpeaker: Speaker, @unchecked Sendable {
  /// A longer pause is recorded as this much silence.
  private static let longestSilence = Interval.seconds(10)

  private let configuration: SimulatedBoardConfiguration
  private let clock: any DeviceClock
  private let monitor: DeviceMonitor
  private let silence: UnsafeMutableBufferPointer<Int16>

  // Inside the monitor's lock.
  private var recording: WAVRecording?
  /// When all that was handed over will have been heard; nil before the first block.
  private var end: MonotonicTime?
  private var ranDry = 0

  init(_ configuration: SimulatedBoardConfiguration, clock: any DeviceClock) {
    self.configuration = configuration
    self.clock = clock
    monitor = DeviceMonitor(clock: clock)
    silence = .allocate(capacity: SoundFormat.blockSamples)
    silence.initialize(repeating: 0)
  }

  deinit { silence.deallocate() }

  /// The first opening begins the recording, later ones go on with it.
  public func open() throws(DeviceError) {
    try monitor.locked { () throws(DeviceError) in
      try monitor.begin()
      end = nil
      guard let path = configuration.speakerRecording else { return }
      do throws(DeviceError) {
        if recording == nil {
          recording = try WAVRecording(path: path, largestBytes: configuration.largestRecordingBytes)
        }
      } catch {
        monitor.end()
        throw error
      }
    }
  }

  public func waitForRoom() throws(DeviceError) {
    try monitor.locked { () throws(DeviceError) in
      try monitor.check()
      if let end { try monitor.wait(until: end - SoundFormat.lead) }
    }
  }

  public func write(_ block: UnsafeBufferPointer<Int16>) throws(DeviceError) -> Int {
    try monitor.locked { () throws(DeviceError) -> Int in
      try monitor.check()
      guard block.count == SoundFormat.blockSamples else {
        throw .unsupported("expected \(SoundFormat.blockSamples) samples, got \(block.count)")
      }
      if let end { try monitor.wait(until: end - SoundFormat.lead) }
      let now = clock.monotonic()
      var playing = now + SoundFormat.lead
      if let end, end >= now {
        playing = end
      } else {
        if end != nil { ranDry += 1 }
        try recordSilence(playing - (end ?? now))
      }
      try recording?.append(block)
      let heard = playing + SoundFormat.blockInterval
      end = heard
      return Int((heard - now).microseconds)
    }
  }

  public func close() {
    // Where that fails now, the file lacks the last 100 ms.
    monitor.close { try? recording?.flush() }
  }

  public var underruns: Int { monitor.always { ranDry } }

  func plug(in plugged: Bool) { monitor.plug(in: plugged) }
  var isPluggedIn: Bool { monitor.isPluggedIn }

  private func recordSilence(_ length: Interval) throws(DeviceError) {
    let samples = min(length, Self.longestSilence).microseconds * Int64(SoundFormat.sampleRate) / 1_000_000
    var left = Int(samples)
    while left > 0 {
      let count = min(left, silence.count)
      try recording?.append(UnsafeBufferPointer(rebasing: silence[..<count]))
      left -= count
    }
  }
}
