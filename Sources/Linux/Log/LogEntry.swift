/// One line of a log.
public struct LogEntry: Sendable, Equatable {
  /// Those of syslog (RFC 5424, section 6.2.1) that are in use.
  public enum Priority: Int, Sendable {
    case error = 3
    case warning = 4
    case info = 6
  }

  public var priority: Priority
  /// The process that says it.
  public var process: String
  /// Without anything that would start a line or move a cursor.
  public var text: String
  /// For programs; names are capital letters, values like the text.
  public var fields: [String: String]

  public init(_ priority: Priority, _ process: String, _ text: String, _ fields: [String: String] = [:]) {
    self.priority = priority
    self.process = process
    self.text = Log.oneLine(text)
    self.fields = fields.mapValues(Log.oneLine)
  }

  /// For people.
  public var line: String { "\(process): \(text)" }

  /// As on standard error, without the end of the line: fields come behind tabs, which no text has.
  func written(withFields: Bool) -> String {
    let written = "<\(priority.rawValue)>\(line)"
    guard withFields, !fields.isEmpty else { return written }
    return written + fields.sorted { $0.key < $1.key }.map { "\t\($0.key)=\($0.value)" }.joined()
  }

  /// What a child has written. Lines without a priority come from libraries and from a process that dies: they are warnings.
  /// - Parameter process: who wrote it, where the line does not say.
  public init(written line: String, by process: String) {
    var rest = line[...]
    var priority = Priority.warning
    var isOurs = false
    if rest.first == "<", let end = rest.firstIndex(of: ">"),
      let known = Int(rest[rest.index(after: rest.startIndex)..<end]).flatMap(Priority.init(rawValue:))
    {
      priority = known
      isOurs = true
      rest = rest[rest.index(after: end)...]
    }
    var parts = rest.split(separator: "\t", omittingEmptySubsequences: false)
    let text = isOurs && !parts.isEmpty ? parts.removeFirst() : rest
    var fields: [String: String] = [:]
    if isOurs {
      for part in parts {
        guard let equals = part.firstIndex(of: "="), Journal.isFieldName(part[..<equals]) else { continue }
        fields[String(part[..<equals])] = String(part[part.index(after: equals)...])
      }
    }
    guard isOurs, let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix(": ") else {
      self.init(priority, process, String(text), fields)
      return
    }
    self.init(priority, String(text[..<colon]), String(text[text.index(colon, offsetBy: 2)...]), fields)
  }
}
