import Links
import Linux

/// The form of all sound between a device and the rest of the box.
public enum SoundFormat {
  public static let sampleRate = PCMHead.sampleRate
  /// One block, 20 ms, mono.
  public static let blockSamples = PCMHead.samples
  public static let blockInterval = Interval.milliseconds(20)
  /// What a speaker still has to play when it wants the next block: time to fetch it, and no more, for all sound is late by it.
  public static let lead = Interval.milliseconds(12)
  static let leadSamples = 576

  /// How long so many samples last.
  public static func length(ofSamples count: Int) -> Interval {
    .microseconds(Int64(count) &* 1_000_000 / Int64(sampleRate))
  }
}

/// A source of sound, 48 kHz mono. `open` and `read` are called by one thread; `close` by any.
public protocol Microphone: AnyObject, Sendable {
  func open() throws(DeviceError)

  /// Waits for the next 20 ms and fills `block`, which holds ``SoundFormat/blockSamples``. A caller that is late by more
  /// than the device's buffer misses sound, seen as a jump in the time.
  /// - Returns: when the first sample was heard.
  func read(into block: UnsafeMutableBufferPointer<Int16>) throws(DeviceError) -> MonotonicTime

  /// Ends capture, and a call that waits in it.
  func close()

  /// How often sound was lost because nobody took it in time, since the start.
  var overruns: Int { get }
}

/// A sink of sound, 48 kHz mono. `open`, `waitForRoom` and `write` are called by one thread; `close` by any.
public protocol Speaker: AnyObject, Sendable {
  func open() throws(DeviceError)

  /// Waits until the device wants the next block: when no more than ``SoundFormat/lead`` is left to be heard, or a little more
  /// where the device moves in longer steps.
  func waitForRoom() throws(DeviceError)

  /// Waits until the device's buffer has room and hands over 20 ms, ``SoundFormat/blockSamples``. Where the caller is late,
  /// the device plays silence, and ``SoundFormat/lead`` more of it.
  /// - Returns: how long a sample written next will take until it is heard, in microseconds.
  func write(_ block: UnsafeBufferPointer<Int16>) throws(DeviceError) -> Int

  /// Ends playback, and a call that waits in it.
  func close()

  /// How often there was nothing to play when there should have been, since the start.
  var underruns: Int { get }
}
