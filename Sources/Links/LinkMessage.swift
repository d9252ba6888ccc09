import FoundationEssentials

/// A message of a link: one JSON object in one datagram. Swift's own coding of enumerations gives
/// `{"name":{…}}`, wrapped with the version.
public protocol LinkMessage: Codable, Sendable, Equatable {
  /// Raised when a message changes its meaning; both ends come from one binary, so a difference means a broken restart.
  static var version: Int { get }
}

extension LinkMessage {
  public static var version: Int { 1 }
}

/// Why a datagram of a link was refused.
public enum LinkError: Error, Equatable, Sendable {
  /// Longer than ``LinkCodec/largestMessageBytes``.
  case tooLarge(bytes: Int)
  case otherVersion(expected: Int, got: Int)
  /// Not JSON, or JSON that is not such a message.
  case malformed(String)
}

/// Turns messages into datagrams and back.
public enum LinkCodec {
  /// A session description is below 10 KiB; the rest is room for a status report.
  public static let largestMessageBytes = 64 * 1024

  private struct Envelope<Message: LinkMessage>: Codable {
    var v: Int
    var m: Message

    init(_ message: Message) {
      v = Message.version
      m = message
    }

    /// Looks at the version first: a message of another one need not make sense.
    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      v = try container.decode(Int.self, forKey: .v)
      guard v == Message.version else { throw LinkError.otherVersion(expected: Message.version, got: v) }
      m = try container.decode(Message.self, forKey: .m)
    }
  }

  public static func encode<Message: LinkMessage>(_ message: Message) throws(LinkError) -> [UInt8] {
    let data: Data
    do {
      let encoder = JSONEncoder()
      encoder.outputFormatting = .withoutEscapingSlashes
      data = try encoder.encode(Envelope(message))
    } catch {
      throw .malformed("\(error)")
    }
    guard data.count <= largestMessageBytes else { throw .tooLarge(bytes: data.count) }
    return [UInt8](data)
  }

  public static func decode<Message: LinkMessage>(
    _ type: Message.Type, from bytes: some Collection<UInt8>
  ) throws(LinkError) -> Message {
    guard bytes.count <= largestMessageBytes else { throw .tooLarge(bytes: bytes.count) }
    guard JSONStrings.areSound(in: bytes) else { throw .malformed("a string of it is no Unicode text") }
    do {
      return try JSONDecoder().decode(Envelope<Message>.self, from: Data(bytes)).m
    } catch let error as LinkError {
      throw error
    } catch {
      throw .malformed("\(error)")
    }
  }
}
