/// Words in lines of letters that the font has.
package enum WrappedText {
  /// Breaks a text between words, or within one that is longer than a line; what is left over after the last line is cut off.
  package static func lines(_ text: String, columns: Int, most: Int) -> [[UInt8]] {
    guard columns > 0, most > 0 else { return [] }
    var lines: [[UInt8]] = []
    var line: [UInt8] = []
    for word in text.split(separator: " ") {
      var rest = word.map(letter)
      if !line.isEmpty, line.count + 1 + rest.count > columns {
        lines.append(line)
        line = []
      }
      if !line.isEmpty { line.append(0x20) }
      while rest.count > columns {
        lines.append(Array(rest.prefix(columns)))
        rest.removeFirst(columns)
      }
      line += rest
    }
    if !line.isEmpty { lines.append(line) }
    return Array(lines.prefix(most))
  }

  /// A letter of the font for each character, whatever its language.
  private static func letter(_ character: Character) -> UInt8 {
    switch character {
    case "×": UInt8(ascii: "x")
    case "–", "—": UInt8(ascii: "-")
    default: character.asciiValue ?? 0
    }
  }
}
