/// Takes out of text what nobody needs who looks for a fault: who people are, where they came from, and all that is or may be secret.
/// One name always becomes the same stand-in, so that a story can still be followed.
public struct Redactor: Sendable {
  /// Fields of log lines whose values name people or places, and what stands for them.
  public static let kinds = ["USER": "user", "ADDRESS": "address", "SESSION": "session"]
  /// Shorter runs of letters are words.
  private static let shortestSecret = 22

  private var known: [String: String] = [:]
  private var counts: [String: Int] = [:]

  public init() {}

  /// What stands for a name of a kind.
  public mutating func standIn(for name: String, kind: String) -> String {
    if let found = known[name] { return found }
    let number = counts[kind, default: 0] + 1
    counts[kind] = number
    known[name] = "\(kind)-\(number)"
    return "\(kind)-\(number)"
  }

  /// Text without addresses, without anything long that could be a key or a token, and without the names that are known by now.
  public mutating func redact(_ text: String) -> String {
    var result = ""
    var word = ""
    for character in text {
      if Self.isPartOfWord(character) {
        word.append(character)
      } else {
        result += standIn(forWord: word)
        word = ""
        result.append(character)
      }
    }
    return result + standIn(forWord: word)
  }

  private static func isPartOfWord(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || "._-:+/=%".contains(character)
  }

  private mutating func standIn(forWord word: String) -> String {
    guard !word.isEmpty else { return "" }
    // A colon or a dot at its end belongs to the sentence.
    let end = word.lastIndex { !".:".contains($0) }.map { word.index(after: $0) } ?? word.startIndex
    let name = String(word[..<end])
    let rest = word[end...]
    if let found = known[name] { return found + rest }
    if Self.isAddress(name) { return standIn(for: name, kind: "address") + rest }
    if Self.isSecret(name) { return "(removed)" + rest }
    return word
  }

  /// An IPv4 address, an IPv6 address or a MAC address, with a port or not; not one that every machine has.
  private static func isAddress(_ word: String) -> Bool {
    let dotted = (word.split(separator: ":").first ?? "").split(separator: ".", omittingEmptySubsequences: false)
    if dotted.count == 4, dotted.allSatisfy({ UInt8($0) != nil }) { return dotted[0] != "127" && dotted[0] != "0" }
    let groups = word.split(separator: ":", omittingEmptySubsequences: false)
    return groups.count >= 4 && word.count > 3 && groups.allSatisfy { $0.count <= 4 && $0.allSatisfy(\.isHexDigit) }
      && word.contains { $0 != ":" && $0 != "0" && $0 != "1" }
  }

  /// Long, and mixed as no word is.
  private static func isSecret(_ word: String) -> Bool {
    guard !word.contains("/"), !word.contains(":") else { return false }
    return word.split(whereSeparator: { ".=%".contains($0) }).contains { part in
      part.count >= shortestSecret && part.contains(where: \.isNumber)
        && part.filter { $0 == "-" }.count < 3
    }
  }
}

/// Lines of the log as text.
public enum LogText {
  /// One line for each, times in UTC, without what the redactor takes out.
  public static func render(_ lines: [LogLine], _ redactor: inout Redactor) -> String {
    // All names first: a line may name somebody before the line that says that it is a name.
    for line in lines {
      for (field, kind) in Redactor.kinds {
        if let name = line.fields[field] { _ = redactor.standIn(for: name, kind: kind) }
      }
    }
    var text = ""
    for line in lines {
      let priority = line.priority <= 3 ? "error" : line.priority <= 4 ? "warning" : "info"
      text +=
        "\(UTC.text(milliseconds: line.milliseconds)) \(priority) \(line.process): \(redactor.redact(line.text))\n"
    }
    return text
  }
}

/// Wall time for people, without a calendar library.
public enum UTC {
  /// `2026-11-26T20:05:09.120Z` (RFC 3339).
  public static func text(milliseconds: Int64) -> String {
    // Far beyond any year that a clock can show.
    let milliseconds = min(max(milliseconds, -(1 << 60)), 1 << 60)
    let days = Int((milliseconds >= 0 ? milliseconds : milliseconds - 86_399_999) / 86_400_000)
    let left = Int(milliseconds - Int64(days) * 86_400_000)
    // The civil calendar, counted from 1 March of the year 0, in eras of 400 years.
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let part = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * part + 2) / 5 + 1
    let month = part < 10 ? part + 3 : part - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    func two(_ n: Int) -> String { n < 10 ? "0\(n)" : "\(n)" }
    let fraction = "\(1_000 + left % 1_000)".dropFirst()
    return "\(year)-\(two(month))-\(two(day))T\(two(left / 3_600_000)):\(two(left / 60_000 % 60)):"
      + "\(two(left / 1_000 % 60)).\(fraction)Z"
  }
}
