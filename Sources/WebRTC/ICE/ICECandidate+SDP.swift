extension ICECandidate {
  /// Reads the value of a candidate line (RFC 8839 section 5.1):
  /// `<foundation> <component> <transport> <priority> <address> <port> typ <type> …`. Nil for a type that the standard does
  /// not know, which is passed over.
  init?(_ value: SDPText, line: Int) throws(SDPError) {
    let words = value.words
    guard words.count >= 8, words[0].isICEText(1...32), let component = words[1].number(UInt16.self), component > 0,
      words[2].isToken, let priority = words[3].number(UInt32.self), words[4].count <= 255,
      let port = words[5].number(UInt16.self), words[6].equals("typ"), words[7].isToken
    else {
      throw SDPError(
        line: line, expected: "foundation component transport priority address port typ …", found: value.string)
    }
    guard let kind = Kind(rawValue: words[7].string) else { return nil }
    self.init(
      foundation: words[0].string, component: component, transport: words[2].string.lowercased(), priority: priority,
      address: words[4].string, port: port, kind: kind)
  }

  /// The value of the candidate line.
  var sdp: String { "\(foundation) \(component) \(transport) \(priority) \(address) \(port) typ \(kind.rawValue)" }
}
