/// What may be registered. Each rule answers with the field that breaks it.
public enum Validation {
  public static let idLengths = 2...32
  public static let displayNameLengths = 1...64
  public static let passwordLengths = 8...128

  /// Lower-cased; `[a-z0-9._-]`, 2 to 32 of them, and none of the reserved ids.
  public static func id(_ text: String) throws(APIError) -> UserID {
    guard text.utf8.count <= idLengths.upperBound else {
      throw APIError(.invalid, "an id has at most \(idLengths.upperBound) characters", field: "id")
    }
    // ASCII only: Unicode lower-casing turns the Kelvin sign into a k.
    let lowered = text.utf8.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
    let id = String(decoding: lowered, as: UTF8.self)
    guard idLengths.contains(id.utf8.count) else {
      throw APIError(.invalid, "an id has at least \(idLengths.lowerBound) characters", field: "id")
    }
    let allowed: (UInt8) -> Bool = { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
      case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
      default: false
      }
    }
    guard id.utf8.allSatisfy(allowed) else {
      throw APIError(.invalid, "an id has only a–z, 0–9, dot, underscore and hyphen", field: "id")
    }
    let user = UserID(id)
    guard user != .box, user != .everyone else { throw APIError(.invalid, "\(id) is reserved", field: "id") }
    return user
  }

  public static let roomNameLengths = 1...64
  public static let chatLengths = 1...1_000
  public static let chatKeyLengths = 1...64

  /// As a display name is.
  public static func roomName(_ text: String) throws(APIError) -> String {
    do throws(APIError) {
      return try displayName(text)
    } catch {
      throw APIError(.invalid, "a room's name has 1 to \(roomNameLengths.upperBound) plain characters", field: "name")
    }
  }

  /// 1 to 1,000 Unicode scalars that are not all white space; of control characters line feed and tab alone.
  public static func chat(_ text: String) throws(APIError) {
    let scalars = text.unicodeScalars
    guard text.utf8.count <= 4 * chatLengths.upperBound, chatLengths.contains(scalars.count),
      !scalars.allSatisfy(\.properties.isWhitespace),
      scalars.allSatisfy({ $0.properties.generalCategory != .control || $0 == "\n" || $0 == "\t" })
    else {
      throw APIError(.invalid, "a line of chat has 1 to \(chatLengths.upperBound) characters", field: "text")
    }
  }

  /// Without the white space around it; 1 to 64 Unicode scalars, none of them a control character, a line separator or an
  /// override of the writing direction (which would let a name reorder the text beside it).
  public static func displayName(_ text: String) throws(APIError) -> String {
    let scalars = text.unicodeScalars
    guard scalars.count <= 4 * displayNameLengths.upperBound else {
      throw APIError(
        .invalid, "a display name has at most \(displayNameLengths.upperBound) characters", field: "displayName")
    }
    let bad = scalars.contains { scalar in
      switch scalar.properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse, .surrogate: true
      default: (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
      }
    }
    guard !bad else { throw APIError(.invalid, "a display name has no control characters", field: "displayName") }
    let isSpace: (Unicode.Scalar) -> Bool = { $0.properties.isWhitespace }
    let name = String(String.UnicodeScalarView(scalars.drop(while: isSpace).reversed().drop(while: isSpace).reversed()))
    guard displayNameLengths.contains(name.unicodeScalars.count) else {
      throw APIError(
        .invalid, "a display name has 1 to \(displayNameLengths.upperBound) characters", field: "displayName")
    }
    return name
  }

  /// What can be told of a session description without reading it: its length, and its first line (RFC 8866 section 5.1).
  public static func description(_ sdp: String) throws(APIError) {
    let bytes = sdp.utf8
    guard bytes.count <= API.largestDescriptionBytes else {
      throw APIError(.invalid, "a description has at most \(API.largestDescriptionBytes) bytes", field: "sdp")
    }
    guard bytes.starts(with: "v=0\r\n".utf8) || bytes.starts(with: "v=0\n".utf8) else {
      throw APIError(.invalid, "a description begins with the line v=0", field: "sdp")
    }
  }

  /// 8 to 128 Unicode scalars, whichever.
  public static func password(_ secret: Secret) throws(APIError) {
    guard passwordLengths.contains(secret.revealed.unicodeScalars.count) else {
      throw APIError(
        .invalid, "a password has \(passwordLengths.lowerBound) to \(passwordLengths.upperBound) characters",
        field: "password")
    }
  }
}
