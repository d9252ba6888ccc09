import Links
import Linux
import Testing

@testable import Supervisor

@Suite struct BlockQueueTests {
  static func send(_ value: Int16, sequence: UInt32, _ socket: MessageSocket) {
    withUnsafeTemporaryAllocation(byteCount: PCMHead.datagramBytes, alignment: 8) { bytes in
      _ = PCMHead(sequence: sequence, playbackDelayMicroseconds: 0, time: MonotonicTime(microseconds: 0))
        .write(to: PacketView(bytes))
      UnsafeMutableRawBufferPointer(rebasing: bytes[PCMHead.bytes...]).bindMemory(to: Int16.self).update(
        repeating: value)
      socket.send(PacketView(bytes))
    }
  }

  /// The first sample of each block that waits, taken out.
  static func drain(_ queue: inout BlockQueue) -> [Int16] {
    withUnsafeTemporaryAllocation(of: Int16.self, capacity: PCMHead.samples) { block in
      var values: [Int16] = []
      while queue.take(into: block) {
        #expect(block.first == block.last)
        values.append(block[0])
      }
      return values
    }
  }

  @Test func blocksComeOutAsTheyWentIn() throws {
    let (a, b) = try MessageSocket.pair()
    var queue = BlockQueue()
    for round in 0..<20 {
      Self.send(Int16(round), sequence: UInt32(round), a)
      #expect(queue.fill(from: b) == 0)
      #expect(Self.drain(&queue) == [Int16(round)])
      #expect(queue.taken == UInt32(round))
    }
  }

  @Test func ofABunchTheLatestFortyMillisecondsAreKept() throws {
    let (a, b) = try MessageSocket.pair()
    var queue = BlockQueue()
    for round in 0..<10 { Self.send(Int16(round), sequence: UInt32(round), a) }
    #expect(queue.fill(from: b) == 8)
    #expect(Self.drain(&queue) == [8, 9])
  }

  @Test func whatIsNoSoundIsIgnored() throws {
    let (a, b) = try MessageSocket.pair()
    var queue = BlockQueue()
    a.send([1, 2, 3])
    a.send([UInt8](repeating: 0, count: PCMHead.datagramBytes - 1))
    a.send([UInt8](repeating: 0, count: PCMHead.datagramBytes + 1))
    Self.send(7, sequence: 0, a)
    #expect(queue.fill(from: b) == 0)
    #expect(Self.drain(&queue) == [7])
    #expect(queue.fill(from: nil) == 0)
  }
}
