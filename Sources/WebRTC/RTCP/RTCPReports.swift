import Linux

/// What a receiver says about one stream (RFC 3550 section 6.4.1).
public struct ReportBlock: Equatable, Sendable {
  public static let length = 24

  /// The stream this is about.
  public var ssrc: UInt32
  /// Lost since the last report, in 1/256.
  public var fractionLost: UInt8
  /// Lost since the start; signed 24 bits, because duplicates count against it.
  public var cumulativeLost: Int32
  /// Highest sequence number received, with its count of cycles.
  public var extendedHighest: UInt32
  /// Interarrival jitter in timestamp units.
  public var jitter: UInt32
  /// The middle 32 bits of the NTP time in the last sender report; 0 if none came.
  public var lastSenderReport: UInt32
  /// Time since that report came, in 1/65536 s.
  public var delaySinceLastSenderReport: UInt32

  public init(
    ssrc: UInt32, fractionLost: UInt8 = 0, cumulativeLost: Int32 = 0, extendedHighest: UInt32 = 0, jitter: UInt32 = 0,
    lastSenderReport: UInt32 = 0, delaySinceLastSenderReport: UInt32 = 0
  ) {
    self.ssrc = ssrc
    self.fractionLost = fractionLost
    self.cumulativeLost = cumulativeLost
    self.extendedHighest = extendedHighest
    self.jitter = jitter
    self.lastSenderReport = lastSenderReport
    self.delaySinceLastSenderReport = delaySinceLastSenderReport
  }

  init?(_ view: PacketView, at start: Int) {
    guard let ssrc = view.u32(start), let loss = view.u32(start + 4), let highest = view.u32(start + 8),
      let jitter = view.u32(start + 12), let last = view.u32(start + 16), let delay = view.u32(start + 20)
    else { return nil }
    self.init(
      ssrc: ssrc, fractionLost: UInt8(truncatingIfNeeded: loss >> 24),
      // Sign extension of the low 24 bits.
      cumulativeLost: Int32(bitPattern: loss << 8) >> 8, extendedHighest: highest, jitter: jitter,
      lastSenderReport: last, delaySinceLastSenderReport: delay)
  }
}

/// A sequence of report blocks in place.
public struct ReportBlocks: Sequence {
  private let view: PacketView
  private let start: Int
  public let count: Int

  init(_ view: PacketView, start: Int, count: Int) {
    self.view = view
    self.start = start
    self.count = count
  }

  public func makeIterator() -> Iterator { Iterator(blocks: self) }

  public struct Iterator: IteratorProtocol {
    private let blocks: ReportBlocks
    private var index = 0

    init(blocks: ReportBlocks) { self.blocks = blocks }

    public mutating func next() -> ReportBlock? {
      guard index < blocks.count else { return nil }
      defer { index += 1 }
      return ReportBlock(blocks.view, at: blocks.start + ReportBlock.length * index)
    }
  }
}

/// The sender's part of a sender report (RFC 3550 section 6.4.1).
public struct SenderInfo: Equatable, Sendable {
  public var ssrc: UInt32
  /// 64-bit NTP time: seconds since 1900 in the upper half, fraction in the lower.
  public var ntp: UInt64
  /// The same moment on the stream's RTP clock.
  public var rtpTimestamp: UInt32
  public var packetCount: UInt32
  public var octetCount: UInt32

  public init(ssrc: UInt32, ntp: UInt64, rtpTimestamp: UInt32, packetCount: UInt32, octetCount: UInt32) {
    self.ssrc = ssrc
    self.ntp = ntp
    self.rtpTimestamp = rtpTimestamp
    self.packetCount = packetCount
    self.octetCount = octetCount
  }

  /// What a receiver sends back as `lastSenderReport`.
  public var ntpMiddle: UInt32 { UInt32(truncatingIfNeeded: ntp >> 16) }
}

public struct RTCPSenderReport {
  public let info: SenderInfo
  public let blocks: ReportBlocks

  init?(_ body: PacketView, count: Int) {
    guard body.count >= 24 + ReportBlock.length * count, let ssrc = body.u32(0), let ntp = body.u64(4),
      let timestamp = body.u32(12), let packets = body.u32(16), let octets = body.u32(20)
    else { return nil }
    info = SenderInfo(
      ssrc: ssrc, ntp: ntp, rtpTimestamp: timestamp, packetCount: packets, octetCount: octets)
    blocks = ReportBlocks(body, start: 24, count: count)
  }
}

public struct RTCPReceiverReport {
  public let ssrc: UInt32
  public let blocks: ReportBlocks

  init?(_ body: PacketView, count: Int) {
    guard body.count >= 4 + ReportBlock.length * count, let ssrc = body.u32(0) else { return nil }
    self.ssrc = ssrc
    blocks = ReportBlocks(body, start: 4, count: count)
  }
}
