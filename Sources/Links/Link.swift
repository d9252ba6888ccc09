import Linux

/// One end of a link on a loop: typed messages in and out, whole and in order. What the other side is too slow to take
/// waits here up to a bound, past which the link counts as broken.
public final class Link<Incoming: LinkMessage, Outgoing: LinkMessage> {
  private struct Waiting {
    var bytes: [UInt8]
    /// Kept open until it is sent.
    var descriptor: OwnedDescriptor?
  }
  private final class OwnedDescriptor {
    let descriptor: Descriptor
    init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }
  }

  private let socket: MessageSocket
  private var watch: EventLoop.Watch?
  private var waiting: [Waiting] = []
  private let mostWaiting = 1024
  private let mostRefused = 100
  private let receive: (Incoming, consuming Descriptor?) -> Void
  private let closed: (String) -> Void
  /// Messages that were not valid, of which a link bears only so many.
  public private(set) var refused = 0

  /// `receive` gets each message with the descriptor that came with it; `closed` is called once, with the reason, when
  /// the other side is gone or the link is broken, and never after ``close()``.
  public init(
    _ socket: MessageSocket, on loop: EventLoop, receive: @escaping (Incoming, consuming Descriptor?) -> Void,
    closed: @escaping (String) -> Void
  ) throws(SystemError) {
    self.socket = socket
    self.receive = receive
    self.closed = closed
    watch = try loop.watch(socket.number) { [weak self] in self?.readAll() }
  }

  deinit { watch?.cancel() }

  /// Messages that the other side has not taken yet.
  public var waitingMessages: Int { waiting.count }
  public var isOpen: Bool { watch != nil }

  /// Ends the link without a call of `closed`.
  public func close() {
    watch?.cancel()
    watch = nil
    waiting = []
  }

  /// Sends a message, with a copy of a descriptor if given. A link that is closed ignores it.
  public func send(_ message: Outgoing, descriptor: Int32? = nil) {
    guard isOpen else { return }
    let bytes: [UInt8]
    do {
      bytes = try LinkCodec.encode(message)
    } catch {
      refused &+= 1
      return Log.error("link: message not sent: \(error)")
    }
    if waiting.isEmpty {
      switch socket.send(bytes, descriptor: descriptor) {
      case .sent: return
      case .failed(let error): return fail("\(error)")
      case .full: break
      }
    }
    guard waiting.count < mostWaiting else { return fail("the other side does not read") }
    var owned: OwnedDescriptor?
    if let descriptor {
      let borrowed = Descriptor(adopting: descriptor)
      if let copy = try? borrowed.duplicate() { owned = OwnedDescriptor(copy) }
      _ = borrowed.release()
    }
    waiting.append(Waiting(bytes: bytes, descriptor: owned))
    watch?.whenWritable { [weak self] in self?.flush() }
  }

  private func flush() {
    var sent = 0
    loop: while sent < waiting.count {
      let next = waiting[sent]
      switch socket.send(next.bytes, descriptor: next.descriptor?.descriptor.number) {
      case .sent: sent += 1
      case .full: break loop
      case .failed(let error): return fail("\(error)")
      }
    }
    waiting.removeFirst(sent)
    if waiting.isEmpty { watch?.whenWritable(nil) }
  }

  private func readAll() {
    // Bounded, so one busy link does not hold up the others; epoll tells again.
    for _ in 0..<64 where isOpen {
      do {
        guard var received = try socket.receive() else { return }
        let message = try LinkCodec.decode(Incoming.self, from: received.bytes)
        receive(message, received.descriptor.take())
      } catch let error as LinkError {
        refused &+= 1
        Log.warning("link: message refused: \(error)")
        guard refused < mostRefused else { return fail("sends no messages that are valid") }
      } catch MessageSocket.ReceiveError.closed {
        return fail("closed by the other side")
      } catch {
        return fail("\(error)")
      }
    }
  }

  private func fail(_ reason: String) {
    guard isOpen else { return }
    close()
    closed(reason)
  }
}
