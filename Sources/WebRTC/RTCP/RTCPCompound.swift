import Linux

/// The RTCP packet types in use (RFC 3550 section 12.1, RFC 4585 section 6.1).
public enum RTCPType {
  public static let senderReport: UInt8 = 200
  public static let receiverReport: UInt8 = 201
  public static let sourceDescription: UInt8 = 202
  public static let goodbye: UInt8 = 203
  public static let transportFeedback: UInt8 = 205
  public static let payloadFeedback: UInt8 = 206

  /// Feedback formats: under 205 the first two, under 206 the others.
  public static let genericNack: UInt8 = 1
  public static let transportWide: UInt8 = 15
  public static let pictureLoss: UInt8 = 1
  public static let fullIntraRequest: UInt8 = 4
  public static let applicationLayer: UInt8 = 15
}

/// One packet of an RTCP compound, read in place.
public enum RTCPPacket {
  case senderReport(RTCPSenderReport)
  case receiverReport(RTCPReceiverReport)
  case sourceDescription
  case goodbye
  case nack(RTCPNack)
  /// A picture is lost at the receiver of `media`: RFC 4585 section 6.3.1.
  case pictureLoss(sender: UInt32, media: UInt32)
  case fullIntraRequest(RTCPFullIntraRequest)
  case bitrateLimit(RTCPBitrateLimit)
  case transportWide(RTCPTransportFeedback)
  /// A packet of a type or format that we do not know; it is skipped (RFC 3550 section 6.1).
  case unknown(type: UInt8, format: UInt8)
}

/// A received RTCP datagram: compound, or reduced-size as in RFC 5506. The lengths of all its packets are checked at once, so
/// walking through it cannot fail.
public struct RTCPCompound: Sequence {
  private let view: PacketView

  /// Nil if a length or a version is wrong, or padding stands anywhere but in the last packet (RFC 3550 section 6.4.1).
  public init?(_ view: PacketView) {
    guard view.count >= 8 else { return nil }
    var at = 0
    while at < view.count {
      guard let first = view.u8(at), let words = view.u16(at + 2), first >> 6 == 2,
        let packet = view.slice(at, 4 * (Int(words) + 1))
      else { return nil }
      at += packet.count
      if first & 0x20 != 0 {
        guard at == view.count, let padding = view.u8(at - 1), padding > 0, Int(padding) <= packet.count - 4 else {
          return nil
        }
      }
    }
    self.view = view
  }

  public func makeIterator() -> Iterator { Iterator(view: view) }

  public struct Iterator: IteratorProtocol {
    private let view: PacketView
    private var at = 0

    init(view: PacketView) { self.view = view }

    public mutating func next() -> RTCPPacket? {
      guard let first = view.u8(at), let type = view.u8(at + 1), let words = view.u16(at + 2),
        let packet = view.slice(at, 4 * (Int(words) + 1))
      else { return nil }
      at += packet.count
      let padding = first & 0x20 != 0 ? Int(packet.u8(packet.count - 1) ?? 0) : 0
      let format = first & 0x1f
      // Without its head and padding; a packet too short for its own type counts as unknown.
      guard let body = packet.slice(4, packet.count - 4 - padding) else { return .unknown(type: type, format: format) }
      return RTCPPacket(type: type, format: format, body: body) ?? .unknown(type: type, format: format)
    }
  }
}

extension RTCPPacket {
  /// - Parameter body: what follows the four-byte head.
  init?(type: UInt8, format: UInt8, body: PacketView) {
    switch (type, format) {
    case (RTCPType.senderReport, _):
      guard let report = RTCPSenderReport(body, count: Int(format)) else { return nil }
      self = .senderReport(report)
    case (RTCPType.receiverReport, _):
      guard let report = RTCPReceiverReport(body, count: Int(format)) else { return nil }
      self = .receiverReport(report)
    case (RTCPType.sourceDescription, _):
      self = .sourceDescription
    case (RTCPType.goodbye, _):
      self = .goodbye
    case (RTCPType.transportFeedback, RTCPType.genericNack):
      guard let nack = RTCPNack(body) else { return nil }
      self = .nack(nack)
    case (RTCPType.transportFeedback, RTCPType.transportWide):
      guard let feedback = RTCPTransportFeedback(body) else { return nil }
      self = .transportWide(feedback)
    case (RTCPType.payloadFeedback, RTCPType.pictureLoss):
      guard let sender = body.u32(0), let media = body.u32(4) else { return nil }
      self = .pictureLoss(sender: sender, media: media)
    case (RTCPType.payloadFeedback, RTCPType.fullIntraRequest):
      guard let request = RTCPFullIntraRequest(body) else { return nil }
      self = .fullIntraRequest(request)
    case (RTCPType.payloadFeedback, RTCPType.applicationLayer):
      guard let limit = RTCPBitrateLimit(body) else { return nil }
      self = .bitrateLimit(limit)
    default: return nil
    }
  }
}
