import Links
import Linux

/// The frames that the supervisor captures, in memory it shares with us. Every frame that is taken must be released.
final class FrameRing {
  let socket: MessageSocket
  private let memory: SharedMemory
  private let slots: Int
  private let slotBytes: Int
  private let datagram = PacketSlab(slots: 1, slotBytes: 64)
  /// Datagrams that were no frame, or named a slot or length that does not exist.
  private(set) var refused = 0

  init(socket: MessageSocket, memory: SharedMemory, slots: Int, slotBytes: Int) {
    self.socket = socket
    self.memory = memory
    self.slots = slots
    self.slotBytes = slotBytes
  }

  enum Next {
    case frame(FrameReady)
    case nothing
    /// The supervisor is gone.
    case closed
  }

  /// The next frame that waits.
  func next() -> Next {
    while let datagram = datagram[0] {
      do {
        guard let length = try socket.receive(into: datagram) else { return .nothing }
        guard let view = datagram.prefix(length), let frame = FrameReady(view), Int(frame.slot) < slots,
          Int(frame.length) <= slotBytes, frame.width > 0, frame.width <= 8192, frame.height > 0, frame.height <= 8192
        else {
          refused &+= 1
          continue
        }
        return .frame(frame)
      } catch {
        return .closed
      }
    }
    return .closed
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
