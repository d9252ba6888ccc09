import Linux

/// The header extensions that we know, and the id each has in one negotiated section; 0 is "not negotiated".
public struct RTPExtensions: Equatable, Sendable {
  /// RFC 9143 section 15.
  public var mid: UInt8 = 0
  /// RFC 8852, of the stream itself and of its retransmissions.
  public var rid: UInt8 = 0
  public var repairedRID: UInt8 = 0
  /// draft-holmer-rmcat-transport-wide-cc-extensions-01.
  public var transportSequence: UInt8 = 0
  /// The sender's 24-bit clock at the departure of the packet.
  public var absoluteSendTime: UInt8 = 0
  /// RFC 6464.
  public var audioLevel: UInt8 = 0
  /// 3GPP TS 26.114, coordination of video orientation.
  public var videoOrientation: UInt8 = 0
  /// Bounds of the receiver's buffer; 0/0 asks for display at once.
  public var playoutDelay: UInt8 = 0

  public init() {}
}

/// The bounds that the playout-delay extension sets, in units of 10 ms, each at most 4095.
public struct PlayoutDelay: Equatable, Sendable {
  public var minimum: UInt16
  public var maximum: UInt16

  public init(minimum: UInt16, maximum: UInt16) {
    self.minimum = min(minimum, 4095)
    self.maximum = min(maximum, 4095)
  }

  /// Show each frame as soon as it is decoded.
  public static let none = PlayoutDelay(minimum: 0, maximum: 0)
}

/// A short text such as a mid or a rid, at most 16 bytes, without memory of its own so that writing it costs nothing.
public struct ShortText: Equatable, Sendable {
  private var bytes: (UInt64, UInt64) = (0, 0)
  public private(set) var count = 0

  /// Nil if the text is empty or longer than 16 bytes.
  public init?(_ text: String) {
    guard (1...16).contains(text.utf8.count) else { return nil }
    for byte in text.utf8 {
      if count < 8 {
        bytes.0 |= UInt64(byte) << UInt64(8 * count)
      } else {
        bytes.1 |= UInt64(byte) << UInt64(8 * (count - 8))
      }
      count += 1
    }
  }

  /// The byte at an index; 0 outside.
  public subscript(index: Int) -> UInt8 {
    guard index >= 0, index < count else { return 0 }
    let half = index < 8 ? bytes.0 : bytes.1
    return UInt8(truncatingIfNeeded: half >> UInt64(8 * (index & 7)))
  }

  /// Whether a packet's element is this text.
  public func matches(_ element: PacketView) -> Bool {
    guard element.count == count else { return false }
    for index in 0..<count where element.u8(index) != self[index] { return false }
    return true
  }

  public static func == (a: ShortText, b: ShortText) -> Bool {
    a.count == b.count && a.bytes.0 == b.bytes.0 && a.bytes.1 == b.bytes.1
  }
}

/// What to write into one packet's header extension. Whatever has no negotiated id is left out.
public struct RTPExtensionValues: Equatable, Sendable {
  public var mid: ShortText?
  public var rid: ShortText?
  public var repairedRID: ShortText?
  public var transportSequence: UInt16?
  /// 24 bits: seconds in 6.18 fixed point, see `AbsoluteSendTime`.
  public var absoluteSendTime: UInt32?
  /// The low four bits of 3GPP TS 26.114: camera, flip, rotation.
  public var videoOrientation: UInt8?
  public var playoutDelay: PlayoutDelay?
  /// RFC 6464: decibels below overload, and whether it is voice in the highest bit.
  public var audioLevel: UInt8?

  public init() {}
}

/// The clock of the abs-send-time extension: 24 bits, 6 of seconds and 18 of fraction, wrapping each 64 s.
public enum AbsoluteSendTime {
  /// The value for a moment on the sender's clock, given in microseconds.
  public static func value(microseconds: Int64) -> UInt32 {
    let within = UInt64(bitPattern: microseconds) % 64_000_000
    return UInt32(truncatingIfNeeded: (within << 18) / 1_000_000) & 0xff_ffff
  }
}
