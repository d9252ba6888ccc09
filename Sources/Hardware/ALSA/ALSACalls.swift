import Linux

/// An open PCM of the library.
struct ALSAHandle: Sendable, Hashable {
  var address: UInt
}

/// How a PCM is asked for: 48 kHz, 16 bits, interleaved; sizes in frames, each as near as the card can.
struct ALSARequest: Sendable, Equatable {
  var isCapture: Bool
  var period: Int
  var buffer: Int
}

/// How a PCM was made.
struct ALSASetup: Sendable, Equatable {
  var channels: Int
  var period: Int
  var buffer: Int

  /// Playback: what is still to be heard when the next block is asked for. A card that moves in long steps needs more.
  var lead: Int {
    min(max(SoundFormat.leadSamples, period + period / 4), max(period, buffer - SoundFormat.blockSamples))
  }
  /// Capture: so much is taken at once.
  var portion: Int { max(1, min(SoundFormat.blockSamples, buffer / 2)) }
}

enum ALSAState: Sendable, Equatable {
  /// Made, and waits to be started.
  case prepared
  case running
  /// It had nothing to play, or nobody took what it heard.
  case xrun
  case suspended
  case disconnected
  case other
}

/// Where a PCM stands, all at one moment.
struct ALSAStatus: Sendable, Equatable {
  var state: ALSAState
  /// Frames to be read, or room for frames.
  var available: Int
  /// Frames between the application and the air, with what the card keeps.
  var delay: Int
  /// When that was so; nil where the driver does not tell.
  var time: MonotonicTime?
}

/// What the sound drivers ask of libasound. A test hands in its own, and plays the kernel.
struct ALSACalls: Sendable {
  /// What a wait ended with.
  struct Woken: Sendable, Equatable {
    var ready = false
    /// The card cannot go on; its next answer says why.
    var failed = false
    /// The second descriptor can be read.
    var interrupted = false
  }

  /// Opens a PCM for calls that never wait.
  var open: @Sendable (_ name: String, _ isCapture: Bool) -> Result<ALSAHandle, SystemError>
  var configure: @Sendable (_ pcm: ALSAHandle, ALSARequest) -> Result<ALSASetup, SystemError>
  var close: @Sendable (_ pcm: ALSAHandle) -> Void
  /// These give 0 or the error number.
  var prepare: @Sendable (_ pcm: ALSAHandle) -> Int32
  var start: @Sendable (_ pcm: ALSAHandle) -> Int32
  var resume: @Sendable (_ pcm: ALSAHandle) -> Int32
  var status: @Sendable (_ pcm: ALSAHandle) -> Result<ALSAStatus, SystemError>
  var state: @Sendable (_ pcm: ALSAHandle) -> ALSAState
  /// Frames read or written, or the negative error number.
  var read: @Sendable (_ pcm: ALSAHandle, _ samples: UnsafeMutablePointer<Int16>, _ frames: Int) -> Int
  var write: @Sendable (_ pcm: ALSAHandle, _ samples: UnsafePointer<Int16>, _ frames: Int) -> Int
  /// Waits for the card, for a second descriptor, or for the end of the time. All false when that is over.
  var wait: @Sendable (_ pcm: ALSAHandle, _ other: Int32, _ milliseconds: Int32) -> Result<Woken, SystemError>
  var now: @Sendable () -> MonotonicTime
}
