import CLinux
import Glibc
import Synchronization

/// How worker threads hand their results to a loop: any thread sends, the loop's thread handles in order.
public final class Mailbox<Message: Sendable>: Sendable {
  private let waiting = Mutex<[Message]>([])
  private let wakeUp: Descriptor
  private let capacity: Int

  /// `capacity` bounds what may wait.
  public init(capacity: Int = .max) throws(SystemError) {
    let number = fb_eventfd()
    guard number >= 0 else { throw SystemError.last("eventfd") }
    wakeUp = Descriptor(adopting: number)
    self.capacity = capacity
  }

  /// For a loop to watch.
  public var number: Int32 { wakeUp.number }

  /// From any thread. False if the mailbox is full; the message is lost then.
  @discardableResult
  public func send(_ message: Message) -> Bool {
    let (accepted, wasEmpty) = waiting.withLock { waiting -> (Bool, Bool) in
      guard waiting.count < capacity else { return (false, false) }
      waiting.append(message)
      return (true, waiting.count == 1)
    }
    if wasEmpty { eventfd_write(wakeUp.number, 1) }
    return accepted
  }

  /// On the loop's thread: everything that waits, in order.
  public func drain() -> [Message] {
    var count: eventfd_t = 0
    eventfd_read(wakeUp.number, &count)
    return waiting.withLock { waiting in
      let all = waiting
      waiting = []
      return all
    }
  }
}

extension EventLoop {
  /// Calls `handle` on this loop for each message sent to the mailbox.
  @discardableResult
  public func attach<Message>(
    _ mailbox: Mailbox<Message>, _ handle: @escaping (Message) -> Void
  ) throws(SystemError) -> Watch {
    try watch(mailbox.number) {
      for message in mailbox.drain() { handle(message) }
    }
  }
}
