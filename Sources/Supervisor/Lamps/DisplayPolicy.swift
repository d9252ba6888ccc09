import Links

/// Everything that decides what the box shows; a pure function of it gives the display.
struct DisplayPolicy: Sendable, Equatable {
  /// Both children have been ready once.
  var started = false
  var serverRunning = false
  var mediaRunning = false
  /// A child cannot be kept running.
  var childFault = false
  /// A device is gone or a button is stuck.
  var deviceFault = false
  /// What the server's box agent said last; nil while there is no server.
  var box: BoxState?

  /// What the call behind a fault shows.
  var behind: Display {
    switch box {
    case nil: .starting
    case .ready: .ready
    case .nobodyReachable: .nobodyReachable
    case .calling: .calling
    case .incoming: .incoming
    case .inCall(let boxCalled, _): .inCall(boxCalled: boxCalled)
    }
  }

  /// Faults of the box itself come first, then a call, then warnings, which can wait for its end.
  var display: Display {
    if childFault { return .fault }
    guard started else { return .starting }
    guard serverRunning, mediaRunning else { return .restarting }
    switch behind {
    case .ready, .nobodyReachable: return deviceFault ? .warning : behind
    default: return behind
    }
  }

  /// The word of `fieldbox status`: a warning is told by the devices there.
  var word: String { display == .warning ? behind.word : display.word }
}
