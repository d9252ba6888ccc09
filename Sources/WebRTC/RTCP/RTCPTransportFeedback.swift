import Linux

/// When each packet of a transport arrived (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1).
public struct RTCPTransportFeedback {
  public let sender: UInt32
  public let media: UInt32
  public let baseSequence: UInt16
  /// How many packets this report is about.
  public let statusCount: Int
  /// The origin of the arrival times, in units of 64 ms; 24 bits, signed.
  public let referenceTime: Int32
  /// Counts the reports, so a lost one is noticed.
  public let number: UInt8
  private let body: PacketView

  init?(_ body: PacketView) {
    guard let sender = body.u32(0), let media = body.u32(4), let base = body.u16(8), let count = body.u16(10),
      let packed = body.u32(12)
    else { return nil }
    self.sender = sender
    self.media = media
    self.body = body
    baseSequence = base
    statusCount = Int(count)
    referenceTime = Int32(bitPattern: packed) >> 8
    number = UInt8(truncatingIfNeeded: packed)
  }

  /// Calls `visit` with each packet and its arrival in microseconds on the receiver's clock, nil for one that did not arrive.
  /// - Returns: false if the report is cut; what was read until then has been visited.
  @discardableResult
  public func forEachPacket(_ visit: (UInt16, Int64?) -> Void) -> Bool {
    guard let deltas = startOfDeltas() else { return false }
    var (chunkAt, deltaAt, sequence, left) = (16, deltas, baseSequence, statusCount)
    var time = Int64(referenceTime) * 64_000
    while left > 0 {
      guard let chunk = Chunk(body.u16(chunkAt)) else { return false }
      chunkAt += 2
      for index in 0..<min(chunk.count, left) {
        switch chunk.symbol(index) {
        case 1:
          guard let delta = body.u8(deltaAt) else { return false }
          deltaAt += 1
          time += Int64(delta) * 250
          visit(sequence, time)
        case 2:
          guard let delta = body.u16(deltaAt) else { return false }
          deltaAt += 2
          time += Int64(Int16(bitPattern: delta)) * 250
          visit(sequence, time)
        default: visit(sequence, nil)
        }
        sequence &+= 1
      }
      left -= chunk.count
    }
    return true
  }

  private func startOfDeltas() -> Int? {
    var (at, left) = (16, statusCount)
    while left > 0 {
      guard let chunk = Chunk(body.u16(at)) else { return nil }
      at += 2
      left -= chunk.count
    }
    return at
  }

  /// A run of one symbol, or a vector of symbols (sections 3.1.3 and 3.1.4).
  private struct Chunk {
    let bits: UInt16
    let count: Int

    init?(_ bits: UInt16?) {
      guard let bits else { return nil }
      self.bits = bits
      if bits & 0x8000 == 0 {
        count = Int(bits & 0x1fff)
        // A run of nothing would never end the list.
        guard count > 0 else { return nil }
      } else {
        count = bits & 0x4000 == 0 ? 14 : 7
      }
    }

    func symbol(_ index: Int) -> Int {
      if bits & 0x8000 == 0 { return Int(bits >> 13 & 3) }
      if bits & 0x4000 == 0 { return Int(bits >> UInt16(13 - index) & 1) }
      return Int(bits >> UInt16(12 - 2 * index) & 3)
    }
  }
}
