/// A timer of an ``EventLoop``. It fires although nobody holds it; ``cancel()`` ends it.
public final class LoopTimer {
  var body: (() -> Void)?
  var period: Interval?

  init(_ body: @escaping () -> Void) { self.body = body }

  public func cancel() { body = nil }
  /// Whether it may still fire.
  public var isPending: Bool { body != nil }
}

/// Timers by due time; equal times fire in the order they were set.
struct TimerHeap {
  private struct Entry {
    var due: MonotonicTime
    var order: UInt64
    var timer: LoopTimer
    func isBefore(_ other: Entry) -> Bool { due == other.due ? order < other.order : due < other.due }
  }
  private var entries: [Entry] = []
  private var nextOrder: UInt64 = 0
  private static let leastSwept = 64
  private var sweepAt = Self.leastSwept

  var count: Int { entries.count }

  mutating func insert(_ timer: LoopTimer, at due: MonotonicTime) {
    if entries.count >= sweepAt { sweep() }
    entries.append(Entry(due: due, order: nextOrder, timer: timer))
    nextOrder &+= 1
    var child = entries.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard entries[child].isBefore(entries[parent]) else { break }
      entries.swapAt(child, parent)
      child = parent
    }
  }

  /// Lets go of what was cancelled, which would stay until it is due: for hours, and the more the more is set anew.
  private mutating func sweep() {
    entries.removeAll { !$0.timer.isPending }
    // What is in order is a heap.
    entries.sort { $0.isBefore($1) }
    sweepAt = max(Self.leastSwept, 2 * entries.count)
  }

  /// When the first timer that was not cancelled is due.
  var nextDue: MonotonicTime? {
    mutating get {
      while let first = entries.first, !first.timer.isPending { removeFirst() }
      return entries.first?.due
    }
  }

  /// Removes the first timer if it is due and was not cancelled.
  mutating func popDue(_ now: MonotonicTime) -> LoopTimer? {
    guard let due = nextDue, due <= now, let first = entries.first else { return nil }
    removeFirst()
    return first.timer
  }

  private mutating func removeFirst() {
    guard let last = entries.popLast(), !entries.isEmpty else { return }
    entries[0] = last
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < entries.count {
        if entries[child].isBefore(entries[least]) { least = child }
      }
      guard least != parent else { return }
      entries.swapAt(parent, least)
      parent = least
    }
  }
}
