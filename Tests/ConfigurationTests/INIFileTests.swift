import TestSupport
import Testing

@testable import Configuration

/// The INI form itself.
@Suite struct INIFileTests {
  private func pairs(_ text: String) throws -> [String] {
    try INIFile(text, file: "f").entries.map { "\($0.name)=\($0.value)@\($0.line ?? 0)" }
  }

  @Test func whatIsRead() throws {
    let text = """
      # a comment
      ; another

      [one]
        key = a value, with = and # in it\u{20}
      empty =
      [two]
      key=x
      [one]
      other = y
      """
    #expect(
      try pairs(text) == ["one.key=a value, with = and # in it@5", "one.empty=@6", "two.key=x@8", "one.other=y@10"])
    #expect(try pairs("") == [])
    #expect(try pairs("\u{FEFF}[a]\r\nk = v\r\n") == ["a.k=v@2"])
  }

  @Test(
    arguments: [
      ("[one", 1, nil, "[section]"), ("[]", 1, nil, "[section]"), ("[a b]", 1, nil, "[section]"),
      ("[one]\n\nnonsense", 3, nil, "key = value"), ("[one]\n= x", 2, nil, "a key of letters, digits and hyphens"),
      ("[one]\na b = x", 2, nil, "a key of letters, digits and hyphens"), ("key = x", 1, "key", "a [section] above it"),
      ("[one]\nk = 1\n[one]\nk = 2", 4, "one.k", "the key once"),
    ] as [(String, Int, String?, String)])
  func mistakes(text: String, line: Int, key: String?, expected: String) {
    #expect {
      try INIFile(text, file: "f")
    } throws: { error in
      guard let error = error as? ConfigurationError else { return false }
      return error.file == "f" && error.line == line && error.key == key && error.expected == expected
    }
  }

  @Test func aFileThatIsTooLong() {
    #expect(throws: ConfigurationError.self) {
      try INIFile(String(repeating: "#", count: INIFile.largestBytes + 1), file: "f")
    }
  }

  @Test func settingsOfTheCommandLine() throws {
    let setting = try Setting("calls.ring-seconds=0.5")
    #expect((setting.section, setting.key, setting.value) == ("calls", "ring-seconds", "0.5"))
    #expect(try Setting("box.name=a=b.c").value == "a=b.c")
    #expect(try Setting("calls.presets=").value == "")
    for bad in ["", "calls", "calls.ring", "=x", ".k=v", "calls.=v", "calls=a.b"] {
      #expect(throws: ConfigurationError.self, "\(bad)") { try Setting(bad) }
    }
  }

  /// Any text is an INI file or a mistake, and nothing else.
  @Test func noTextTraps() {
    var random = SeededGenerator(seed: 4)
    let pieces = ["[", "]", "box", "calls", "=", "\n", " ", "name", "#", ";", "\u{0}", "é", "9", "-", "\r\n", "🚒", "."]
    var read = 0
    for _ in 0..<5_000 {
      let text = (0..<Int.random(in: 0..<12, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
      if let file = try? INIFile(text.joined(), file: "f") {
        read += 1
        _ = try? BoxConfiguration(file)
      }
      _ = try? Setting(text.joined())
    }
    #expect(read > 100)
  }
}
