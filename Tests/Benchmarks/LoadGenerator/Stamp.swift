import Linux

/// The last bytes of each payload: whose it is, and when it was sent.
struct Stamp {
  static let bytes = 16
  private static let mark: UInt32 = 0x6c6f_6164

  var publisher: UInt16
  var isVideo: Bool
  var sent: MonotonicTime

  init(publisher: UInt16, isVideo: Bool, sent: MonotonicTime) {
    self.publisher = publisher
    self.isVideo = isVideo
    self.sent = sent
  }

  /// Of a payload; nil if it carries none.
  init?(_ payload: PacketView) {
    let at = payload.count - Self.bytes
    guard payload.u32(at) == Self.mark, let publisher = payload.u16(at + 4), let kind = payload.u8(at + 6),
      let time = payload.u64(at + 8)
    else { return nil }
    self.init(
      publisher: publisher, isVideo: kind == 1, sent: MonotonicTime(microseconds: Int64(truncatingIfNeeded: time)))
  }

  func write(at: Int, of view: PacketView) {
    view.set(at, Self.mark)
    view.set(at + 4, publisher)
    view.set(at + 6, (isVideo ? 1 : 0) as UInt8)
    view.set(at + 8, UInt64(bitPattern: sent.microseconds))
  }
}
