import Linux

/// A candidate of a description (RFC 8839 section 5.1).
public struct ICECandidate: Equatable, Sendable {
  public enum Kind: String, Sendable {
    case host
    case serverReflexive = "srflx"
    case peerReflexive = "prflx"
    case relayed = "relay"
  }

  public var foundation: String
  /// 1 for RTP, and for all that is bundled and multiplexed.
  public var component: UInt16
  /// "udp" or "tcp", in lower case.
  public var transport: String
  public var priority: UInt32
  /// An IP literal or a name; browsers hide their addresses behind names under `.local`, which are never resolved.
  public var address: String
  public var port: UInt16
  public var kind: Kind

  public init(
    foundation: String, component: UInt16 = 1, transport: String = "udp", priority: UInt32, address: String,
    port: UInt16, kind: Kind
  ) {
    self.foundation = foundation
    self.component = component
    self.transport = transport
    self.priority = priority
    self.address = address
    self.port = port
    self.kind = kind
  }

  /// A host candidate for one of our addresses. `rank` 0 is the most wanted; both priority and foundation follow from it
  /// (RFC 8445 sections 5.1.1.3 and 5.1.2.1).
  public init(host address: SocketAddress, rank: UInt8 = 0) {
    self.init(
      foundation: "\(UInt16(rank) + 1)", priority: 126 << 24 | UInt32(65535 - UInt16(rank)) << 8 | 255,
      address: address.literal, port: address.port, kind: .host)
  }

  /// Where checks can be sent; nil for names and for TCP.
  public var socketAddress: SocketAddress? {
    transport == "udp" && port != 0 ? SocketAddress(literal: address, port: port) : nil
  }
}
