import Links
import Linux

/// What the box shows: the states that the server's box agent tells, and those that the supervisor knows by itself.
public enum Display: Sendable, Hashable {
  case starting
  case ready
  case nobodyReachable
  case calling
  case incoming
  case inCall(boxCalled: Bool)
  /// A component is being restarted; the lamps of the call stay.
  case restarting
  /// A device is gone or a button is stuck, and nothing else is going on.
  case warning
  /// A component cannot be kept running.
  case fault

  /// The word of `fieldbox status`.
  public var word: String {
    switch self {
    case .starting: "starting"
    case .ready: "ready"
    case .nobodyReachable: "nobodyReachable"
    case .calling: "calling"
    case .incoming: "incoming"
    case .inCall: "inCall"
    case .restarting: "restarting"
    case .warning: "warning"
    case .fault: "fault"
    }
  }
}

/// One row of the table of lamps.
public struct LampRow: Sendable, Equatable {
  /// Blue or red.
  public var status: LampPattern
  /// Amber; nil leaves what the call behind it shows.
  public var call: LampPattern?
  /// Green; nil likewise.
  public var talk: LampPattern?
  /// Sounds as long as the state lasts, or once if the sequence does not repeat.
  public var sound: ToneSequence?
}

/// The table of lamps and sounds: all of it in one place.
public enum LampTable {
  public static func row(_ display: Display) -> LampRow {
    switch display {
    case .starting: LampRow(status: .blinking(.blue, milliherz: 1_000), call: .off, talk: .off)
    case .ready: LampRow(status: .steady(.blue), call: .off, talk: .off, sound: nil)
    case .nobodyReachable: LampRow(status: .blip(.blue), call: .off, talk: .off)
    case .calling:
      LampRow(status: .steady(.blue), call: .blinking(.amber, milliherz: 1_000), talk: .off, sound: .ringback)
    case .incoming:
      LampRow(status: .steady(.blue), call: .off, talk: .blinking(.green, milliherz: 2_000), sound: .ring)
    case .inCall(let boxCalled):
      LampRow(status: .steady(.blue), call: boxCalled ? .steady(.amber) : .off, talk: .steady(.green))
    case .restarting: LampRow(status: .alternating(.blue, .red, milliherz: 1_000), call: nil, talk: nil)
    case .warning: LampRow(status: .alternating(.blue, .red, milliherz: 500), call: nil, talk: nil)
    case .fault:
      LampRow(
        status: .steady(.red), call: .alternating(.amber, .off, milliherz: 1_000),
        talk: .alternating(.off, .green, milliherz: 1_000), sound: .fault)
    }
  }

  /// Sounds that belong to a moment.
  public static func sound(_ cue: Cue) -> ToneSequence {
    switch cue {
    case .ended: .ended
    case .busy: .busy
    case .nobodyAnswered: .nobodyAnswered
    case .endsSoon: .endsSoon
    }
  }
}

/// The three lamps at one moment.
public struct LampLights: Sendable, Equatable {
  public var status: Light
  public var call: Light
  public var talk: Light

  public init(status: Light, call: Light, talk: Light) {
    self.status = status
    self.call = call
    self.talk = talk
  }

  /// Lights of a state that has lasted for `elapsed`, and how long they stay (nil: as long as the state). `behind` is
  /// the state of the call, for rows that leave its lamps. TALK is lit whenever somebody watches or hears (`captured`):
  /// that beats the table.
  public static func render(
    _ display: Display, behind: Display, captured: Bool, elapsed: Interval
  ) -> (lights: LampLights, remaining: Interval?) {
    let row = LampTable.row(display)
    let below = LampTable.row(behind)
    let call = row.call ?? below.call ?? .off
    let talk = captured ? .steady(.green) : row.talk ?? below.talk ?? .off
    let patterns = [row.status, call, talk]
    return (
      LampLights(status: row.status.light(at: elapsed), call: call.light(at: elapsed), talk: talk.light(at: elapsed)),
      patterns.compactMap { $0.remaining(at: elapsed) }.min()
    )
  }
}
