/// The INI form: `[section]`, `key = value`, and whole lines of comment that begin with `#` or `;`. A value reaches to the
/// end of its line; white space around it is dropped. A section may be opened again; a key may be given once.
public struct INIFile: Sendable, Equatable {
  public struct Entry: Sendable, Equatable {
    public var section: String
    public var key: String
    public var value: String
    /// `file:` of the error, should the value be wrong.
    public var file: String
    /// Counted from 1; nil for an override from the command line.
    public var line: Int?

    /// `section.key`
    public var name: String { "\(section).\(key)" }
  }

  public static let largestBytes = 64 * 1024

  public private(set) var entries: [Entry] = []

  public init() {}

  public init(_ text: String, file: String) throws(ConfigurationError) {
    guard text.utf8.count <= Self.largestBytes else {
      throw ConfigurationError(
        file: file, expected: "at most \(Self.largestBytes) bytes", got: "\(text.utf8.count) bytes")
    }
    var section: String?
    var number = 0
    for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
      number += 1
      let line = Self.trimmed(number == 1 && line.first == "\u{FEFF}" ? line.dropFirst() : line)
      guard let first = line.first, first != "#", first != ";" else { continue }
      if first == "[" {
        let name = line.dropFirst().dropLast()
        guard line.last == "]", !name.isEmpty, name.allSatisfy(Self.isNameCharacter) else {
          throw ConfigurationError(file: file, line: number, expected: "[section]", got: Self.quoted(line))
        }
        section = String(name)
        continue
      }
      guard let equals = line.firstIndex(of: "=") else {
        throw ConfigurationError(file: file, line: number, expected: "key = value", got: Self.quoted(line))
      }
      let key = Self.trimmed(line[..<equals])
      guard !key.isEmpty, key.allSatisfy(Self.isNameCharacter) else {
        throw ConfigurationError(
          file: file, line: number, expected: "a key of letters, digits and hyphens", got: Self.quoted(key))
      }
      guard let section else {
        throw ConfigurationError(
          file: file, line: number, key: String(key), expected: "a [section] above it", got: "none")
      }
      try add(
        Entry(
          section: section, key: String(key), value: String(Self.trimmed(line[line.index(after: equals)...])),
          file: file, line: number))
    }
  }

  /// Puts `section.key=value` in place of what the file says.
  public mutating func override(_ setting: Setting) {
    entries.removeAll { $0.section == setting.section && $0.key == setting.key }
    entries.append(
      Entry(section: setting.section, key: setting.key, value: setting.value, file: "--set", line: nil))
  }

  private mutating func add(_ entry: Entry) throws(ConfigurationError) {
    if let earlier = entries.first(where: { $0.section == entry.section && $0.key == entry.key }) {
      throw ConfigurationError(
        file: entry.file, line: entry.line, key: entry.name, expected: "the key once",
        got: "it again after line \(earlier.line ?? 0)")
    }
    entries.append(entry)
  }

  static func trimmed(_ text: Substring) -> Substring {
    var text = text
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }

  /// For an error: in quotes, and cut short.
  static func quoted(_ text: some StringProtocol) -> String {
    text.count > 60 ? "\"\(text.prefix(60))…\"" : "\"\(text)\""
  }

  private static func isNameCharacter(_ c: Character) -> Bool { c.isASCII && (c.isLetter || c.isNumber || c == "-") }
}

/// One `--set section.key=value` of the command line.
public struct Setting: Sendable, Equatable {
  public var section: String
  public var key: String
  public var value: String

  public init(_ argument: String) throws(ConfigurationError) {
    guard let equals = argument.firstIndex(of: "="), let dot = argument[..<equals].firstIndex(of: "."),
      dot != argument.startIndex, argument.index(after: dot) != equals
    else {
      throw ConfigurationError(file: "--set", expected: "section.key=value", got: INIFile.quoted(argument))
    }
    section = String(argument[..<dot])
    key = String(argument[argument.index(after: dot)..<equals])
    value = String(INIFile.trimmed(argument[argument.index(after: equals)...]))
  }
}
