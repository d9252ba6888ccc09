/// The attributes that stand either in a section or, for all sections, in the session.
enum SDPTransportAttribute {
  /// Reads one of them; false if it is another attribute.
  static func read(
    _ name: SDPText, _ value: SDPText, into media: inout MediaDescription, line: Int
  ) throws(SDPError) -> Bool {
    if name.equals("ice-ufrag") {
      guard value.isICEText(4...256) else {
        throw SDPError(line: line, expected: "ice-ufrag of 4 to 256 ICE characters", found: value.string)
      }
      media.iceUfrag = value.string
    } else if name.equals("ice-pwd") {
      guard value.isICEText(22...256) else {
        // The value stays out of the error: it is a secret.
        throw SDPError(line: line, expected: "ice-pwd of 22 to 256 ICE characters", found: "\(value.count) others")
      }
      media.icePassword = value.string
    } else if name.equals("fingerprint") {
      try fingerprint(value, into: &media, line: line)
    } else if name.equals("setup") {
      guard let setup = SetupRole(rawValue: value.string) else {
        throw SDPError(line: line, expected: "setup active, passive, actpass or holdconn", found: value.string)
      }
      media.setup = setup
    } else if let direction = direction(name) {
      media.direction = direction
    } else {
      return false
    }
    return true
  }

  static func direction(_ name: SDPText) -> MediaDirection? {
    if name.equals("sendrecv") { return .sendReceive }
    if name.equals("sendonly") { return .sendOnly }
    if name.equals("recvonly") { return .receiveOnly }
    return name.equals("inactive") ? .inactive : nil
  }

  private static func fingerprint(
    _ value: SDPText, into media: inout MediaDescription, line: Int
  ) throws(SDPError) {
    let words = value.words
    guard words.count == 2, words[0].isToken, isHexPairs(words[1]), media.fingerprints.count < 8 else {
      throw SDPError(line: line, expected: "fingerprint algorithm and AA:BB:…", found: value.string)
    }
    media.fingerprints.append(Fingerprint(algorithm: words[0].string, value: words[1].string))
  }

  /// Two hexadecimal digits, a colon, two digits, …
  private static func isHexPairs(_ text: SDPText) -> Bool {
    var place = 0
    for byte in text {
      switch (place % 3, UInt8(byte)) {
      case (0...1, 0x30...0x39), (0...1, 0x41...0x46), (0...1, 0x61...0x66), (2, UInt8(ascii: ":")): place += 1
      default: return false
      }
    }
    return place % 3 == 2
  }
}
