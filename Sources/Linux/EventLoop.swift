import CLinux
import Glibc

/// The one loop of a process: descriptors, timers and mailboxes, all on the thread that calls ``run()``. Not Sendable:
/// other threads reach it through a ``Mailbox`` only.
public final class EventLoop {
  /// A descriptor being watched. Lives until ``cancel()``.
  public final class Watch {
    fileprivate let number: Int32
    fileprivate var readable: (() -> Void)?
    fileprivate var writable: (() -> Void)?
    fileprivate weak var loop: EventLoop?
    fileprivate let id: UInt64

    fileprivate init(_ number: Int32, id: UInt64, loop: EventLoop) {
      self.number = number
      self.id = id
      self.loop = loop
    }

    /// Whether to call back when the descriptor can be written; set it only while something waits to be written.
    public func whenWritable(_ body: (() -> Void)?) {
      writable = body
      loop?.update(self)
    }

    /// Stops watching; to be called before the descriptor is closed. No callback comes after it.
    public func cancel() {
      readable = nil
      writable = nil
      loop?.remove(self)
      loop = nil
    }
  }

  private let epoll: Descriptor
  private var watches: [UInt64: Watch] = [:]
  private var nextID: UInt64 = 1
  private var timers = TimerHeap()
  private var events = [epoll_event](repeating: epoll_event(), count: 64)
  private var running = false
  /// The clock, read once in each turn and after each wait.
  public private(set) var now = MonotonicTime.now()

  /// Readable while a watched descriptor has something: for a loop of another library that this one runs inside, by
  /// ``turn(atMost:)`` with zero.
  public var number: Int32 { epoll.number }

  /// When the next timer is due.
  public var nextDue: MonotonicTime? { timers.nextDue }
  /// Timers that are kept, also those that were cancelled a short while ago.
  var timerCount: Int { timers.count }

  public init() throws(SystemError) {
    let number = fb_epoll_create()
    guard number >= 0 else { throw SystemError.last("epoll_create1") }
    epoll = Descriptor(adopting: number)
  }

  /// Calls `readable` whenever the descriptor has something to read, or has ended or failed (which a read then shows).
  /// The descriptor stays the caller's and must not be closed before ``Watch/cancel()``.
  @discardableResult
  public func watch(_ number: Int32, readable: (() -> Void)?) throws(SystemError) -> Watch {
    let watch = Watch(number, id: nextID, loop: self)
    nextID += 1
    watch.readable = readable
    var event = interest(watch)
    guard epoll_ctl(epoll.number, EPOLL_CTL_ADD, number, &event) == 0 else { throw SystemError.last("epoll_ctl") }
    watches[watch.id] = watch
    return watch
  }

  private func interest(_ watch: Watch) -> epoll_event {
    var event = epoll_event()
    if watch.readable != nil { event.events |= FB_EPOLL_IN }
    if watch.writable != nil { event.events |= FB_EPOLL_OUT }
    event.data.u64 = watch.id
    return event
  }

  private func update(_ watch: Watch) {
    var event = interest(watch)
    _ = epoll_ctl(epoll.number, EPOLL_CTL_MOD, watch.number, &event)
  }

  private func remove(_ watch: Watch) {
    guard watches.removeValue(forKey: watch.id) != nil else { return }
    _ = epoll_ctl(epoll.number, EPOLL_CTL_DEL, watch.number, nil)
  }

  /// Calls `body` once, at or soon after a time.
  @discardableResult
  public func at(_ time: MonotonicTime, _ body: @escaping () -> Void) -> LoopTimer {
    let timer = LoopTimer(body)
    timers.insert(timer, at: time)
    return timer
  }

  /// Calls `body` once after an interval from now.
  @discardableResult
  public func after(_ interval: Interval, _ body: @escaping () -> Void) -> LoopTimer {
    at(MonotonicTime.now() + interval, body)
  }

  /// Calls `body` again and again, first after one interval. Turns that were missed are not made up for.
  public func every(_ interval: Interval, _ body: @escaping () -> Void) -> LoopTimer {
    let timer = LoopTimer(body)
    timer.period = max(interval, .milliseconds(1))
    timers.insert(timer, at: MonotonicTime.now() + interval)
    return timer
  }

  /// Runs until ``stop()``.
  public func run() {
    running = true
    while running { turn(atMost: nil) }
  }

  /// Makes ``run()`` return after the present turn.
  public func stop() { running = false }

  /// One turn: waits for the next event or timer, at most so long (nil: for ever), and handles what is due.
  public func turn(atMost wait: Interval?) {
    now = MonotonicTime.now()
    var microseconds: Int64 = wait?.microseconds ?? -1
    if let due = timers.nextDue {
      let left = max(0, (due - now).microseconds)
      microseconds = microseconds < 0 ? left : min(microseconds, left)
    }
    let count = fb_epoll_wait(epoll.number, &events, Int32(events.count), microseconds)
    now = MonotonicTime.now()
    for index in 0..<max(0, Int(count)) {
      let event = events[index]
      // Looked up each time: an earlier callback of this turn may have cancelled it.
      guard let watch = watches[event.data.u64] else { continue }
      if event.events & FB_EPOLL_OUT != 0 { watch.writable?() }
      if event.events & (FB_EPOLL_IN | FB_EPOLL_ENDED) != 0 {
        if let readable = watch.readable { readable() } else { watch.writable?() }
      }
    }
    // Timers that a timer sets for now wait for the next turn, so descriptors always get theirs.
    let turnTime = now
    var budget = timers.count
    while budget > 0, let timer = timers.popDue(turnTime) {
      budget -= 1
      guard let body = timer.body else { continue }
      if let period = timer.period {
        timers.insert(timer, at: turnTime + period)
      } else {
        timer.cancel()
      }
      body()
    }
  }
}
