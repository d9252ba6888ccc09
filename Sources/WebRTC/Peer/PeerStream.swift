import Linux

/// One kind of media of a peer, both ways: what was negotiated, and where its numbers stand.
struct PeerStream {
  let kind: MediaKind
  let ssrc: UInt32
  /// The source of our retransmissions.
  let rtxSSRC: UInt32

  // Negotiated; nil while nothing is.
  private(set) var payloadType: UInt8?
  private(set) var rtxPayloadType: UInt8?
  private(set) var mayReceive = false
  private(set) var extensions = RTPExtensions()
  private(set) var feedback: NegotiatedFeedback = []
  private var sends = false
  private var mid: ShortText?

  // Sent.
  var nextRTXSequence: UInt16
  var sent: SenderStatistics

  // Received.
  /// Learned from the packets: descriptions may be silent about it.
  private(set) var remoteSSRC: UInt32?
  private var hasReceived = false
  private var firstIndex: Int64 = 0
  private var newestIndex: Int64 = 0
  private var sourceBase: Int64?
  private var unwrapper = SequenceUnwrapper()
  var received: ReceiverStatistics?
  /// What the peer was told last.
  var reported: ReportBlock?
  var missing = NackGenerator()
  var clock = SourceClock()

  init(_ kind: MediaKind, random: inout some RandomNumberGenerator) {
    self.kind = kind
    ssrc = UInt32.random(in: 1 ... .max, using: &random)
    rtxSSRC = UInt32.random(in: 1 ... .max, using: &random)
    nextRTXSequence = UInt16.random(in: 0..<0x8000, using: &random)
    sent = SenderStatistics(ssrc: ssrc, clockRate: Int(kind.clockRate))
  }

  mutating func settle(_ section: NegotiatedSection) {
    payloadType = section.payloadType
    rtxPayloadType = section.rtxPayloadType
    sends = section.direction.sends
    mayReceive = section.direction.receives
    feedback = section.feedback
    mid = ShortText(section.mid)
    extensions = RTPExtensions()
    extensions.mid = section.extensions[.mid] ?? 0
    extensions.transportSequence = section.extensions[.transportSequence] ?? 0
    extensions.absoluteSendTime = section.extensions[.absoluteSendTime] ?? 0
    extensions.audioLevel = section.extensions[.audioLevel] ?? 0
    extensions.videoOrientation = section.extensions[.orientation] ?? 0
    extensions.playoutDelay = section.extensions[.playoutDelay] ?? 0
  }

  /// Whether the peer takes this kind from us.
  var maySend: Bool { sends && payloadType != nil }

  /// What goes into the header extension of each packet. The transport sequence number is left out: without it the peer
  /// estimates the rate itself from the departure times and reports it (REMB), which is all that one shared encoder can use.
  func values(_ head: OutgoingHead, now: MonotonicTime) -> RTPExtensionValues {
    var values = RTPExtensionValues()
    values.mid = mid
    values.absoluteSendTime = AbsoluteSendTime.value(microseconds: now.microseconds)
    if kind == .video {
      // Show each frame as soon as it is decoded. Chromium heeds it only when every packet says so.
      values.playoutDelay = PlayoutDelay.none
      values.videoOrientation = head.orientation
    }
    return values
  }

  /// Counts a packet as it came, not one that was restored from a retransmission, and gives its number without wraps. A source
  /// that was not there before begins anew.
  mutating func count(_ packet: RTPPacket, now: MonotonicTime) -> Int64 {
    let source = packet.ssrc
    if source != remoteSSRC {
      remoteSSRC = source
      received = ReceiverStatistics(ssrc: source, clockRate: Int(kind.clockRate))
      missing = NackGenerator()
      clock = SourceClock()
      // The numbers must not seem to go back to those who follow the stream.
      firstIndex = newestIndex &+ 1_000
      unwrapper = SequenceUnwrapper()
      sourceBase = nil
    }
    received?.receive(sequence: packet.sequence, timestamp: packet.timestamp, now: now)
    if asksAgain { _ = missing.receive(packet.sequence, now: now) }
    return index(of: packet.sequence)
  }

  /// Whether lost packets are asked for. Of a peer that does not know the request no gap is noted: it would stay for ever.
  private var asksAgain: Bool { kind == .video && feedback.contains(.nack) }

  /// Takes the number of a packet that came in the stream of retransmissions, asked for or in advance.
  /// - Returns: whether it is of use.
  mutating func restores(_ sequence: UInt16, now: MonotonicTime) -> Bool {
    asksAgain && missing.receive(sequence, now: now) != .old
  }

  /// The number without wraps of a packet of the present source.
  mutating func index(of sequence: UInt16) -> Int64 {
    let unwrapped = unwrapper.unwrap(sequence)
    let base = sourceBase ?? unwrapped
    sourceBase = base
    // Room below for packets that come before the first in number.
    let index = firstIndex &+ 500 &+ (unwrapped &- base)
    newestIndex = max(newestIndex, index)
    return index
  }

  /// True once, for the first packet.
  mutating func isFirst() -> Bool {
    defer { hasReceived = true }
    return !hasReceived
  }
}
