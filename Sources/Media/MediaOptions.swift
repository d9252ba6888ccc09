/// Which inherited descriptor is what, and the shape of the frame ring. The supervisor is the only caller.
public struct MediaOptions: Sendable, Equatable {
  /// SEQPACKET link to the supervisor.
  public var control: Int32 = -1
  /// The bound UDP socket of all peers.
  public var udp: Int32 = -1
  /// Frame datagrams: ready comes in, released goes out.
  public var frames: Int32 = -1
  /// The sealed memory of the frame ring.
  public var ring: Int32 = -1
  /// PCM datagrams from the microphone.
  public var capture: Int32 = -1
  /// PCM datagrams to the speaker.
  public var playback: Int32 = -1
  public var ringSlots = 0
  public var ringSlotBytes = 0
  /// What is done to the microphone's sound.
  public var soundCare = SoundCare()

  public init() {}

  /// Parses `--control 3 --udp 4 --frames 5 --ring 6 --capture 7 --playback 8 --ring-slots N --ring-slot-bytes N`. All are
  /// needed. `--echo-cancellation on --noise-suppression on --gain auto` (or decibels) are what is done to the microphone's sound,
  /// each off if it is not said. Other options belong to other parts of the command line and are skipped with their value.
  public init(arguments: some Sequence<String>) throws(MediaOptionsError) {
    var rest = arguments.makeIterator()
    while let option = rest.next() {
      guard option.hasPrefix("--") else { throw .unexpected(option) }
      guard let value = rest.next() else { throw .noValue(option) }
      switch option {
      case "--control": control = try Self.number(option, value)
      case "--udp": udp = try Self.number(option, value)
      case "--frames": frames = try Self.number(option, value)
      case "--ring": ring = try Self.number(option, value)
      case "--capture": capture = try Self.number(option, value)
      case "--playback": playback = try Self.number(option, value)
      case "--ring-slots": ringSlots = Int(try Self.number(option, value))
      case "--ring-slot-bytes": ringSlotBytes = Int(try Self.number(option, value))
      case "--echo-cancellation": soundCare.echoCancellation = try Self.isOn(option, value)
      case "--noise-suppression": soundCare.noiseSuppression = try Self.isOn(option, value)
      case "--gain": soundCare.gain = try Self.gain(option, value)
      default: break
      }
    }
    let all: [(String, Int)] = [
      ("--control", Int(control)), ("--udp", Int(udp)), ("--frames", Int(frames)), ("--ring", Int(ring)),
      ("--capture", Int(capture)), ("--playback", Int(playback)), ("--ring-slots", ringSlots - 1),
      ("--ring-slot-bytes", ringSlotBytes - 1),
    ]
    if let absent = all.first(where: { $0.1 < 0 }) { throw .missing(absent.0) }
  }

  private static func isOn(_ option: String, _ value: String) throws(MediaOptionsError) -> Bool {
    guard value == "on" || value == "off" else { throw .notAChoice(option, value, expected: "on or off") }
    return value == "on"
  }

  private static func gain(_ option: String, _ value: String) throws(MediaOptionsError) -> SoundCare.Gain {
    if value == "auto" { return .automatic }
    guard let decibels = Double(value), (-40...40).contains(decibels) else {
      throw .notAChoice(option, value, expected: "auto or decibels from -40 to 40")
    }
    return .decibels(decibels)
  }

  private static func number(_ option: String, _ value: String) throws(MediaOptionsError) -> Int32 {
    guard let number = Int32(value), number >= 0 else { throw .notANumber(option, value) }
    return number
  }
}

public enum MediaOptionsError: Error, Equatable, CustomStringConvertible {
  case unexpected(String)
  case noValue(String)
  case notANumber(String, String)
  case missing(String)
  case notAChoice(String, String, expected: String)

  public var description: String {
    switch self {
    case .unexpected(let word): "expected an option, got '\(word)'"
    case .noValue(let option): "\(option) needs a value"
    case .notANumber(let option, let value): "\(option) needs a number of at least 0, got '\(value)'"
    case .notAChoice(let option, let value, let expected): "\(option) needs \(expected), got '\(value)'"
    case .missing(let option): "\(option) is missing"
    }
  }
}
