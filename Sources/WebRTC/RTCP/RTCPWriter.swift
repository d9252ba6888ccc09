import Linux

/// Builds an RTCP compound in the caller's memory. A packet that does not fit sets `overflowed` and is left out whole.
public struct RTCPWriter {
  private let view: PacketView
  /// Where the next packet starts: the length of the compound so far.
  public private(set) var length = 0
  public private(set) var overflowed = false
  private var reportStart: Int?

  public init(_ view: PacketView) { self.view = view }

  /// A sender report without blocks; add those with `add`.
  public mutating func senderReport(_ info: SenderInfo) {
    packet(RTCPType.senderReport, 0) { writer in
      writer.put(info.ssrc)
      writer.put(info.ntp)
      writer.put(info.rtpTimestamp)
      writer.put(info.packetCount)
      writer.put(info.octetCount)
    }
  }

  /// A receiver report without blocks; add those with `add`.
  public mutating func receiverReport(ssrc: UInt32) {
    packet(RTCPType.receiverReport, 0) { $0.put(ssrc) }
  }

  /// Appends a block to the report just written; at most 31 go into one.
  public mutating func add(_ block: ReportBlock) {
    guard let start = reportStart, let first = view.u8(start), let words = view.u16(start + 2), first & 0x1f < 31,
      let room = view.slice(length, ReportBlock.length)
    else {
      overflowed = true
      return
    }
    var writer = ByteWriter(room)
    writer.put(block.ssrc)
    writer.put(UInt32(block.fractionLost) << 24 | UInt32(bitPattern: block.cumulativeLost) & 0xff_ffff)
    writer.put(block.extendedHighest)
    writer.put(block.jitter)
    writer.put(block.lastSenderReport)
    writer.put(block.delaySinceLastSenderReport)
    view.set(start, first &+ 1)
    view.set(start + 2, words &+ UInt16(ReportBlock.length / 4))
    length += ReportBlock.length
  }

  /// The source description that every compound needs (RFC 3550 section 6.1).
  public mutating func sourceDescription(ssrc: UInt32, canonicalName: ShortText) {
    packet(RTCPType.sourceDescription, 1) { writer in
      writer.put(ssrc)
      writer.put(1 as UInt8)
      writer.put(UInt8(truncatingIfNeeded: canonicalName.count))
      for index in 0..<canonicalName.count { writer.put(canonicalName[index]) }
      writer.put(0 as UInt8)
    }
  }

  public mutating func goodbye(ssrc: UInt32) {
    packet(RTCPType.goodbye, 1) { $0.put(ssrc) }
  }

  /// Asks for packets again. Numbers within 16 of each other share an entry.
  public mutating func nack(sender: UInt32, media: UInt32, _ missing: some Sequence<UInt16>) {
    packet(RTCPType.transportFeedback, RTCPType.genericNack) { writer in
      writer.put(sender)
      writer.put(media)
      var entry: (first: UInt16, mask: UInt16)?
      for sequence in missing {
        if let open = entry {
          let ahead = sequence.distance(after: open.first)
          if ahead == 0 { continue }
          if (1...16).contains(ahead) {
            entry = (open.first, open.mask | 1 << UInt16(ahead - 1))
            continue
          }
          writer.put(open.first)
          writer.put(open.mask)
        }
        entry = (sequence, 0)
      }
      guard let open = entry else { return }
      writer.put(open.first)
      writer.put(open.mask)
    }
  }

  public mutating func pictureLoss(sender: UInt32, media: UInt32) {
    packet(RTCPType.payloadFeedback, RTCPType.pictureLoss) { writer in
      writer.put(sender)
      writer.put(media)
    }
  }

  /// - Parameter number: one more for each new demand, the same for a repetition.
  public mutating func fullIntraRequest(sender: UInt32, media: UInt32, number: UInt8) {
    packet(RTCPType.payloadFeedback, RTCPType.fullIntraRequest) { writer in
      writer.put(sender)
      writer.put(0 as UInt32)
      writer.put(media)
      writer.put(UInt32(number) << 24)
    }
  }

  public mutating func bitrateLimit(sender: UInt32, media: UInt32, bitsPerSecond: UInt64) {
    packet(RTCPType.payloadFeedback, RTCPType.applicationLayer) { writer in
      writer.put(sender)
      writer.put(0 as UInt32)
      writer.put(RTCPBitrateLimit.identifier)
      let exponent = max(0, 64 - 18 - bitsPerSecond.leadingZeroBitCount)
      writer.put(
        1 << 24 | UInt32(truncatingIfNeeded: exponent) << 18
          | UInt32(truncatingIfNeeded: bitsPerSecond >> UInt64(exponent))
      )
      writer.put(media)
    }
  }

  /// Any packet: `body` writes what follows the head; it is padded with zeros to a word.
  mutating func packet(_ type: UInt8, _ format: UInt8, _ body: (inout ByteWriter) -> Void) {
    guard let room = view.dropFirst(length) else {
      overflowed = true
      return
    }
    var writer = ByteWriter(room)
    writer.put(0x80 | format & 0x1f)
    writer.put(type)
    writer.put(0 as UInt16)
    body(&writer)
    while writer.position % 4 != 0, !writer.overflowed { writer.put(0 as UInt8) }
    guard !writer.overflowed else {
      overflowed = true
      return
    }
    writer.patch(2, UInt16(truncatingIfNeeded: writer.position / 4 - 1))
    let isReport = type == RTCPType.senderReport || type == RTCPType.receiverReport
    reportStart = isReport ? length : nil
    length += writer.position
  }
}
