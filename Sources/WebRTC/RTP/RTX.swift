import Linux

/// Retransmission on a stream of its own (RFC 4588 section 4): the original sequence number stands before the payload.
public enum RTX {
  /// Restores the original in place: the header moves over the two bytes of its sequence number.
  /// - Returns: the packet as it was first sent; nil for an RTX packet without payload, which only probes bandwidth.
  public static func decapsulate(_ packet: RTPPacket, payloadType: UInt8, ssrc: UInt32) -> RTPPacket? {
    guard packet.payload.count > 2, let sequence = packet.payload.u16(0),
      let header = packet.view.prefix(packet.headerLength),
      let restored = packet.view.dropFirst(2), restored.copy(UnsafeRawBufferPointer(header.raw), to: 0),
      let original = RTPPacket(restored)
    else { return nil }
    original.payloadType = payloadType
    original.sequence = sequence
    original.ssrc = ssrc
    return original
  }
}
