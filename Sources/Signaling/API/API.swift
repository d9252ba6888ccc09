/// A body of a request or an answer, or the data of an event. PROTOCOL.md describes each one.
public protocol APIMessage: Codable, Sendable, Equatable {}

/// Figures that hold for the whole HTTP interface.
public enum API {
  /// Raised when a message changes its meaning.
  public static let protocolVersion = 1
  /// A body of a request may be this long; it is checked against Content-Length before anything is read.
  public static let largestBodyBytes = 64 * 1024
  /// A session description in an answer; browsers' are below 10 KiB.
  public static let largestDescriptionBytes = 32 * 1024
  /// A comment on every idle event stream, so that both ends notice a dead connection.
  public static let heartbeatSeconds = 15
}
