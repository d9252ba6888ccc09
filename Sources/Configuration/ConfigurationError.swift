/// A mistake in a configuration, told so that whoever wrote the line can mend it.
public struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Where the text came from: a path, or `--set`.
  public var file: String
  /// Counted from 1; nil where no line is to blame.
  public var line: Int?
  /// `section.key`; nil where the line is not even that.
  public var key: String?
  public var expected: String
  public var got: String

  public init(file: String, line: Int? = nil, key: String? = nil, expected: String, got: String) {
    self.file = file
    self.line = line
    self.key = key
    self.expected = expected
    self.got = got
  }

  public var description: String {
    let place = line.map { "\(file):\($0)" } ?? file
    return "\(place): \(key.map { "\($0): " } ?? "")expected \(expected), got \(got)"
  }
}
