/// Datagrams waiting to be sent, or just received, in one block of memory that is allocated once. A core appends to the
/// caller's queue, and the loop sends the whole queue with one system call.
public final class DatagramQueue {
  /// The room of one datagram: an Ethernet frame and what SRTP adds.
  public static let slotBytes = 2048

  /// Who sent or gets a datagram, and which of our addresses it came to or must leave from.
  public struct Route: Hashable, Sendable {
    public var remote: SocketAddress
    public var local: SocketAddress
    public init(remote: SocketAddress, local: SocketAddress) {
      self.remote = remote
      self.local = local
    }
  }

  public let capacity: Int
  public private(set) var count = 0
  /// How many datagrams found the queue full and were dropped; media recovers from loss, so nothing waits.
  public private(set) var dropped = 0

  /// Called when there is no room for one more, before it is dropped: whoever can send the queue does, and empties it.
  public var whenFull: ((DatagramQueue) -> Void)?

  private let memory: UnsafeMutableRawBufferPointer
  private var lengths: [Int]
  private var routes: [Route]

  public init(capacity: Int = 256) {
    self.capacity = capacity
    memory = .allocate(byteCount: capacity * Self.slotBytes, alignment: 64)
    lengths = Array(repeating: 0, count: capacity)
    let nowhere = SocketAddress(high: 0, low: 0, port: 0)
    routes = Array(repeating: Route(remote: nowhere, local: nowhere), count: capacity)
  }

  deinit { memory.deallocate() }

  /// Appends a datagram written in place: `body` gets the whole slot and returns the length it used, 0 for "nothing to
  /// send". False if the queue is full or nothing was written.
  @discardableResult
  public func append(to route: Route, _ body: (PacketView) -> Int) -> Bool {
    if count == capacity { whenFull?(self) }
    guard let slot = memoryOfSlot(count) else {
      dropped += 1
      return false
    }
    let length = body(PacketView(slot))
    guard length > 0, length <= Self.slotBytes else { return false }
    lengths[count] = length
    routes[count] = route
    count += 1
    return true
  }

  /// The datagram at an index below `count`.
  public subscript(index: Int) -> (bytes: PacketView, route: Route)? {
    guard index >= 0, index < count, let slot = memoryOfSlot(index) else { return nil }
    return (PacketView(UnsafeMutableRawBufferPointer(rebasing: slot[..<lengths[index]])), routes[index])
  }

  public func removeAll() { count = 0 }

  /// For the socket wrapper: the memory of any slot, filled or not.
  func memoryOfSlot(_ index: Int) -> UnsafeMutableRawBufferPointer? {
    guard index >= 0, index < capacity else { return nil }
    let start = index * Self.slotBytes
    return UnsafeMutableRawBufferPointer(rebasing: memory[start..<start + Self.slotBytes])
  }

  /// For the socket wrapper, which has written straight into the slots: appends one received datagram.
  func commit(length: Int, route: Route) {
    guard count < capacity, length >= 0, length <= Self.slotBytes else { return }
    lengths[count] = length
    routes[count] = route
    count += 1
  }
}
