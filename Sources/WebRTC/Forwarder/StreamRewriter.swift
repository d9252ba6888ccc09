import Linux

/// Keeps one outgoing stream unbroken while the source behind it changes: sequence numbers and timestamps, and for VP8 picture
/// ids and TL0PICIDX, continue where the last source ended (RFC 3550 5.1, RFC 7741 4.2).
struct StreamRewriter {
  /// Ticks of the RTP clock in a second.
  private let clockRate: Int64
  private(set) var begun = false

  // Source to outgoing.
  private var firstIndex: Int64 = 0
  private var sequenceOffset: Int64
  private var timestampOffset: UInt32 = 0
  private var pictureOffset: UInt16 = 0
  private var tl0Offset: UInt8 = 0

  // The newest that was sent.
  private(set) var newestIndex: Int64 = 0
  private var newestTimestamp: UInt32
  private var newestTime = MonotonicTime(microseconds: 0)
  private var newestPicture: UInt16
  private var newestTL0: UInt8
  private var everSent = false

  /// Starts at numbers that cannot be guessed (RFC 3550 5.1), made of `random`.
  init(clockRate: Int64, random: UInt64) {
    self.clockRate = clockRate
    // Below 2^15, so the receiver cannot mistake an early loss for a wrap.
    sequenceOffset = Int64(random & 0x7fff)
    newestTimestamp = UInt32(truncatingIfNeeded: random >> 16)
    newestPicture = UInt16(truncatingIfNeeded: random >> 48) & 0x7fff
    newestTL0 = UInt8(truncatingIfNeeded: random >> 40)
  }

  /// The next source starts with the packet `index`; earlier ones of it are not sent.
  mutating func begin(at index: Int64, timestamp: UInt32, picture: UInt16, tl0: UInt8, time: MonotonicTime) {
    let nextSequence = everSent ? newestIndex &+ sequenceOffset &+ 1 : sequenceOffset
    sequenceOffset = nextSequence &- index
    var ticks: Int64 = 0
    if everSent {
      let elapsed = max(0, min((time - newestTime).microseconds, 3_600_000_000))
      ticks = max(1, elapsed * clockRate / 1_000_000)
    }
    timestampOffset = newestTimestamp &+ UInt32(truncatingIfNeeded: ticks) &- timestamp
    pictureOffset = newestPicture &+ 1 &- picture
    tl0Offset = newestTL0 &+ 1 &- tl0
    firstIndex = index
    newestIndex = index &- 1
    begun = true
  }

  /// The source is gone; nothing passes until ``begin(at:timestamp:picture:tl0:time:)``.
  mutating func end() { begun = false }

  /// Nil for packets from before the beginning.
  func sequence(of index: Int64) -> UInt16? {
    guard begun, index >= firstIndex else { return nil }
    return UInt16(truncatingIfNeeded: index &+ sequenceOffset)
  }

  /// The source's index of a sequence number that was sent, counted back from the newest; nil if it is from before the beginning.
  func index(of sequence: UInt16) -> Int64? {
    guard begun else { return nil }
    let newest = UInt16(truncatingIfNeeded: newestIndex &+ sequenceOffset)
    let index = newestIndex &- Int64(newest &- sequence)
    return index >= firstIndex ? index : nil
  }

  func timestamp(of timestamp: UInt32) -> UInt32 { timestamp &+ timestampOffset }
  func picture(of picture: UInt16) -> UInt16 { (picture &+ pictureOffset) & 0x7fff }
  func tl0(of tl0: UInt8) -> UInt8 { tl0 &+ tl0Offset }

  /// A packet was sent.
  mutating func sent(_ index: Int64, timestamp: UInt32, picture: UInt16, tl0: UInt8, time: MonotonicTime) {
    guard index > newestIndex || !everSent else { return }
    everSent = true
    newestIndex = index
    newestTimestamp = self.timestamp(of: timestamp)
    newestTime = time
    newestPicture = self.picture(of: picture)
    newestTL0 = self.tl0(of: tl0)
  }
}
