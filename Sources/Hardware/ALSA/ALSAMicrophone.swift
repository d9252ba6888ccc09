import Linux

/// A microphone by ALSA, the kernel's interface to sound cards.
public final class ALSAMicrophone: Microphone, Sendable {
  private let configuration: ALSAConfiguration
  private let finder: ALSAFinder
  private let calls: ALSACalls
  private let device: ALSADevice<ALSACapture>
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

  public var overruns: Int { lost.total }

  public func open() throws(DeviceError) {
    try device.open { known throws(DeviceError) in
      let place = try finder.find(configuration.device, isCapture: true, known: known)
      let request = ALSARequest(isCapture: true, period: ALSACapture.period, buffer: ALSACapture.buffer)
      let pcm = try ALSAPCM(
        place, request, finder: finder, calls: calls, lost: lost, wakeUp: device.wakeUp,
        isClosing: { [unowned device] in device.isClosing })
      return (ALSACapture(pcm), place.card)
    }
  }

  public func read(into block: UnsafeMutableBufferPointer<Int16>) throws(DeviceError) -> MonotonicTime {
    guard block.count == SoundFormat.blockSamples else {
      throw .unsupported("expected room for \(SoundFormat.blockSamples) samples, got \(block.count)")
    }
    return try device.use { stream throws(DeviceError) in try stream.read(into: block) }
  }

  public func close() { device.close() }
}
