import Linux

/// What a datagram on the one media port is, by its first two bytes (RFC 7983 section 7, RFC 5761 section 4).
public enum DatagramKind: Equatable, Sendable {
  case stun, dtls, rtp, rtcp, unknown

  /// Looks at no more than the header bytes that decide; the protocols' parsers check the rest.
  public static func classify(_ view: PacketView) -> DatagramKind {
    guard let first = view.u8(0) else { return .unknown }
    switch first {
    case 0...3:
      return view.count >= STUNMessage.headerBytes ? .stun : .unknown
    case 20...63:
      return view.count >= 13 ? .dtls : .unknown
    case 128...191:
      guard view.count >= 8, let second = view.u8(1) else { return .unknown }
      // RTCP's packet types 192...223 are RTP's payload types 64...95 with the marker bit, which nobody may assign.
      if (192...223).contains(second) { return .rtcp }
      return view.count >= 12 ? .rtp : .unknown
    default:
      return .unknown
    }
  }
}
