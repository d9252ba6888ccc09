/// What is soldered where, `board.conf`. Every key is optional; without the file the board is the simulated one.
public struct BoardConfiguration: Sendable, Equatable {
  /// All but the simulated one are served by the kernel's drivers; `other` is a machine that we do not know by name.
  public enum Model: String, Sendable, CaseIterable {
    case simulated, rpi3, rpi4, rpi5
    case rpiZero2W = "rpi-zero2w"
    case other
  }
  public enum Switch: String, Sendable, CaseIterable { case on, off }
  public enum CameraSource: String, Sendable, CaseIterable { case scene, file }
  public enum CameraFormat: String, Sendable, CaseIterable { case auto, mjpeg, yuyv, nv12, i420 }
  public enum MicrophoneSource: String, Sendable, CaseIterable { case tone, file }

  // [board]
  public var model = Model.simulated
  /// For people, in `fieldbox status`.
  public var name = "simulated board"

  // [camera]
  /// `auto`, a path, or a name under /dev/v4l/by-id or by-path.
  public var cameraDevice = "auto"
  public var cameraFormat = CameraFormat.auto
  public var cameraSource = CameraSource.scene
  /// Y4M or MJPEG, for `source = file`.
  public var cameraFile: String?
  public var width = 640
  public var height = 480
  public var framesPerSecond = 30
  /// Whether raw pictures of the simulated camera end with the strip that tells their time.
  public var strip = Switch.on

  // [microphone]
  /// `auto`, a card's id, or a PCM of ALSA.
  public var microphoneDevice = "auto"
  public var microphoneSource = MicrophoneSource.tone
  /// Of the tone, in hertz.
  public var frequency = 440.0
  /// WAV, for `source = file`.
  public var microphoneFile: String?

  // [speaker]
  /// `auto`, a card's id, or a PCM of ALSA.
  public var speakerDevice = "auto"
  /// Where the simulated speaker writes what it plays, as WAV; nil for nowhere.
  public var speakerRecording: String?

  // [sound]
  /// What is done to the microphone's sound. A file that says nothing of it gets all of it on a real board, and nothing on the
  /// simulated one, whose microphone hears no speaker.
  public var echoCancellation = Switch.off
  public var noiseSuppression = Switch.off
  /// `auto`, or decibels.
  public var gain = "0"

  // [lamps]
  public var lamps = LampWiring()
  /// Where the simulated lamps write each change with its time; nil for nowhere.
  public var lampTimeline: String?

  // [buttons]
  public var buttons = ButtonWiring()
  /// How often a contact of the simulated board opens and closes again before it settles.
  public var buttonBounces = 0

  // [supervision]
  /// Between two pings of a child; milliseconds.
  public var heartbeatMilliseconds = 400
  /// So many pings without an answer are a hang.
  public var missedHeartbeats = 4
  /// How long a child may take until it is ready; milliseconds.
  public var startMilliseconds = 10_000
  /// How long a child may take to end in good order; milliseconds.
  public var stopMilliseconds = 3_000
  /// After a child has ended saying that another start will not help, until the next one; milliseconds.
  public var retryMilliseconds = 30_000
  /// A child that is started again more often than that, within so many seconds, is a fault.
  public var mostRestarts = 5
  public var restartsWithinSeconds = 60
  /// What each child may allocate, in megabytes (2^20): one that leaks ends before the others suffer. 0 for no limit.
  public var serverMemoryMegabytes = 256
  public var mediaMemoryMegabytes = 512

  public init() {}

  public init(_ file: INIFile) throws(ConfigurationError) {
    var reader = INIReader(file)
    model = try reader.choice("board", "model", model)
    name = try reader.text("board", "name", name)

    cameraDevice = try reader.text("camera", "device", cameraDevice)
    cameraFormat = try reader.choice("camera", "format", cameraFormat)
    cameraSource = try reader.choice("camera", "source", cameraSource)
    cameraFile = try reader.optionalText("camera", "file")
    width = try reader.integer("camera", "width", 64...3840, width)
    height = try reader.integer("camera", "height", 64...2160, height)
    framesPerSecond = try reader.integer("camera", "fps", 1...120, framesPerSecond)
    strip = try reader.choice("camera", "strip", strip)

    microphoneDevice = try reader.text("microphone", "device", microphoneDevice)
    microphoneSource = try reader.choice("microphone", "source", microphoneSource)
    frequency = try reader.number("microphone", "frequency", 20...20_000, frequency)
    microphoneFile = try reader.optionalText("microphone", "file")

    speakerDevice = try reader.text("speaker", "device", speakerDevice)
    speakerRecording = try reader.optionalText("speaker", "record")

    let care = model == .simulated ? Switch.off : .on
    echoCancellation = try reader.choice("sound", "echo-cancellation", care)
    noiseSuppression = try reader.choice("sound", "noise-suppression", care)
    gain = try reader.value("sound", "gain", "auto or decibels from -40 to 40", model == .simulated ? gain : "auto") {
      $0 == "auto" || Double($0).map { (-40...40).contains($0) } == true ? $0 : nil
    }

    lamps = try LampWiring(&reader)
    lampTimeline = try reader.optionalText("lamps", "timeline")
    buttons = try ButtonWiring(&reader)
    buttonBounces = try reader.integer("buttons", "bounces", 0...20, buttonBounces)

    heartbeatMilliseconds = try reader.integer(
      "supervision", "heartbeat-milliseconds", 10...60_000, heartbeatMilliseconds)
    missedHeartbeats = try reader.integer("supervision", "missed-heartbeats", 1...100, missedHeartbeats)
    startMilliseconds = try reader.integer("supervision", "start-milliseconds", 100...120_000, startMilliseconds)
    stopMilliseconds = try reader.integer("supervision", "stop-milliseconds", 10...60_000, stopMilliseconds)
    retryMilliseconds = try reader.integer("supervision", "retry-milliseconds", 10...3_600_000, retryMilliseconds)
    mostRestarts = try reader.integer("supervision", "most-restarts", 1...100, mostRestarts)
    restartsWithinSeconds = try reader.integer(
      "supervision", "restarts-within-seconds", 1...3_600, restartsWithinSeconds)
    serverMemoryMegabytes = try reader.integer(
      "supervision", "server-memory-megabytes", 0...65_536, serverMemoryMegabytes)
    mediaMemoryMegabytes = try reader.integer("supervision", "media-memory-megabytes", 0...65_536, mediaMemoryMegabytes)
    try reader.finish()
    try require(file, "camera", cameraSource == .file, cameraFile)
    try require(file, "microphone", microphoneSource == .file, microphoneFile)
  }

  /// A device that plays a file needs one.
  private func require(
    _ file: INIFile, _ section: String, _ needed: Bool, _ path: String?
  ) throws(ConfigurationError) {
    guard needed, path == nil, let source = file.entries.first(where: { $0.section == section && $0.key == "source" })
    else { return }
    throw ConfigurationError(
      file: source.file, line: source.line, key: "\(section).file",
      expected: "a path, because \(section).source is file",
      got: "none")
  }

  /// The sections of this file.
  static let sections: Set = ["board", "camera", "microphone", "speaker", "sound", "lamps", "buttons", "supervision"]
}
