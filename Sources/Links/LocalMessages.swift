/// A device of the board that can be pulled and plugged in again.
public enum DeviceName: String, Codable, Sendable, CaseIterable { case camera, microphone, speaker }

/// From the command line to the supervisor, over the local socket. One request, one reply
/// (`watch`: many).
public enum LocalRequest: LinkMessage {
  case status
  /// The status at once and again whenever it changes, until the caller closes the connection.
  case watch
  /// An edge of a button of the simulated board. `fieldbox press` sends the down and the up.
  case button(ButtonName, down: Bool)
  /// Simulated board only.
  case plug(DeviceName, in: Bool)
  /// The log's lines from this number on, as many as one answer takes.
  case log(from: Int)
  /// Looks at everything now, as at the start and each day.
  case selfTest
  /// Ends the box in good order; `done` comes at once, and the connection closes when it has ended.
  case stop
}

public enum LocalReply: LinkMessage {
  case done
  case status(BoxStatus)
  /// In the order of their numbers; none when there are no more.
  case log([LogLine])
  case refused(String)
}

/// A line of the log as the supervisor keeps it.
public struct LogLine: Codable, Sendable, Equatable {
  /// Goes up by one from line to line.
  public var number: Int
  /// Wall time since 1970, as the box believed it to be.
  public var milliseconds: Int64
  /// Of syslog: 3 is an error, 4 a warning, 6 information.
  public var priority: Int
  public var process: String
  public var text: String
  public var fields: [String: String]
  public init(
    number: Int, milliseconds: Int64, priority: Int, process: String, text: String, fields: [String: String]
  ) {
    self.number = number
    self.milliseconds = milliseconds
    self.priority = priority
    self.process = process
    self.text = text
    self.fields = fields
  }
}
