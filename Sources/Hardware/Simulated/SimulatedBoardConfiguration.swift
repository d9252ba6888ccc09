/// What `board.conf` says of a simulated board. Paths are used as they are.
public struct SimulatedBoardConfiguration: Sendable, Equatable {
  public enum CameraSource: Sendable, Equatable {
    /// The drawn landscape.
    case scene
    /// A Y4M file (4:2:0, 8 bits) or concatenated JPEG pictures, told apart by content, played in a loop.
    case file(String)
  }
  public enum MicrophoneSource: Sendable, Equatable {
    /// A sine; the level in dB below full scale, so 0 is the loudest.
    case tone(hertz: Double, decibels: Double)
    /// A WAV file, 16 bits, 48 kHz, mono or stereo, played in a loop.
    case file(String)
  }

  /// Shown in the picture.
  public var boxName: String
  public var camera: CameraSource
  /// Whether raw pictures end with the strip that tells their time.
  public var strip: Bool
  public var microphone: MicrophoneSource
  /// Where the speaker records to, as WAV; nil for nowhere.
  public var speakerRecording: String?
  /// When a recording has this many bytes it is renamed to `….previous` and a new one begins.
  public var largestRecordingBytes: Int
  /// Where each change of a lamp is written to, a line of JSON each; nil for nowhere.
  public var lampTimeline: String?
  /// How often a contact opens and closes again before it settles, as real ones do.
  public var buttonBounces: Int

  public init(
    boxName: String = "fieldbox", camera: CameraSource = .scene, strip: Bool = true,
    microphone: MicrophoneSource = .tone(hertz: 440, decibels: -20), speakerRecording: String? = nil,
    largestRecordingBytes: Int = 60_000_000, lampTimeline: String? = nil, buttonBounces: Int = 0
  ) {
    self.boxName = boxName
    self.camera = camera
    self.strip = strip
    self.microphone = microphone
    self.speakerRecording = speakerRecording
    self.largestRecordingBytes = largestRecordingBytes
    self.lampTimeline = lampTimeline
    self.buttonBounces = buttonBounces
  }
}
