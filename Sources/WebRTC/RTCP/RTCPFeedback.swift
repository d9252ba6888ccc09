import Linux

/// Packets that a receiver misses (RFC 4585 section 6.2.1).
public struct RTCPNack {
  public let sender: UInt32
  public let media: UInt32
  private let body: PacketView

  init?(_ body: PacketView) {
    guard let sender = body.u32(0), let media = body.u32(4), body.count >= 12 else { return nil }
    self.sender = sender
    self.media = media
    self.body = body
  }

  /// Calls `visit` with each missing sequence number.
  public func forEachSequence(_ visit: (UInt16) -> Void) {
    var at = 8
    while let first = body.u16(at), let mask = body.u16(at + 2) {
      visit(first)
      for bit in 0..<16 where mask & (1 << UInt16(bit)) != 0 { visit(first &+ UInt16(bit) &+ 1) }
      at += 4
    }
  }
}

/// Demands for a key frame, each with a counter that tells a repetition from a new demand (RFC 5104 section 4.3.1).
public struct RTCPFullIntraRequest {
  public let sender: UInt32
  private let body: PacketView

  init?(_ body: PacketView) {
    guard let sender = body.u32(0), body.count >= 16 else { return nil }
    self.sender = sender
    self.body = body
  }

  /// Calls `visit` with each stream and the number of the demand.
  public func forEachEntry(_ visit: (_ ssrc: UInt32, _ number: UInt8) -> Void) {
    var at = 8
    while let ssrc = body.u32(at), let number = body.u8(at + 4), body.count - at >= 8 {
      visit(ssrc, number)
      at += 8
    }
  }
}

/// The receiver's estimate of the bit rate it can take (draft-alvestrand-rmcat-remb-03).
public struct RTCPBitrateLimit {
  public let sender: UInt32
  public let bitsPerSecond: UInt64
  public let sourceCount: Int
  private let body: PacketView

  static let identifier: UInt32 = 0x5245_4d42  // "REMB"

  init?(_ body: PacketView) {
    guard let sender = body.u32(0), body.u32(8) == Self.identifier, let packed = body.u32(12) else { return nil }
    let count = Int(packed >> 24)
    guard body.count >= 16 + 4 * count else { return nil }
    let (exponent, mantissa) = (UInt64(packed >> 18 & 0x3f), UInt64(packed & 0x3_ffff))
    // A rate that needs more than 64 bits is "no limit".
    bitsPerSecond = exponent <= 46 ? mantissa << exponent : (mantissa == 0 ? 0 : .max)
    self.sender = sender
    self.body = body
    sourceCount = count
  }

  /// The stream at an index below `sourceCount`.
  public func source(_ index: Int) -> UInt32? {
    guard index >= 0, index < sourceCount else { return nil }
    return body.u32(16 + 4 * index)
  }
}
