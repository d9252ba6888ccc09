/// Slots for packets in one block of memory that is allocated once, for histories and buffers that keep packets a while.
public final class PacketSlab {
  public let slots: Int
  public let slotBytes: Int
  private let memory: UnsafeMutableRawBufferPointer

  /// - Parameters:
  ///   - slots: at least 1.
  ///   - slotBytes: the longest packet that a slot takes; at least 1.
  public init(slots: Int, slotBytes: Int) {
    self.slots = max(1, slots)
    self.slotBytes = max(1, slotBytes)
    memory = .allocate(byteCount: self.slots &* self.slotBytes, alignment: 64)
  }

  deinit { memory.deallocate() }

  /// The memory of a slot, valid as long as the slab; nil outside. Its content is undefined until it is written.
  public subscript(slot: Int) -> PacketView? {
    guard slot >= 0, slot < slots else { return nil }
    let start = slot * slotBytes
    return PacketView(UnsafeMutableRawBufferPointer(rebasing: memory[start..<start + slotBytes]))
  }

  /// Copies a packet into a slot; nil if there is no such slot or the packet is too long, else the copy.
  @discardableResult
  public func store(_ packet: PacketView, in slot: Int) -> PacketView? {
    guard let place = self[slot], place.copy(UnsafeRawBufferPointer(packet.raw), to: 0) else { return nil }
    return place.prefix(packet.count)
  }
}
