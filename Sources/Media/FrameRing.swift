import Links
import Linux

/// The frames that the supervisor captures, in memory it shares with us. Every frame that is taken must be released.
final class FrameRing {
  let socket: MessageSocket
  private let memory: SharedMemory
  private let slots: Int
  private let slotBytes: Int
  private let datagram = PacketSlab(slots: 1, slotBytes: 64)

  init(socket: MessageSocket, memory: SharedMemory, slots: Int, slotBytes: Int) {
    self.socket = socket
    self.memory = memory
    self.slots = slots
    self.slotBytes = slotBytes
  }

  enum Next {
    case frame(FrameReady)
    case nothing
    /// A datagram that is no frame, or names a slot or a length that does not exist.
    case refused
    /// The supervisor is gone.
    case closed
  }

  /// The next frame that waits.
  func next() -> Next {
    do {
      guard let datagram = datagram[0] else { return .closed }
      guard let length = try socket.receive(into: datagram) else { return .nothing }
      guard let view = datagram.prefix(length), let frame = FrameReady(view), Int(frame.slot) < slots,
        Int(frame.length) <= slotBytes
      else { return .refused }
      return .frame(frame)
    } catch {
      return .closed
    }
  }

  /// The bytes of a frame, valid until it is released.
  func bytes(_ frame: FrameReady) -> UnsafeRawBufferPointer? {
    let start = Int(frame.slot) * slotBytes
    let end = start + Int(frame.length)
    guard end <= memory.count else { return nil }
    return UnsafeRawBufferPointer(rebasing: memory.bytes[start..<end])
  }

  func release(_ frame: FrameReady) {
    guard let view = datagram[0]?.prefix(FrameReleased.bytes), FrameReleased(slot: frame.slot).write(to: view) else {
      return
    }
    socket.send(view)
  }
}
