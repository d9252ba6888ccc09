import CLinux
import Glibc

/// The UDP socket of the media plane: IPv4 and IPv6 in one, datagrams straight from and to the slots of a
/// ``DatagramQueue``, and each answer from the address that was asked.
public final class UDPSocket {
  /// So many datagrams at most go with one system call.
  public static let batch = Int(FB_BATCH)

  private let descriptor: Descriptor
  private let isIPv4Only: Bool
  private let batch: UnsafeMutablePointer<fb_datagram>
  /// Where the socket is bound; its port is the real one.
  public let local: SocketAddress
  /// Datagrams that the kernel had no room for or refused.
  public private(set) var unsent = 0
  /// Datagrams longer than a slot.
  public private(set) var truncated = 0

  /// Binds a socket. Address `::` means every address of both families, or of IPv4 alone where there is no IPv6.
  public convenience init(binding address: SocketAddress, bufferBytes: Int = 4 << 20) throws(SystemError) {
    try self.init(adopting: try Sockets.bound(address, type: SOCK_DGRAM), bufferBytes: bufferBytes)
  }

  /// Takes over a bound socket, as a child does with the one it inherited.
  public init(adopting descriptor: consuming Descriptor, bufferBytes: Int = 4 << 20) throws(SystemError) {
    try descriptor.setNonBlocking()
    let number = descriptor.number
    let (address, family) = try Sockets.localAddress(number)
    local = address
    isIPv4Only = family == AF_INET
    var on: Int32 = 1
    let length = socklen_t(MemoryLayout<Int32>.size)
    let result =
      isIPv4Only
      ? setsockopt(number, Int32(IPPROTO_IP), IP_PKTINFO, &on, length)
      : setsockopt(number, Int32(IPPROTO_IPV6), IPV6_RECVPKTINFO, &on, length)
    guard result == 0 else { throw SystemError.last("setsockopt(PKTINFO)") }
    // The kernel cuts it to its limit, which only root may pass (FORCE).
    var size = Int32(clamping: bufferBytes)
    for (force, plain) in [(SO_RCVBUFFORCE, SO_RCVBUF), (SO_SNDBUFFORCE, SO_SNDBUF)] {
      if setsockopt(number, SOL_SOCKET, force, &size, length) != 0 {
        setsockopt(number, SOL_SOCKET, plain, &size, length)
      }
    }
    batch = .allocate(capacity: Self.batch)
    batch.initialize(repeating: fb_datagram(), count: Self.batch)
    self.descriptor = descriptor
  }

  deinit { batch.deallocate() }

  /// For a loop to watch.
  public var number: Int32 { descriptor.number }

  /// Appends what waits in the kernel, as much as the queue has room for and at most one batch. Returns how many; 0
  /// when nothing waits. A datagram that did not fit a slot is appended with length 0.
  public func receive(into queue: DatagramQueue) throws(SystemError) -> Int {
    let room = min(queue.capacity - queue.count, Self.batch)
    guard room > 0, let memory = queue.memoryOfSlot(queue.count)?.baseAddress else { return 0 }
    let count = fb_udp_receive(number, memory, DatagramQueue.slotBytes, batch, Int32(room))
    guard count >= 0 else {
      if -count == EAGAIN { return 0 }
      throw SystemError("recvmmsg", code: -count)
    }
    for index in 0..<Int(count) {
      let datagram = batch[index]
      if datagram.length == 0 { truncated &+= 1 }
      let remote = SocketAddress(
        high: datagram.remote_high, low: datagram.remote_low, port: datagram.remote_port, scope: datagram.remote_scope)
      let local = SocketAddress(
        high: datagram.local_high, low: datagram.local_low, port: local.port, scope: datagram.local_scope)
      queue.commit(length: Int(datagram.length), route: DatagramQueue.Route(remote: remote, local: local))
    }
    return Int(count)
  }

  /// Sends the whole queue and empties it. What the kernel has no room for is dropped and counted: media recovers from
  /// loss, and a late packet helps nobody.
  public func send(_ queue: DatagramQueue) {
    var next = 0
    while next < queue.count {
      var filled = 0
      while filled < Self.batch, next + filled < queue.count, let datagram = queue[next + filled] {
        let (bytes, route) = datagram
        batch[filled] = fb_datagram(
          bytes: bytes.raw.baseAddress, length: UInt32(bytes.count), local_scope: route.local.scope,
          local_high: route.local.high, local_low: route.local.low, remote_high: route.remote.high,
          remote_low: route.remote.low, remote_scope: route.remote.scope, remote_port: route.remote.port)
        filled += 1
      }
      let sent = fb_udp_send(number, isIPv4Only ? 1 : 0, batch, Int32(filled))
      if sent > 0 {
        next += Int(sent)
      } else if -sent == EAGAIN || -sent == ENOBUFS {
        unsent &+= queue.count - next
        break
      } else {
        // This one cannot go (no route, refused address); the others can.
        unsent &+= 1
        next += 1
      }
    }
    queue.removeAll()
  }
}
