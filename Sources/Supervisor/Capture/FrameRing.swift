import Links
import Linux
import Synchronization

/// The slots of the frame ring and who has them. The capture thread fills free slots and tells media; media gives them
/// back by datagram. When media is restarted the slots that it had are free again.
final class FrameRing: Sendable {
  private enum Owner { case nobody, capture, media }
  private struct State {
    var owners: [Owner]
    var socket: MessageSocket?
    var sequence: UInt32 = 0
  }

  let slots: Int
  let slotBytes: Int
  private let memory: SharedMemory
  private let state: Mutex<State>
  let captured = Atomic(0)
  let dropped = Atomic(0)

  /// Room for the largest raw format, two bytes a pixel, and for a JPEG picture of that size, in whole pages. A camera may have
  /// only larger pictures than are asked for, so there is room for 1920×1080 at least: memory that nothing is written to costs
  /// nothing.
  static func slotBytes(width: Int, height: Int) -> Int {
    (max(width * height, 1_920 * 1_080) * 2 + 65_536 + 4_095) / 4_096 * 4_096
  }

  init(slots: Int, slotBytes: Int) throws(SystemError) {
    self.slots = slots
    self.slotBytes = slotBytes
    memory = try SharedMemory(creating: "frames", bytes: slots * slotBytes)
    state = Mutex(State(owners: Array(repeating: .nobody, count: slots)))
  }

  /// For media to inherit.
  var number: Int32 { memory.number }

  /// A new media process with a new socket: whatever the old one held is free.
  func attach(_ socket: MessageSocket?) {
    state.withLock { state in
      state.socket = socket
      for index in state.owners.indices where state.owners[index] == .media { state.owners[index] = .nobody }
    }
  }

  /// A free slot for the capture thread, after taking in what media has given back; nil if media has all of them.
  func take() -> Int? {
    state.withLock { state in
      collect(&state)
      guard let slot = state.owners.firstIndex(of: .nobody) else { return nil }
      state.owners[slot] = .capture
      return slot
    }
  }

  /// Hands a filled slot to media; without a reader the frame is dropped.
  func publish(_ slot: Int, _ ready: (_ sequence: UInt32) -> FrameReady) {
    captured.add(1, ordering: .relaxed)
    state.withLock { state in
      guard state.owners.indices.contains(slot) else { return }
      let message = ready(state.sequence)
      state.sequence &+= 1
      let sent = withUnsafeTemporaryAllocation(byteCount: FrameReady.bytes, alignment: 8) { bytes in
        message.write(to: PacketView(bytes)) && state.socket?.send(PacketView(bytes)) == .sent
      }
      state.owners[slot] = sent ? .media : .nobody
      if !sent { dropped.add(1, ordering: .relaxed) }
    }
  }

  /// Takes a slot back that was not filled.
  func giveBack(_ slot: Int) {
    state.withLock { state in
      if state.owners.indices.contains(slot), state.owners[slot] == .capture { state.owners[slot] = .nobody }
    }
  }

  /// A frame that found no slot.
  func countDropped() {
    captured.add(1, ordering: .relaxed)
    dropped.add(1, ordering: .relaxed)
    state.withLock { $0.sequence &+= 1 }
  }

  /// The memory of a slot that the caller has taken.
  func memory(of slot: Int) -> UnsafeMutableRawBufferPointer? {
    guard slot >= 0, slot < slots else { return nil }
    return UnsafeMutableRawBufferPointer(rebasing: memory.writable[slot * slotBytes..<(slot + 1) * slotBytes])
  }

  private func collect(_ state: inout State) {
    guard let socket = state.socket else { return }
    withUnsafeTemporaryAllocation(byteCount: 64, alignment: 8) { bytes in
      let view = PacketView(bytes)
      // Bounded: media can have sent at most one for each slot, whatever else it sends is nonsense.
      for _ in 0..<slots * 2 {
        let received = socket.receiveOrSkip(into: view)
        guard case .message(let length) = received else {
          if case .nonsense = received { continue }
          return
        }
        guard let message = view.prefix(length).flatMap({ FrameReleased($0) }), let slot = Int(exactly: message.slot),
          state.owners.indices.contains(slot), state.owners[slot] == .media
        else { continue }
        state.owners[slot] = .nobody
      }
    }
  }
}
