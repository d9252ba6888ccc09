import Linux

/// Retransmission on a stream of its own (RFC 4588 section 4): the original sequence number stands before the payload.
public enum RTX {
  /// Writes a retransmission of `original`.
  /// - Parameters:
  ///   - header: payload type, sequence and SSRC of the RTX stream; marker and timestamp are taken from the original.
  ///   - values: must hold the mid: a receiver that has not seen this SSRC cannot place the packet otherwise.
  /// - Returns: the packet's length; nil if it does not fit.
  public static func encapsulate(
    _ original: RTPPacket, payloadType: UInt8, sequence: UInt16, ssrc: UInt32, _ values: RTPExtensionValues,
    ids: RTPExtensions, into view: PacketView
  ) -> Int? {
    var values = values
    // The rotation belongs to the picture, so it goes along.
    if values.videoOrientation == nil { values.videoOrientation = original.element(ids.videoOrientation)?.u8(0) }
    let header = RTPHeader(
      payloadType: payloadType, marker: original.marker, sequence: sequence, timestamp: original.timestamp, ssrc: ssrc)
    guard let start = RTPWriter.write(header, values, ids: ids, into: view),
      view.set(start, original.sequence),
      view.copy(UnsafeRawBufferPointer(original.payload.raw), to: start + 2)
    else { return nil }
    return start + 2 + original.payload.count
  }

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
