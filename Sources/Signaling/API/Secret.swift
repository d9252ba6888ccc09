/// A password on its way to the hash. It prints as dots, so no log and no error message can show it.
public struct Secret: Codable, Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  /// The password itself. The only way to it.
  public let revealed: String
  public init(_ text: String) { revealed = text }
  public init(from decoder: any Decoder) throws { revealed = try decoder.singleValueContainer().decode(String.self) }
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(revealed)
  }
  public var description: String { "•••" }
  public var debugDescription: String { "•••" }
  public var customMirror: Mirror { Mirror(self, children: []) }
}
