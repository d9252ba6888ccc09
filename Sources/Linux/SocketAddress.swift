import Glibc

/// An IP address and port. IPv4 is held in its mapped form (::ffff:a.b.c.d), so one dual-stack socket serves both.
public struct SocketAddress: Hashable, Sendable {
  /// The 16 address bytes as two big-endian halves.
  public var high: UInt64
  public var low: UInt64
  /// In host byte order.
  public var port: UInt16
  /// Interface index of a link-local IPv6 address, else 0.
  public var scope: UInt32

  public init(high: UInt64, low: UInt64, port: UInt16, scope: UInt32 = 0) {
    self.high = high
    self.low = low
    self.port = port
    self.scope = scope
  }

  /// An IPv4 address from its 32 bits in host byte order.
  public init(ipv4: UInt32, port: UInt16) {
    self.init(high: 0, low: 0xffff_0000_0000 | UInt64(ipv4), port: port)
  }

  /// Parses an IP literal, "127.0.0.1" or "::1"; nil for anything else, host names included.
  public init?(literal: String, port: UInt16) {
    var v4 = in_addr()
    var v6 = in6_addr()
    if inet_pton(AF_INET, literal, &v4) == 1 {
      self.init(ipv4: UInt32(bigEndian: v4.s_addr), port: port)
    } else if inet_pton(AF_INET6, literal, &v6) == 1 {
      let halves = withUnsafeBytes(of: &v6) {
        ($0.loadUnaligned(fromByteOffset: 0, as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
      }
      self.init(high: UInt64(bigEndian: halves.0), low: UInt64(bigEndian: halves.1), port: port)
    } else {
      return nil
    }
  }

  /// Whether this is an IPv4 address in its mapped form.
  public var isIPv4: Bool { high == 0 && low >> 32 == 0xffff }
  /// The 32 bits of a mapped IPv4 address in host byte order.
  public var ipv4: UInt32 { UInt32(truncatingIfNeeded: low) }

  /// The IP literal without the port.
  public var literal: String {
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    if isIPv4 {
      var address = in_addr(s_addr: ipv4.bigEndian)
      _ = inet_ntop(AF_INET, &address, &text, socklen_t(text.count))
    } else {
      var halves = (high.bigEndian, low.bigEndian)
      _ = inet_ntop(AF_INET6, &halves, &text, socklen_t(text.count))
    }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

extension SocketAddress: CustomStringConvertible {
  public var description: String { isIPv4 ? "\(literal):\(port)" : "[\(literal)]:\(port)" }
}
