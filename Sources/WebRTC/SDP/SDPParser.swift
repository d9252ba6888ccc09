/// Reads a description line by line.
struct SDPParser {
  private var session = SessionDescription()
  /// The attributes of the session that hold for sections without their own.
  private var defaults = MediaDescription(kind: .other(""), port: 0, proto: "", formats: [])
  private var section: SDPSectionParser?
  private var line = 0

  mutating func parse(_ text: String) throws(SDPError) -> SessionDescription {
    guard text.utf8.count <= SessionDescription.maximumBytes else {
      throw SDPError(expected: "at most \(SessionDescription.maximumBytes) bytes", found: "\(text.utf8.count)")
    }
    var hasOrigin = false
    for raw in text.utf8[...].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      line += 1
      let content = raw.last == UInt8(ascii: "\r") ? raw.dropLast() : raw
      if content.isEmpty { continue }
      // NUL and CR have no place in a line (RFC 8866 section 9, byte-string).
      guard !content.contains(where: { $0 == 0 || $0 == UInt8(ascii: "\r") }) else {
        throw SDPError(line: line, expected: "no NUL or CR within a line", found: content.string)
      }
      let body = content.dropFirst(2)
      guard content.dropFirst().first == UInt8(ascii: "="), let type = content.first else {
        throw SDPError(line: line, expected: "a letter and \"=\"", found: content.string)
      }
      if line == 1 {
        guard content.equals("v=0") else { throw SDPError(line: 1, expected: "v=0", found: content.string) }
        continue
      }
      switch type {
      case UInt8(ascii: "o"):
        try origin(body)
        hasOrigin = true
      case UInt8(ascii: "m"):
        try finishSection()
        section = try SDPSectionParser(body, defaults: defaults, line: line)
      case UInt8(ascii: "a"):
        let (name, value) = body.cut(":")
        if section != nil {
          try section?.attribute(name, value ?? body[body.endIndex...], line: line)
        } else {
          try attribute(name, value ?? body[body.endIndex...])
        }
      default:
        continue
      }
    }
    try finishSection()
    guard hasOrigin else { throw SDPError(expected: "an origin line", found: text) }
    return session
  }

  private mutating func finishSection() throws(SDPError) {
    guard let section else { return }
    guard session.media.count < SessionDescription.maximumSections else {
      throw SDPError(line: line, expected: "at most \(SessionDescription.maximumSections) m-lines", found: "more")
    }
    let media = section.finished()
    guard media.mid.isEmpty || !session.media.contains(where: { $0.mid == media.mid }) else {
      throw SDPError(line: line, expected: "a mid that no other section has", found: media.mid)
    }
    session.media.append(media)
    self.section = nil
  }

  /// `o=<user> <session id> <version> IN IP4 <address>` (RFC 8866 section 5.2).
  private mutating func origin(_ body: SDPText) throws(SDPError) {
    let words = body.words
    guard words.count == 6, let id = words[1].number(UInt64.self), let version = words[2].number(UInt64.self) else {
      throw SDPError(line: line, expected: "o=user id version IN IP4 address", found: body.string)
    }
    session.sessionID = id
    session.sessionVersion = version
  }

  private mutating func attribute(_ name: SDPText, _ value: SDPText) throws(SDPError) {
    if name.equals("group") {
      let words = value.words
      if words.first?.equals("BUNDLE") == true { session.bundle = words.dropFirst().map { $0.string } }
    } else if name.equals("ice-lite") {
      session.isICELite = true
    } else if name.equals("ice-options") {
      session.iceOptions = value.words.map { $0.string }
    } else if name.equals("extmap-allow-mixed") {
      session.extmapAllowMixed = true
    } else {
      _ = try SDPTransportAttribute.read(name, value, into: &defaults, line: line)
    }
  }
}
