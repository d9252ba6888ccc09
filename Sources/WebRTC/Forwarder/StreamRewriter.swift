import Linux

/// Keeps one outgoing stream unbroken while the source behind it changes, and while some of its pictures are left out: sequence
/// numbers and timestamps, and for VP8 picture ids and TL0PICIDX, continue (RFC 3550 5.1, RFC 7741 4.2).
struct StreamRewriter {
  /// The outgoing numbers of one packet.
  struct Numbers: Equatable {
    var sequence: UInt16
    var timestamp: UInt32
    var picture: UInt16
    var tl0: UInt8
  }

  /// What a packet of the source is called.
  struct Source {
    var index: Int64
    var timestamp: UInt32
    var picture: UInt16 = 0
    var tl0: UInt8 = 0
    /// When it was captured.
    var time: MonotonicTime
  }

  /// The number that one packet of the source has got.
  private struct Slot {
    var index: Int64 = -1
    var sequence: UInt16 = 0
    var pictureOffset: UInt16 = 0
  }

  /// Ticks of the RTP clock in a second.
  private let clockRate: Int64
  private(set) var begun = false
  /// By index; and where each sequence number is found.
  private var slots: [Slot]
  private var indices: [Int64]

  // Source to outgoing.
  private var firstIndex: Int64 = 0
  private var sequenceOffset: Int64
  private var timestampOffset: UInt32 = 0
  private var pictureOffset: UInt16 = 0
  private var tl0Offset: UInt8 = 0
  private var droppedPicture: UInt16?

  /// The newest packet of the source that was sent or left out.
  private(set) var newestIndex: Int64 = 0
  // The newest that was sent.
  private var newestSequence: UInt16 = 0
  private var newestTimestamp: UInt32
  private var newestTime = MonotonicTime(microseconds: 0)
  private var newestPicture: UInt16
  private var newestTL0: UInt8
  private var everSent = false

  /// Starts at numbers that cannot be guessed (RFC 3550 5.1), made of `random`.
  /// - Parameter kept: for how many packets, at least one, the numbers are remembered.
  init(clockRate: Int64, kept: Int, random: UInt64) {
    self.clockRate = clockRate
    slots = Array(repeating: Slot(), count: max(1, kept))
    indices = Array(repeating: -1, count: max(1, kept))
    // Below 2^15, so the receiver cannot mistake an early loss for a wrap.
    sequenceOffset = Int64(random & 0x7fff)
    newestTimestamp = UInt32(truncatingIfNeeded: random >> 16)
    newestPicture = UInt16(truncatingIfNeeded: random >> 48) & 0x7fff
    newestTL0 = UInt8(truncatingIfNeeded: random >> 40)
  }

  /// The next source starts with this packet; earlier ones of it are not sent.
  mutating func begin(at first: Source) {
    let next = everSent ? Int64(newestSequence) &+ 1 : sequenceOffset
    sequenceOffset = next &- first.index
    var ticks: Int64 = 0
    if everSent {
      let elapsed = max(0, min((first.time - newestTime).microseconds, 3_600_000_000))
      ticks = max(1, elapsed * clockRate / 1_000_000)
    }
    timestampOffset = newestTimestamp &+ UInt32(truncatingIfNeeded: ticks) &- first.timestamp
    pictureOffset = newestPicture &+ 1 &- first.picture
    tl0Offset = newestTL0 &+ 1 &- first.tl0
    droppedPicture = nil
    firstIndex = first.index
    newestIndex = first.index &- 1
    begun = true
  }

  /// The source is gone; nothing passes until ``begin(at:)``.
  mutating func end() { begun = false }

  /// The numbers of a packet that is to be sent; nil for one from before the beginning or that was left out, and one that comes too late.
  mutating func pass(_ packet: Source) -> Numbers? {
    guard begun, packet.index >= firstIndex else { return nil }
    if packet.index > newestIndex {
      reserve(through: packet.index)
      everSent = true
    }
    guard let numbers = numbers(again: packet) else { return nil }
    if numbers.sequence == newestSequence {
      newestTimestamp = numbers.timestamp
      newestTime = packet.time
      newestPicture = numbers.picture
      newestTL0 = numbers.tl0
    }
    return numbers
  }

  /// The same for a packet that was sent already.
  func numbers(again packet: Source) -> Numbers? {
    guard begun, packet.index >= firstIndex, let slot = slot(packet.index) else { return nil }
    return Numbers(
      sequence: slot.sequence, timestamp: packet.timestamp &+ timestampOffset,
      picture: (packet.picture &+ slot.pictureOffset) & 0x7fff, tl0: packet.tl0 &+ tl0Offset)
  }

  /// Leaves a packet out: what follows closes the gap. One that came late has its number already, and leaves a gap.
  mutating func drop(_ packet: Source) {
    guard begun, packet.index > newestIndex else { return }
    reserve(through: packet.index &- 1)
    newestIndex = packet.index
    slots[place(packet.index)] = Slot()
    sequenceOffset &-= 1
    guard droppedPicture != packet.picture else { return }
    droppedPicture = packet.picture
    pictureOffset &-= 1
  }

  /// Gives numbers to all up to this one, also to those that are missing: they may still come.
  private mutating func reserve(through index: Int64) {
    var next = max(newestIndex &+ 1, index &- Int64(slots.count) &+ 1)
    while next <= index {
      let sequence = UInt16(truncatingIfNeeded: next &+ sequenceOffset)
      slots[place(next)] = Slot(index: next, sequence: sequence, pictureOffset: pictureOffset)
      indices[Int(sequence) % indices.count] = next
      newestSequence = sequence
      next &+= 1
    }
    newestIndex = max(newestIndex, index)
  }

  private func place(_ index: Int64) -> Int { Int(index % Int64(slots.count)) }

  private func slot(_ index: Int64) -> Slot? {
    guard index >= 0, slots[place(index)].index == index else { return nil }
    return slots[place(index)]
  }

  /// The source's index of a sequence number that was sent; nil if it is from before the beginning, or too long ago.
  func index(of sequence: UInt16) -> Int64? {
    let index = indices[Int(sequence) % indices.count]
    guard begun, (firstIndex...max(firstIndex, newestIndex)).contains(index), let slot = slot(index),
      slot.sequence == sequence
    else { return nil }
    return index
  }
}
