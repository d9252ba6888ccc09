/// Takes typed values out of an INI file; what nobody took at the end is an unknown key.
struct INIReader {
  private let entries: [INIFile.Entry]
  private var known: [String: [String]] = [:]

  init(_ file: INIFile) { entries = file.entries }

  /// The value as it stands; nil if the key is not given.
  private mutating func entry(_ section: String, _ key: String) -> INIFile.Entry? {
    known[section, default: []].append(key)
    return entries.first { $0.section == section && $0.key == key }
  }

  private func wrong(_ entry: INIFile.Entry, _ expected: String) -> ConfigurationError {
    ConfigurationError(
      file: entry.file, line: entry.line, key: entry.name, expected: expected, got: INIFile.quoted(entry.value))
  }

  /// A value that `parse` understands; `expected` says in words what that is.
  mutating func value<T>(
    _ section: String, _ key: String, _ expected: String, _ fallback: T, _ parse: (String) -> T?
  ) throws(ConfigurationError) -> T {
    guard let entry = entry(section, key) else { return fallback }
    guard let value = parse(entry.value) else { throw wrong(entry, expected) }
    return value
  }

  /// Not empty, without control characters.
  mutating func text(_ section: String, _ key: String, _ fallback: String) throws(ConfigurationError) -> String {
    try value(section, key, "a text", fallback, Self.text)
  }

  mutating func optionalText(_ section: String, _ key: String) throws(ConfigurationError) -> String? {
    try value(section, key, "a text", nil) { (text: String) -> String?? in Self.text(text).map { .some($0) } }
  }

  mutating func integer(
    _ section: String, _ key: String, _ range: ClosedRange<Int>, _ fallback: Int
  ) throws(ConfigurationError) -> Int {
    let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
    return try value(section, key, expected, fallback) { text in Int(text).flatMap { range.contains($0) ? $0 : nil } }
  }

  /// A decimal number, which may have a fraction.
  mutating func number(
    _ section: String, _ key: String, _ range: ClosedRange<Double>, _ fallback: Double
  ) throws(ConfigurationError) -> Double {
    let expected = "a number from \(range.lowerBound) to \(range.upperBound)"
    return try value(section, key, expected, fallback) { text in
      guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }) else { return nil }
      return Double(text).flatMap { range.contains($0) ? $0 : nil }
    }
  }

  mutating func choice<T: RawRepresentable<String> & CaseIterable>(
    _ section: String, _ key: String, _ fallback: T
  ) throws(ConfigurationError) -> T {
    let expected = T.allCases.map(\.rawValue).joined(separator: " or ")
    return try value(section, key, expected, fallback) { T(rawValue: $0) }
  }

  /// Texts with commas between them; an empty value is an empty list.
  mutating func list(
    _ section: String, _ key: String, _ expected: String, _ isAllowed: (String) -> Bool
  ) throws(ConfigurationError) -> [String] {
    try value(section, key, "\(expected), with commas between them", []) { text in
      if text.isEmpty { return [] }
      let items = text.split(separator: ",", omittingEmptySubsequences: false).map { String(INIFile.trimmed($0)) }
      return items.allSatisfy(isAllowed) ? items : nil
    }
  }

  /// Refuses what nobody has asked for.
  func finish() throws(ConfigurationError) {
    for entry in entries {
      guard let keys = known[entry.section] else {
        throw ConfigurationError(
          file: entry.file, line: entry.line, key: entry.name,
          expected: "one of the sections " + known.keys.sorted().joined(separator: ", "),
          got: "section \(INIFile.quoted(entry.section))")
      }
      guard keys.contains(entry.key) else {
        throw ConfigurationError(
          file: entry.file, line: entry.line, key: entry.name,
          expected: "one of the keys " + keys.sorted().joined(separator: ", "), got: "key \(INIFile.quoted(entry.key))")
      }
    }
  }

  private static func text(_ text: String) -> String? {
    guard !text.isEmpty, !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
      return nil
    }
    return text
  }
}
