/// The two buttons of the box.
public enum ButtonName: String, Codable, Sendable, CaseIterable { case call, hangUp }

/// What the supervisor made of the edges of one or both buttons (facts: short below 1 s, held from 3 s).
public enum Press: Codable, Sendable, Hashable, CustomStringConvertible {
  case short(ButtonName)
  case held(ButtonName)
  case bothHeld
  case stuck(ButtonName)

  /// For logs.
  public var description: String {
    switch self {
    case .short(let button): "\(button.rawValue) pressed"
    case .held(let button): "\(button.rawValue) held"
    case .bothHeld: "both buttons held"
    case .stuck(let button): "\(button.rawValue) is stuck"
    }
  }
}

/// What the box is doing, as the server's box agent sees it. The supervisor renders it as lamps and tones.
public enum BoxState: Codable, Sendable, Hashable {
  case ready
  /// Ready, but nobody whom CALL could ring is signed in.
  case nobodyReachable
  case calling
  case incoming
  /// `boxCalled`: the box placed this call, so the CALL lamp stays lit. `autoAnswered`: sound the triple beep.
  case inCall(boxCalled: Bool, autoAnswered: Bool)
}

/// A sound that belongs to a moment and not to a state.
public enum Cue: String, Codable, Sendable, CaseIterable {
  /// The call ended, was refused, or nobody answered.
  case ended, busy, nobodyAnswered
  /// The call is about to be ended by the longest call time.
  case endsSoon
}

/// Size and rate that the camera is asked for.
public struct CameraMode: Codable, Sendable, Hashable {
  public var width: Int
  public var height: Int
  public var framesPerSecond: Int
  public init(width: Int, height: Int, framesPerSecond: Int) {
    self.width = width
    self.height = height
    self.framesPerSecond = framesPerSecond
  }
}

/// Supervisor to `server` or `media`.
public enum ControlCommand: LinkMessage {
  /// Answer with `pong` and the same number at once; three missed in a row are a hang.
  case ping(Int)
  /// A new server–media link; the descriptor travels with this datagram. It replaces any earlier one.
  case mediaLink
  /// To `server`.
  case press(Press)
  /// To `media`: what the camera really delivers, or that it is gone (nil) with the reason for people.
  case camera(CameraMode?, fault: String?)
  /// To `server`: look at all that is stored, tell what is wrong as conditions, then say `checked`.
  case check
  /// To `server`, which had asked.
  case status(BoxStatus)
  /// To `server`, which had asked: none when there are no more.
  case log([LogLine])
  /// End in good order: say goodbye to peers and clients, close the store, exit 0.
  case stop
}

/// What a child can be short of without ending.
public enum Condition: String, Codable, Sendable, CaseIterable {
  /// Whether anything can be stored.
  case storage
  /// Whether what was stored is all there.
  case database
  /// Whether another connection can be accepted.
  case connections
  /// Whether the certificate can be used.
  case certificate
  /// Whether what a request needs can be allocated.
  case memory
}

/// `server` or `media` to supervisor.
public enum ControlReport: LinkMessage {
  /// The child serves; the supervisor counts it as started.
  case ready
  /// `counters` are the child's numbers for `fieldbox status`; names in camelCase, "what.how" for families.
  case pong(Int, counters: [String: Int])
  /// From `server`.
  case state(BoxState)
  /// From `server`.
  case cue(Cue)
  /// From `server`: it has dealt with the oldest press that it had not said this of.
  case pressHeard
  /// What is wrong, in words; nil for nothing. It holds until told otherwise, or until the child ends.
  case condition(Condition, String?)
  /// From `server`: an administrator wants to see the box's status.
  case wantStatus
  /// From `server`: likewise the log, from this number on.
  case wantLog(from: Int)
  /// From `server`: likewise a self-test.
  case wantSelfTest
  /// From `server`: the look at all that is stored is over.
  case checked
  /// From `media`: capture on demand; nil and false stop it.
  case capture(camera: CameraMode?, microphone: Bool)
}
