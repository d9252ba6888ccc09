import Linux

/// The last packets sent on one stream, so that a NACK can be answered (RFC 4585 section 6.2.1). Holds plain packets, as they were before
/// SRTP. All memory is taken at the start.
public final class PacketHistory {
  private struct Entry {
    var sequence: UInt16 = 0
    var length = 0
    var sentAt = MonotonicTime(microseconds: 0)
    var resends: UInt8 = 0
  }

  /// Older packets are useless to a live picture.
  public static let longestAge = Interval.seconds(2)
  /// One packet is not sent again more often than this.
  public static let mostResends: UInt8 = 8

  private let slab: PacketSlab
  private var entries: [Entry]
  private let mask: Int

  /// - Parameter capacity: packets kept, rounded up to a power of two.
  public init(capacity: Int = 512, longestPacket: Int = 1280) {
    var size = 16
    while size < min(capacity, 32768) { size *= 2 }
    slab = PacketSlab(slots: size, slotBytes: longestPacket)
    entries = Array(repeating: Entry(), count: size)
    mask = size - 1
  }

  /// Keeps a copy of a packet just sent; one that is too long for a slot is not kept.
  public func store(_ packet: PacketView, now: MonotonicTime) {
    guard let sequence = packet.u16(2) else { return }
    let slot = Int(sequence) & mask
    entries[slot] = Entry()
    guard slab.store(packet, in: slot) != nil else { return }
    entries[slot] = Entry(sequence: sequence, length: packet.count, sentAt: now)
  }

  /// The packet to send again for a NACK; nil if it is gone, too old, or was sent within the last round trip, so that its
  /// answer is still on the way.
  public func packetToResend(_ sequence: UInt16, roundTrip: Interval, now: MonotonicTime) -> PacketView? {
    let slot = Int(sequence) & mask
    let entry = entries[slot]
    guard entry.length > 0, entry.sequence == sequence, entry.resends < Self.mostResends else { return nil }
    let age = now - entry.sentAt
    // A NACK for the first transmission is always right; only repeated ones wait for a round trip.
    guard age <= Self.longestAge, entry.resends == 0 || age >= roundTrip else { return nil }
    entries[slot].resends += 1
    entries[slot].sentAt = now
    return slab[slot]?.prefix(entry.length)
  }
}
