/// Why a description cannot be used: what was expected, what came, and in which line.
public struct SDPError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Counted from 1; 0 if the fault is in no single line.
  public var line: Int
  public var expected: String
  /// At most 80 characters of what came.
  public var found: String

  init(line: Int = 0, expected: String, found: some StringProtocol) {
    self.line = line
    self.expected = expected
    self.found = String(found.prefix(80))
  }

  public var description: String {
    "\(line > 0 ? "SDP line \(line)" : "SDP"): expected \(expected), found \"\(found)\""
  }
}
