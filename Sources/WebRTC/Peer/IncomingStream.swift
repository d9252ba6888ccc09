import Linux

/// One stream that a peer sends in a section: the only one, or one layer of simulcast (RFC 8853). A class for the same reason as
/// ``PeerStream``.
final class IncomingStream {
  let kind: MediaKind
  /// The layer's name (RFC 8851); nil for the only stream.
  let rid: ShortText?
  /// Learned from the packets: descriptions may be silent about it.
  private(set) var ssrc: UInt32?
  private var firstIndex: Int64 = 0
  private var newestIndex: Int64 = 0
  private var sourceBase: Int64?
  private var unwrapper = SequenceUnwrapper()
  private(set) var received: ReceiverStatistics?
  /// What the peer was told last.
  var reported: ReportBlock?
  var missing = NackGenerator()
  private(set) var clock = SourceClock()
  /// When a loss that could not be mended asked for a key frame last.
  var keyFrameAsked: MonotonicTime?

  init(_ kind: MediaKind, rid: ShortText? = nil) {
    self.kind = kind
    self.rid = rid
  }

  /// Begins anew with another source. The numbers must not seem to go back to those who follow the stream.
  func begin(_ source: UInt32) {
    ssrc = source
    received = ReceiverStatistics(ssrc: source, clockRate: Int(kind.clockRate))
    missing = NackGenerator()
    clock = SourceClock()
    firstIndex = newestIndex &+ 1_000
    unwrapper = SequenceUnwrapper()
    sourceBase = nil
  }

  /// Counts a packet as it came, not one that was restored from a retransmission, and gives its number without wraps.
  func count(_ packet: RTPPacket, asksAgain: Bool, now: MonotonicTime) -> Int64 {
    received?.receive(sequence: packet.sequence, timestamp: packet.timestamp, now: now)
    if asksAgain { _ = missing.receive(packet.sequence, now: now) }
    return index(of: packet.sequence)
  }

  /// The number without wraps of a packet of the present source.
  func index(of sequence: UInt16) -> Int64 {
    let unwrapped = unwrapper.unwrap(sequence)
    let base = sourceBase ?? unwrapped
    sourceBase = base
    // Room below for packets that come before the first in number.
    let index = firstIndex &+ 500 &+ (unwrapped &- base)
    newestIndex = max(newestIndex, index)
    return index
  }

  func receive(_ info: SenderInfo, clock peer: inout PeerClock, now: MonotonicTime) {
    received?.receive(info, now: now)
    clock.receive(info, clock: &peer, now: now)
  }

  /// The block for the next report; nil before the first packet.
  func report(now: MonotonicTime) -> ReportBlock? { received?.reportBlock(now: now) }
}
