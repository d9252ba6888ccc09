import Linux

/// A speaker by ALSA, the kernel's interface to sound cards.
public final class ALSASpeaker: Speaker, Sendable {
  private let configuration: ALSAConfiguration
  private let finder: ALSAFinder
  private let calls: ALSACalls
  private let device: ALSADevice<ALSAPlayback>
  private let lost = ALSALosses()

  /// Nothing is looked for until ``open()``; only lack of descriptors fails here.
  public convenience init(_ configuration: ALSAConfiguration = .init()) throws(DeviceError) {
    try self.init(configuration, finder: ALSAFinder(), calls: .library)
  }

  init(_ configuration: ALSAConfiguration, finder: ALSAFinder, calls: ALSACalls) throws(DeviceError) {
    self.configuration = configuration
    self.finder = finder
    self.calls = calls
    device = try ALSADevice()
  }

  public var underruns: Int { lost.total }

  public func open() throws(DeviceError) {
    try device.open { known throws(DeviceError) in
      let place = try finder.find(configuration.device, isCapture: false, known: known)
      let request = ALSARequest(isCapture: false, period: ALSAPlayback.period, buffer: ALSAPlayback.buffer)
      let pcm = try ALSAPCM(
        place, request, finder: finder, calls: calls, lost: lost, wakeUp: device.wakeUp,
        isClosing: { [unowned device] in device.isClosing })
      return (ALSAPlayback(pcm), place.card)
    }
  }

  public func waitForRoom() throws(DeviceError) {
    try device.use { stream throws(DeviceError) in try stream.waitForRoom() }
  }

  public func write(_ block: UnsafeBufferPointer<Int16>) throws(DeviceError) -> Int {
    guard block.count == SoundFormat.blockSamples else {
      throw .unsupported("expected \(SoundFormat.blockSamples) samples, got \(block.count)")
    }
    return try device.use { stream throws(DeviceError) in try stream.write(block) }
  }

  public func close() { device.close() }
}
