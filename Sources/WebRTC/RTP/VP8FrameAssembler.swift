import Linux

/// A VP8 frame of which all packets have come.
public struct VP8AssembledFrame: Equatable, Sendable {
  public var timestamp: UInt32
  public var isKeyFrame: Bool
  public var pictureID: UInt16?
  /// Sequence number of the first packet.
  public var firstSequence: UInt16
  public var packets: Int
  /// Encoded bytes.
  public var length: Int
}

/// Puts the packets of one VP8 stream together and counts its complete frames, in order; after a loss that nothing mends it waits for
/// the next key frame. All memory is taken at the start.
public final class VP8FrameAssembler {
  private struct Slot {
    var number: Int64 = -1
    var timestamp: UInt32 = 0
    var startsFrame = false
    var isKeyFrame = false
    var marker = false
    var pictureID: UInt16?
    var offset = 0
    var length = 0
  }

  public private(set) var framesReceived: UInt64 = 0
  /// Whether nothing can be shown before a key frame comes.
  public private(set) var needsKeyFrame = true

  private let slab: PacketSlab?
  private var slots: [Slot]
  private let mask: Int
  /// The packet that the next frame starts with.
  private var next: Int64 = 0
  private var highest: Int64?
  private var assembled: (first: Int64, frame: VP8AssembledFrame)?

  /// - Parameters:
  ///   - capacity: packets held, rounded up to a power of two: more than the longest key frame.
  ///   - keepsPayload: whether `copyFrame` is wanted; without it only heads are kept.
  public init(capacity: Int = 512, keepsPayload: Bool) {
    var size = 16
    while size < min(capacity, 16384) { size *= 2 }
    slots = Array(repeating: Slot(), count: size)
    mask = size - 1
    slab = keepsPayload ? PacketSlab(slots: size, slotBytes: 1500) : nil
  }

  /// Takes a packet; then `nextFrame` gives the frames that became complete.
  /// - Returns: false if its payload is no VP8, or it came too late.
  @discardableResult
  public func insert(_ packet: RTPPacket) -> Bool {
    guard let (descriptor, offset) = VP8Descriptor.parse(packet.payload), offset < packet.payload.count else {
      return false
    }
    let number: Int64
    if let highest {
      number = highest &+ Int64(packet.sequence.distance(after: UInt16(truncatingIfNeeded: highest)))
      guard number > highest - Int64(slots.count) else { return false }
    } else {
      // Room below, so that numbers of packets that were overtaken stay positive.
      number = Int64(packet.sequence) + 65_536
      next = number - Int64(slots.count)
    }
    let index = Int(number & Int64(mask))
    guard number >= next, slots[index].number != number else { return false }
    if let slab, slab.store(packet.payload, in: index) == nil { return false }
    let isKey =
      descriptor.startsFrame && VP8Frame.isKeyFrame(packet.payload.dropFirst(offset) ?? packet.payload)
    slots[index] = Slot(
      number: number, timestamp: packet.timestamp, startsFrame: descriptor.startsFrame, isKeyFrame: isKey,
      marker: packet.marker, pictureID: descriptor.pictureID, offset: offset,
      length: packet.payload.count - offset)
    highest = max(highest ?? number, number)
    return true
  }

  /// The next complete frame in order; nil while there is none. Valid for `copyFrame` until the next call.
  public func nextFrame() -> VP8AssembledFrame? {
    guard let highest else { return nil }
    // What fell out of the ring cannot be mended any more.
    if highest - next >= Int64(slots.count) { lose(upTo: highest - Int64(slots.count) + 1) }
    if !needsKeyFrame, let frame = frame(from: next) { return deliver(frame, from: next) }
    // A complete key frame behind a gap makes everything before it useless.
    var start = next
    while start <= highest {
      let slot = slots[Int(start & Int64(mask))]
      if slot.number == start, slot.isKeyFrame, let frame = frame(from: start) { return deliver(frame, from: start) }
      start += 1
    }
    return nil
  }

  private func lose(upTo first: Int64) {
    next = first
    needsKeyFrame = true
  }

  private func deliver(_ frame: VP8AssembledFrame, from start: Int64) -> VP8AssembledFrame {
    next = start + Int64(frame.packets)
    framesReceived &+= 1
    if frame.isKeyFrame { needsKeyFrame = false }
    assembled = (start, frame)
    return frame
  }

  /// The frame whose first packet is `first`, if all its packets are there.
  private func frame(from first: Int64) -> VP8AssembledFrame? {
    let head = slots[Int(first & Int64(mask))]
    guard head.number == first, head.startsFrame else { return nil }
    var (number, length) = (first, 0)
    while number - first < Int64(slots.count) {
      let slot = slots[Int(number & Int64(mask))]
      guard slot.number == number, slot.timestamp == head.timestamp else { return nil }
      length += slot.length
      if slot.marker {
        return VP8AssembledFrame(
          timestamp: head.timestamp, isKeyFrame: head.isKeyFrame, pictureID: head.pictureID,
          firstSequence: UInt16(truncatingIfNeeded: first), packets: Int(number - first + 1), length: length)
      }
      number += 1
    }
    return nil
  }

  /// Copies the frame that `nextFrame` gave last.
  /// - Returns: its length; nil if it does not fit, or payloads are not kept.
  public func copyFrame(into view: PacketView) -> Int? {
    guard let slab, let (first, frame) = assembled else { return nil }
    var length = 0
    for number in first..<first + Int64(frame.packets) {
      let index = Int(number & Int64(mask))
      let slot = slots[index]
      guard slot.number == number, let part = slab[index]?.slice(slot.offset, slot.length),
        view.copy(UnsafeRawBufferPointer(part.raw), to: length)
      else { return nil }
      length += part.count
    }
    return length
  }
}
