import Linux

/// A source description (RFC 3550 section 6.5).
public struct RTCPSourceDescription {
  private let body: PacketView
  private let count: Int

  init(_ body: PacketView, count: Int) {
    self.body = body
    self.count = count
  }

  /// Calls `visit` with each source and its CNAME; stops silently at the first item that is cut.
  public func forEachCanonicalName(_ visit: (UInt32, PacketView) -> Void) {
    var at = 0
    for _ in 0..<count {
      guard let ssrc = body.u32(at) else { return }
      at += 4
      while let item = body.u8(at), item != 0 {
        guard let length = body.u8(at + 1), let text = body.slice(at + 2, Int(length)) else { return }
        if item == 1 { visit(ssrc, text) }
        at += 2 + text.count
      }
      // The list ends with a zero and is padded to a word.
      at = (at / 4 + 1) * 4
    }
  }
}

/// Sources that leave (RFC 3550 section 6.6).
public struct RTCPGoodbye {
  private let body: PacketView
  public let count: Int

  init?(_ body: PacketView, count: Int) {
    guard body.count >= 4 * count else { return nil }
    self.body = body
    self.count = count
  }

  /// The source at an index below `count`.
  public func source(_ index: Int) -> UInt32? {
    guard index >= 0, index < count else { return nil }
    return body.u32(4 * index)
  }
}
