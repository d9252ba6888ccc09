import Linux

/// The fields of the fixed RTP header that differ between packets (RFC 3550 section 5.1).
public struct RTPHeader: Equatable, Sendable {
  public var payloadType: UInt8
  public var marker: Bool
  public var sequence: UInt16
  public var timestamp: UInt32
  public var ssrc: UInt32

  public init(payloadType: UInt8, marker: Bool = false, sequence: UInt16, timestamp: UInt32, ssrc: UInt32) {
    self.payloadType = payloadType
    self.marker = marker
    self.sequence = sequence
    self.timestamp = timestamp
    self.ssrc = ssrc
  }
}

/// Writes RTP headers in place.
public enum RTPWriter {
  /// Writes the fixed header and the extension elements that have both a value and an id. The payload goes behind.
  /// - Returns: the header's length in bytes; nil if `view` is too short.
  public static func write(
    _ header: RTPHeader, _ values: RTPExtensionValues = RTPExtensionValues(),
    ids: RTPExtensions = RTPExtensions(), into view: PacketView
  ) -> Int? {
    let fixed = 12
    guard view.count >= fixed else { return nil }
    let elements = view.dropFirst(fixed + 4).map { writeElements(values, ids, into: $0) }
    // No room for an extension is an error only if there is something to write.
    guard let (profile, length) = elements ?? (values == RTPExtensionValues() ? (0, 0) : nil) else { return nil }
    view.set(0, (length > 0 ? 0x90 : 0x80) as UInt8)
    view.set(1, header.payloadType & 0x7f | (header.marker ? 0x80 : 0))
    view.set(2, header.sequence)
    view.set(4, header.timestamp)
    view.set(8, header.ssrc)
    guard length > 0 else { return fixed }
    view.set(fixed, profile)
    view.set(fixed + 2, UInt16(truncatingIfNeeded: length / 4))
    return fixed + 4 + length
  }

  /// The extension's profile and its elements' length, padded to words; nil if they do not fit.
  private static func writeElements(
    _ values: RTPExtensionValues, _ ids: RTPExtensions, into view: PacketView
  ) -> (profile: UInt16, length: Int)? {
    // Ids above 14 need the two-byte form (RFC 8285 section 4.3); all elements of a packet share one form.
    let highest = max(
      ids.mid, ids.rid, ids.repairedRID, ids.transportSequence, ids.absoluteSendTime, ids.videoOrientation,
      ids.playoutDelay, ids.audioLevel)
    let twoByte = highest > 14
    var writer = ByteWriter(view)
    func head(_ id: UInt8, _ length: Int) {
      if twoByte {
        writer.put(id)
        writer.put(UInt8(truncatingIfNeeded: length))
      } else {
        writer.put(id << 4 | UInt8(truncatingIfNeeded: length - 1) & 0x0f)
      }
    }
    if let delay = values.playoutDelay, ids.playoutDelay != 0 {
      head(ids.playoutDelay, 3)
      writer.put(UInt8(truncatingIfNeeded: delay.minimum >> 4))
      writer.put(UInt8(truncatingIfNeeded: delay.minimum << 4 | delay.maximum >> 8))
      writer.put(UInt8(truncatingIfNeeded: delay.maximum))
    }
    if let time = values.absoluteSendTime, ids.absoluteSendTime != 0 {
      head(ids.absoluteSendTime, 3)
      writer.put(UInt8(truncatingIfNeeded: time >> 16))
      writer.put(UInt16(truncatingIfNeeded: time))
    }
    if let sequence = values.transportSequence, ids.transportSequence != 0 {
      head(ids.transportSequence, 2)
      writer.put(sequence)
    }
    if let orientation = values.videoOrientation, ids.videoOrientation != 0 {
      head(ids.videoOrientation, 1)
      writer.put(orientation)
    }
    if let level = values.audioLevel, ids.audioLevel != 0 {
      head(ids.audioLevel, 1)
      writer.put(level)
    }
    func put(_ text: ShortText?, _ id: UInt8) {
      guard let text, id != 0 else { return }
      head(id, text.count)
      for index in 0..<text.count { writer.put(text[index]) }
    }
    put(values.mid, ids.mid)
    put(values.rid, ids.rid)
    put(values.repairedRID, ids.repairedRID)
    while writer.position % 4 != 0, !writer.overflowed { writer.put(0 as UInt8) }
    return writer.overflowed ? nil : (twoByte ? 0x1000 : 0xbede, writer.position)
  }
}
