import Linux

/// One section of a peer's bundle: what was negotiated, the stream that we send in it, and those that come in it. A class, because it is
/// large and asked for each packet: a structure would be copied each time.
final class PeerStream {
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
  private(set) var mid: ShortText?

  // Sent.
  var nextRTXSequence: UInt16
  var sent: SenderStatistics

  /// What comes: one, or the layers of simulcast in the order of our offer, the largest first.
  var layers: [IncomingStream]
  private var hasReceived = false

  init(_ kind: MediaKind, random: inout some RandomNumberGenerator) {
    self.kind = kind
    ssrc = UInt32.random(in: 1 ... .max, using: &random)
    rtxSSRC = UInt32.random(in: 1 ... .max, using: &random)
    nextRTXSequence = UInt16.random(in: 0..<0x8000, using: &random)
    sent = SenderStatistics(ssrc: ssrc, clockRate: Int(kind.clockRate))
    layers = [IncomingStream(kind)]
  }

  /// Takes what an answer or offer has settled; what has come so far stays unless the layers are others now.
  func settle(_ section: NegotiatedSection) {
    guard section.isAccepted else {
      payloadType = nil
      rtxPayloadType = nil
      sends = false
      mayReceive = false
      return
    }
    payloadType = section.payloadType
    rtxPayloadType = section.rtxPayloadType
    sends = section.direction.sends
    mayReceive = section.direction.receives
    feedback = section.feedback
    mid = ShortText(section.mid)
    extensions = RTPExtensions(section.extensions)
    let rids = section.rids.compactMap { ShortText($0) }
    if layers.compactMap(\.rid) != rids {
      layers = rids.isEmpty ? [IncomingStream(kind)] : rids.map { IncomingStream(kind, rid: $0) }
    }
  }

  /// Whether the peer takes this kind from us.
  var maySend: Bool { sends && payloadType != nil }

  /// Whether the peer tells when packets with a number on the transport came.
  var reportsArrivals: Bool { feedback.contains(.transportWide) && extensions.transportSequence != 0 }

  /// Whether lost packets are asked for. Of a peer that does not know the request no gap is noted: it would stay for ever.
  var asksAgain: Bool { kind == .video && mayReceive && feedback.contains(.nack) }

  /// What goes into the header extension of each packet. A peer that does not take the number on the transport estimates the rate
  /// itself from the departure times, and reports it (REMB).
  func values(_ head: OutgoingHead, number: UInt16, delay: PlayoutDelay, now: MonotonicTime) -> RTPExtensionValues {
    var values = RTPExtensionValues()
    if reportsArrivals { values.transportSequence = number }
    values.mid = mid
    values.absoluteSendTime = AbsoluteSendTime.value(microseconds: now.microseconds)
    if kind == .video {
      // Chromium heeds it only when every packet says so.
      values.playoutDelay = delay
      values.videoOrientation = head.orientation
    } else {
      values.audioLevel = head.audioLevel
    }
    return values
  }

  /// The layer of a packet of a source that was not here before: by its name, or the only one.
  func layer(of packet: RTPPacket, isRTX: Bool) -> Int? {
    guard layers.count > 1 || layers.first?.rid != nil else { return 0 }
    guard let name = packet.element(isRTX ? extensions.repairedRID : extensions.rid) else { return nil }
    return layers.firstIndex { $0.rid?.matches(name) == true }
  }

  /// True once, for the first packet.
  func isFirst() -> Bool {
    defer { hasReceived = true }
    return !hasReceived
  }
}

extension RTPExtensions {
  init(_ negotiated: NegotiatedExtensions) {
    self.init()
    mid = negotiated[.mid] ?? 0
    rid = negotiated[.rid] ?? 0
    repairedRID = negotiated[.repairedRID] ?? 0
    transportSequence = negotiated[.transportSequence] ?? 0
    absoluteSendTime = negotiated[.absoluteSendTime] ?? 0
    audioLevel = negotiated[.audioLevel] ?? 0
    videoOrientation = negotiated[.orientation] ?? 0
    playoutDelay = negotiated[.playoutDelay] ?? 0
  }
}
