import Linux

/// A microphone made of software: a tone or a WAV file, in time with the monotonic clock.
public final class SimulatedMicrophone: Microphone, @unchecked Sendable {
  /// As much as a sound card keeps for a reader that is late.
  private static let buffer = Interval.milliseconds(200)

  private let configuration: SimulatedBoardConfiguration
  private let clock: any DeviceClock
  private let monitor: DeviceMonitor

  // Inside the monitor's lock.
  private var source: (any SoundSource)?
  private var next = MonotonicTime(microseconds: 0)
  private var lost = 0

  init(_ configuration: SimulatedBoardConfiguration, clock: any DeviceClock) {
    self.configuration = configuration
    self.clock = clock
    monitor = DeviceMonitor(clock: clock)
  }

  public func open() throws(DeviceError) {
    try monitor.locked { () throws(DeviceError) in
      try monitor.begin()
      do throws(DeviceError) {
        source =
          switch configuration.microphone {
          case .tone(let hertz, let decibels): ToneSource(hertz: hertz, decibels: decibels)
          case .file(let path): try WAVSource(path: path)
          }
        next = clock.monotonic()
      } catch {
        monitor.end()
        throw error
      }
    }
  }

  public func read(into block: UnsafeMutableBufferPointer<Int16>) throws(DeviceError) -> MonotonicTime {
    try monitor.locked { () throws(DeviceError) -> MonotonicTime in
      try monitor.check()
      guard let source else { throw .closed }
      guard block.count == SoundFormat.blockSamples else {
        throw .unsupported("expected room for \(SoundFormat.blockSamples) samples, got \(block.count)")
      }
      let late = clock.monotonic() - next - SoundFormat.blockInterval
      if late > Self.buffer {
        lost += 1
        let blocks = late.microseconds / SoundFormat.blockInterval.microseconds
        source.skip(Int(blocks) &* SoundFormat.blockSamples)
        next = next + SoundFormat.blockInterval * blocks
      }
      let heard = next
      try monitor.wait(until: heard + SoundFormat.blockInterval)
      try source.next(into: block)
      next = heard + SoundFormat.blockInterval
      return heard
    }
  }

  public func close() { monitor.close { source = nil } }

  public var overruns: Int { monitor.always { lost } }

  func plug(in plugged: Bool) { monitor.plug(in: plugged) }
  var isPluggedIn: Bool { monitor.isPluggedIn }
}
