/// A sound as data: tones and silences of given lengths.
public struct ToneSequence: Sendable, Equatable {
  public struct Step: Sendable, Equatable {
    /// 0 is silence.
    public var hertz: Int
    public var milliseconds: Int
    public init(_ hertz: Int, _ milliseconds: Int) {
      self.hertz = hertz
      self.milliseconds = milliseconds
    }
  }
  public var name: String
  public var steps: [Step]
  /// Again and again until told otherwise.
  public var repeats: Bool

  private init(_ name: String, repeats: Bool = false, _ steps: [Step]) {
    self.name = name
    self.steps = steps
    self.repeats = repeats
  }

  /// One beep: the box has become ready.
  public static let ready = ToneSequence("ready", [Step(880, 200)])
  /// Somebody calls the box.
  public static let ring = ToneSequence(
    "ring", repeats: true, [Step(660, 400), Step(880, 400), Step(660, 400), Step(0, 1_800)])
  /// The box calls (ITU-T E.180: 425 Hz, one second in five).
  public static let ringback = ToneSequence("ringback", repeats: true, [Step(425, 1_000), Step(0, 4_000)])
  /// A call was answered automatically: people near the box must know that it listens.
  public static let autoAnswer = ToneSequence(
    "autoAnswer", [Step(1_000, 120), Step(0, 100), Step(1_000, 120), Step(0, 100), Step(1_000, 120)])
  public static let ended = ToneSequence("ended", [Step(660, 150), Step(440, 250)])
  public static let busy = ToneSequence(
    "busy", [Step(425, 500), Step(0, 500), Step(425, 500), Step(0, 500), Step(425, 500)])
  public static let nobodyAnswered = ToneSequence("nobodyAnswered", [Step(550, 200), Step(440, 200), Step(330, 400)])
  public static let endsSoon = ToneSequence("endsSoon", [Step(1_000, 300)])
  /// Three low beeps.
  public static let fault = ToneSequence(
    "fault", [Step(220, 300), Step(0, 200), Step(220, 300), Step(0, 200), Step(220, 300)])
}
