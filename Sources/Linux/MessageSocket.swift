import CLinux
import Glibc

/// One end of a SOCK_SEQPACKET pair: whole messages in order, bounded, with a descriptor when wanted; never blocks.
public final class MessageSocket: Sendable {
  /// The longest message.
  public static let largestMessageBytes = 64 * 1024

  public enum SendResult: Equatable, Sendable {
    case sent
    /// The other side does not keep up; nothing was sent.
    case full
    /// The other side is gone, or the message is too long (EMSGSIZE).
    case failed(SystemError)
  }

  /// A message, and the descriptor that travelled with it.
  public struct Received: ~Copyable {
    public var bytes: [UInt8]
    public var descriptor: Descriptor?
  }

  public enum ReceiveError: Error, Equatable, Sendable {
    /// The other side closed its end.
    case closed
    case failed(SystemError)
  }

  private let descriptor: Descriptor

  /// Takes over one end of a pair.
  public init(adopting descriptor: consuming Descriptor) throws(SystemError) {
    try descriptor.setNonBlocking()
    self.descriptor = descriptor
  }

  /// Two connected ends. `bufferBytes` bounds what waits in the kernel, which doubles it (messages cost their length and about
  /// 1 KiB); 0 leaves the kernel's default of about 200 KiB.
  public static func pair(bufferBytes: Int = 0) throws(SystemError) -> (MessageSocket, MessageSocket) {
    var numbers: (Int32, Int32) = (-1, -1)
    let type = Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let result = withUnsafeMutableBytes(of: &numbers) {
      socketpair(AF_UNIX, type, 0, $0.bindMemory(to: Int32.self).baseAddress)
    }
    guard result == 0 else { throw SystemError.last("socketpair") }
    let a = Descriptor(adopting: numbers.0)
    let b = Descriptor(adopting: numbers.1)
    if bufferBytes > 0 {
      var size = Int32(clamping: bufferBytes)
      for number in [a.number, b.number] {
        setsockopt(number, SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<Int32>.size))
      }
    }
    return (try MessageSocket(adopting: a), try MessageSocket(adopting: b))
  }

  /// For a loop to watch and for a child to inherit; stays owned here.
  public var number: Int32 { descriptor.number }

  /// Sends one message; `descriptor` stays the caller's, the receiver gets a copy.
  @discardableResult
  public func send(_ bytes: UnsafeRawBufferPointer, descriptor passed: Int32? = nil) -> SendResult {
    guard bytes.count <= Self.largestMessageBytes else {
      return .failed(SystemError("sendmsg", code: EMSGSIZE, about: "\(bytes.count) bytes"))
    }
    let result = fb_message_send(number, bytes.baseAddress, bytes.count, passed ?? -1)
    if result >= 0 { return .sent }
    let code = Int32(clamping: -result)
    return code == EAGAIN || code == ENOBUFS ? .full : .failed(SystemError("sendmsg", code: code))
  }

  @discardableResult
  public func send(_ bytes: [UInt8], descriptor passed: Int32? = nil) -> SendResult {
    bytes.withUnsafeBytes { send($0, descriptor: passed) }
  }

  @discardableResult
  public func send(_ view: PacketView) -> SendResult { send(UnsafeRawBufferPointer(view.raw)) }

  /// The next message, or nil if none waits. A longer message than allowed is an error (EMSGSIZE).
  public func receive() throws(ReceiveError) -> Received? {
    var descriptor: Int32 = -1
    var length = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: Self.largestMessageBytes) { buffer, count in
      length = fb_message_receive(number, buffer.baseAddress, buffer.count, &descriptor)
      count = max(0, length)
    }
    let owned: Descriptor? = descriptor >= 0 ? Descriptor(adopting: descriptor) : nil
    guard try check(length) != nil else { return nil }
    return Received(bytes: bytes, descriptor: owned)
  }

  /// The next message into memory of the caller, without allocation; its length, or nil if none waits. A descriptor
  /// that comes with it is closed.
  public func receive(into view: PacketView) throws(ReceiveError) -> Int? {
    var descriptor: Int32 = -1
    let length = fb_message_receive(number, view.raw.baseAddress, view.count, &descriptor)
    if descriptor >= 0 { close(descriptor) }
    return try check(length)
  }

  private func check(_ length: Int) throws(ReceiveError) -> Int? {
    if length > 0 { return length }
    // An empty message does not exist here: length 0 is the end.
    if length == 0 { throw .closed }
    let code = Int32(clamping: -length)
    if code == EAGAIN { return nil }
    if code == ECONNRESET || code == EPIPE { throw .closed }
    throw .failed(SystemError("recvmsg", code: code))
  }
}
