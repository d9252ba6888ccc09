import Linux
import Testing

@Suite struct DatagramQueueTests {
  static func append(_ byte: UInt8, to queue: DatagramQueue) -> Bool {
    let nowhere = SocketAddress(high: 0, low: 0, port: 0)
    return queue.append(to: .init(remote: nowhere, local: nowhere)) { $0.set(0, byte) ? 1 : 0 }
  }

  @Test func whatIsFullIsEmptiedByWhoCan() {
    let queue = DatagramQueue(capacity: 2)
    var sent: [UInt8] = []
    queue.whenFull = { full in
      for index in 0..<full.count { sent += full[index]?.bytes.array ?? [] }
      full.removeAll()
    }
    for byte in 0..<7 as Range<UInt8> { #expect(Self.append(byte, to: queue)) }
    #expect(sent == [0, 1, 2, 3, 4, 5])
    #expect(queue.count == 1 && queue.dropped == 0)
  }

  @Test(arguments: [true, false]) func whatStaysFullDropsAndCounts(isTold: Bool) {
    let queue = DatagramQueue(capacity: 2)
    var told = 0
    if isTold { queue.whenFull = { _ in told += 1 } }
    for byte in 0..<5 as Range<UInt8> { #expect(Self.append(byte, to: queue) == (byte < 2)) }
    #expect(queue.count == 2 && queue.dropped == 3)
    #expect(told == (isTold ? 3 : 0))
  }
}
