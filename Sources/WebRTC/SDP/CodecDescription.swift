/// A payload type of a section with what its rtpmap, fmtp and rtcp-fb lines say.
public struct CodecDescription: Equatable, Sendable {
  public var payloadType: UInt8
  /// As it came; compared without regard to case.
  public var name: String
  public var clockRate: UInt32
  /// The channels of an audio codec; 1 if not given.
  public var channels: UInt8
  /// The value of the fmtp line, for instance "minptime=10;useinbandfec=1".
  public var parameters: String?
  /// The values of the rtcp-fb lines (RFC 4585), for instance "nack pli"; those for all payload types ("*") included.
  public var feedback: [String]

  public init(
    payloadType: UInt8, name: String, clockRate: UInt32, channels: UInt8 = 1, parameters: String? = nil,
    feedback: [String] = []
  ) {
    self.payloadType = payloadType
    self.name = name
    self.clockRate = clockRate
    self.channels = channels
    self.parameters = parameters
    self.feedback = feedback
  }

  /// Whether this is the codec of that name, clock rate and number of channels (RFC 3264 section 6.1).
  public func matches(_ other: CodecDescription) -> Bool {
    clockRate == other.clockRate && channels == other.channels && name.lowercased() == other.name.lowercased()
  }

  /// The payload type whose packets an RTX payload type repeats (RFC 4588 section 8.1); nil for other codecs.
  public var repeatedPayloadType: UInt8? {
    guard name.lowercased() == "rtx" else { return nil }
    return parameter("apt").flatMap { UInt8($0) }
  }

  /// The value of one key of the parameters, which stand as "key=value;key=value".
  public func parameter(_ key: String) -> String? {
    guard let parameters else { return nil }
    for part in parameters.utf8.split(separator: UInt8(ascii: ";")) {
      let pair = part.split(separator: UInt8(ascii: "="), maxSplits: 1)
      guard pair.count == 2, Substring(pair[0]).drop(while: { $0 == " " }).lowercased() == key else { continue }
      return String(Substring(pair[1]))
    }
    return nil
  }
}
