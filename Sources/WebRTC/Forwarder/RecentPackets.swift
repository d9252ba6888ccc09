import Linux

/// What the forwarder keeps of one RTP packet besides its payload.
struct StoredPacket {
  /// The source's sequence number, extended so that it never wraps.
  var index: Int64
  /// In the source's own clock.
  var timestamp: UInt32
  var marker: Bool
  /// First packet of a key frame.
  var startsKeyFrame: Bool
  /// Of a VP8 payload that has a readable one; its numbers are rewritten for each subscriber.
  var descriptor: VP8Descriptor?
  /// Value of the video-orientation extension (3GPP TS 26.114), nil where the packet has none.
  var orientation: UInt8?
  /// As in the audio-level extension (RFC 6464), nil where the packet has none.
  var audioLevel: UInt8?
  /// When it arrived, or for the box's own media when the picture or sound was captured.
  var time: MonotonicTime
  /// When it came to be kept.
  fileprivate(set) var kept = MonotonicTime(microseconds: 0)
  fileprivate(set) var length = 0

  init(
    index: Int64, timestamp: UInt32, marker: Bool, startsKeyFrame: Bool = false, descriptor: VP8Descriptor? = nil,
    orientation: UInt8? = nil, audioLevel: UInt8? = nil, time: MonotonicTime
  ) {
    self.index = index
    self.timestamp = timestamp
    self.marker = marker
    self.startsKeyFrame = startsKeyFrame
    self.descriptor = descriptor
    self.orientation = orientation
    self.audioLevel = audioLevel
    self.time = time
  }
}

/// The last packets of one publisher, unencrypted, in one block of memory. All subscribers are served from it, the first time
/// and when they ask again (RFC 4585 6.2.1), so a packet is kept once however many watch.
final class RecentPackets {
  /// The largest payload kept; browsers stay below 1,200 bytes, others below an Ethernet frame.
  static let slotBytes = 1472

  private let capacity: Int
  private let slab: PacketSlab
  private var entries: [StoredPacket]

  init(capacity: Int) {
    self.capacity = capacity
    slab = PacketSlab(slots: capacity, slotBytes: Self.slotBytes)
    let empty = StoredPacket(index: -1, timestamp: 0, marker: false, time: MonotonicTime(microseconds: 0))
    entries = Array(repeating: empty, count: capacity)
  }

  /// Keeps a packet in place of the one `capacity` earlier. Nil if it is too long, older than what the ring holds, or kept
  /// already.
  func store(
    _ packet: StoredPacket, payload: PacketView, now: MonotonicTime
  ) -> (packet: StoredPacket, payload: PacketView)? {
    guard packet.index >= 0 else { return nil }
    let slot = Int(packet.index % Int64(capacity))
    guard entries[slot].index < packet.index, let kept = slab.store(payload, in: slot) else { return nil }
    entries[slot] = packet
    entries[slot].kept = now
    entries[slot].length = payload.count
    return (entries[slot], kept)
  }

  /// The packet of that index, nil if it was never here or is overwritten.
  subscript(index: Int64) -> (packet: StoredPacket, payload: PacketView)? {
    guard index >= 0 else { return nil }
    let slot = Int(index % Int64(capacity))
    guard entries[slot].index == index, let payload = slab[slot]?.prefix(entries[slot].length) else { return nil }
    return (entries[slot], payload)
  }
}
