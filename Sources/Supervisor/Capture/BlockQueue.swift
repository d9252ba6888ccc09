import Links
import Linux

/// Sound blocks that wait for the speaker, oldest first, in memory allocated once. When too many come in a bunch the
/// oldest are dropped: late sound is worse than a gap.
struct BlockQueue: ~Copyable {
  /// 40 ms.
  static let most = 2

  private let memory: UnsafeMutableBufferPointer<Int16>
  private let scratch: UnsafeMutableRawBufferPointer
  private let numbers: UnsafeMutableBufferPointer<UInt32>
  private var first = 0
  private(set) var count = 0
  /// Media's number of the block that was taken last.
  private(set) var taken: UInt32 = 0

  init() {
    memory = .allocate(capacity: Self.most * PCMHead.samples)
    memory.initialize(repeating: 0)
    scratch = .allocate(byteCount: PCMHead.datagramBytes, alignment: 8)
    numbers = .allocate(capacity: Self.most)
    numbers.initialize(repeating: 0)
  }

  deinit {
    memory.deallocate()
    scratch.deallocate()
    numbers.deallocate()
  }

  /// Takes in all datagrams that wait; returns how many blocks were dropped. Datagrams that are no sound are ignored.
  mutating func fill(from socket: MessageSocket?) -> Int {
    guard let socket else { return 0 }
    var dropped = 0
    let view = PacketView(scratch)
    // What is in the kernel's buffer is bounded; this only keeps a flood from holding the thread.
    for _ in 0..<256 {
      let received = socket.receiveOrSkip(into: view)
      guard case .message(let length) = received else {
        if case .nonsense = received { continue }
        break
      }
      guard let datagram = view.prefix(length), let head = PCMHead(datagram),
        let samples = datagram.slice(PCMHead.bytes, PCMHead.samples * 2)
      else { continue }
      if count == Self.most {
        first = (first + 1) % Self.most
        count -= 1
        dropped += 1
      }
      slot((first + count) % Self.most).copyMemory(from: UnsafeRawBufferPointer(samples.raw))
      numbers[(first + count) % Self.most] = head.sequence
      count += 1
    }
    return dropped
  }

  /// Moves the oldest block into `block`; false if there is none.
  mutating func take(into block: UnsafeMutableBufferPointer<Int16>) -> Bool {
    guard count > 0, block.count == PCMHead.samples else { return false }
    UnsafeMutableRawBufferPointer(block).copyMemory(from: UnsafeRawBufferPointer(slot(first)))
    taken = numbers[first]
    first = (first + 1) % Self.most
    count -= 1
    return true
  }

  mutating func removeAll() { count = 0 }

  private func slot(_ index: Int) -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(
      rebasing: UnsafeMutableRawBufferPointer(memory)[index * PCMHead.samples * 2..<(index + 1) * PCMHead.samples * 2])
  }
}
