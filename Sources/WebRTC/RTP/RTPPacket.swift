import Linux

/// A parsed RTP packet (RFC 3550 section 5.1) in somebody else's memory; valid as long as its view. Changing a header field writes
/// through to the packet.
public struct RTPPacket {
  /// The whole packet, as it came.
  public let view: PacketView
  /// Fixed header, contributing sources and extension together, in bytes.
  public let headerLength: Int
  /// What follows the header, without padding.
  public let payload: PacketView
  /// Padding bytes at the end, the count byte included.
  public let paddingLength: Int
  /// The extension's elements, if the packet has an extension of a form of RFC 8285.
  public let extensions: RTPExtensionElements
  public let contributingSources: Int

  /// Nil if the packet is cut, has another version, or its lengths contradict each other.
  public init?(_ view: PacketView) {
    guard let first = view.u8(0), view.count >= 12, first >> 6 == 2 else { return nil }
    contributingSources = Int(first & 0x0f)
    var header = 12 + 4 * contributingSources
    var elements = RTPExtensionElements.none
    if first & 0x10 != 0 {
      guard let profile = view.u16(header), let words = view.u16(header + 2),
        let body = view.slice(header + 4, 4 * Int(words))
      else { return nil }
      elements = RTPExtensionElements(profile: profile, body: body)
      header += 4 + body.count
    }
    var padding = 0
    if first & 0x20 != 0 {
      guard let last = view.u8(view.count - 1), last > 0 else { return nil }
      padding = Int(last)
    }
    guard let payload = view.slice(header, view.count - header - padding) else { return nil }
    self.view = view
    self.payload = payload
    headerLength = header
    paddingLength = padding
    extensions = elements
  }

  public var marker: Bool {
    get { (view.u8(1) ?? 0) & 0x80 != 0 }
    nonmutating set { view.set(1, (view.u8(1) ?? 0) & 0x7f | (newValue ? 0x80 : 0)) }
  }
  public var payloadType: UInt8 {
    get { (view.u8(1) ?? 0) & 0x7f }
    nonmutating set { view.set(1, (view.u8(1) ?? 0) & 0x80 | newValue & 0x7f) }
  }
  public var sequence: UInt16 {
    get { view.u16(2) ?? 0 }
    nonmutating set { view.set(2, newValue) }
  }
  public var timestamp: UInt32 {
    get { view.u32(4) ?? 0 }
    nonmutating set { view.set(4, newValue) }
  }
  public var ssrc: UInt32 {
    get { view.u32(8) ?? 0 }
    nonmutating set { view.set(8, newValue) }
  }

  /// The data of the header extension with this id; nil if the packet has none. Id 0 means "not negotiated".
  public func element(_ id: UInt8) -> PacketView? { extensions.element(id) }
}
