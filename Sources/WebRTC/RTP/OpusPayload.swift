import Linux

/// What an Opus packet says about itself in its first bytes (RFC 6716 section 3). An RTP payload is one Opus packet (RFC 7587 section 4.2).
public enum OpusPayload {
  /// Ticks of RTP timestamps in a second, whatever the sound's rate.
  public static let clockRate = 48_000
  /// The longest packet in bytes that one frame can make (RFC 6716 section 3.2.1) and a path takes whole.
  public static let longestPacket = 1275
  /// 120 ms.
  public static let mostSamples = 5760

  /// How many samples at 48 kHz the packet decodes to; nil if it is no valid Opus packet.
  public static func samples(_ packet: PacketView) -> Int? {
    guard let toc = packet.u8(0) else { return nil }
    let frames: Int
    switch toc & 3 {
    case 0: frames = 1
    case 1, 2: frames = 2
    default:
      guard let count = packet.u8(1) else { return nil }
      frames = Int(count & 0x3f)
    }
    let samples = frames * frameSamples(toc)
    return (1...mostSamples).contains(samples) ? samples : nil
  }

  /// Samples of one frame, by table 2 of RFC 6716.
  private static func frameSamples(_ toc: UInt8) -> Int {
    let configuration = Int(toc >> 3)
    switch configuration {
    case 0..<12: return [480, 960, 1920, 2880][configuration & 3]
    case 12..<16: return configuration & 1 == 0 ? 480 : 960
    default: return 120 << (configuration & 3)
    }
  }

  /// Whether the packet carries the one before it a second time, at low rate (in-band FEC, RFC 6716 section 4.2.5). The flag is
  /// the first bit behind the voice activity flags, and those stand uncoded at the start of the first frame.
  public static func hasForwardErrorCorrection(_ packet: PacketView) -> Bool {
    // CELT alone has none. Packets of code 3 (many frames) are not looked into.
    guard let toc = packet.u8(0), toc < 0x80, let start = firstFrame(packet, toc), let bits = packet.u8(start) else {
      return false
    }
    let silkFrames = max(1, frameSamples(toc) / 960)
    if bits >> UInt8(7 - silkFrames) & 1 != 0 { return true }
    let isStereo = toc & 4 != 0
    return isStereo && bits >> UInt8(max(0, 6 - 2 * silkFrames)) & 1 != 0
  }

  private static func firstFrame(_ packet: PacketView, _ toc: UInt8) -> Int? {
    switch toc & 3 {
    case 0, 1: return 1
    case 2: return packet.u8(1).map { $0 < 252 ? 2 : 3 }
    default: return nil
    }
  }
}
