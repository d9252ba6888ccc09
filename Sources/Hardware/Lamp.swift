/// The three lamps of the box.
public enum LampName: String, Codable, Sendable, CaseIterable {
  case status, call, talk

  /// The colours it may have.
  public var colors: [LampColor] {
    switch self {
    case .status: [.blue, .red]
    case .call: [.amber]
    case .talk: [.green]
    }
  }
}

public enum LampColor: String, Codable, Sendable, CaseIterable { case blue, red, amber, green }

/// A lamp. Blinking is the caller's: it sets and clears.
public protocol Lamp: AnyObject, Sendable {
  var name: LampName { get }
  /// Nil switches it off. A colour that the lamp does not have is `unsupported`.
  func set(_ color: LampColor?) throws(DeviceError)
}
