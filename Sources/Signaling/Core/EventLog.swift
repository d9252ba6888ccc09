import Linux

/// The last events of one device, for a stream that resumes.
struct EventLog: Sendable {
  static let capacity = 256
  static let age = Interval.seconds(60)

  private struct Entry: Sendable {
    var number: UInt64
    var time: MonotonicTime
    var event: Event
  }
  private var entries: [Entry] = []
  private(set) var last: UInt64

  /// - Parameter last: the number of the last event before this log.
  init(last: UInt64 = 0) { self.last = last }

  /// Keeps an event and gives its number, counted from 1.
  mutating func append(_ event: Event, now: MonotonicTime) -> UInt64 {
    let old = entries.prefix { now - $0.time > Self.age }.count
    entries.removeFirst(max(old, entries.count + 1 - Self.capacity))
    last &+= 1
    entries.append(Entry(number: last, time: now, event: event))
    return last
  }

  /// What came after an event; nil if that is no longer complete, or if the number never was.
  func after(_ number: UInt64, now: MonotonicTime) -> [(number: UInt64, event: Event)]? {
    guard number > 0, number <= last else { return nil }
    let missed = entries.filter { $0.number > number }
    guard UInt64(missed.count) == last - number, missed.allSatisfy({ now - $0.time <= Self.age }) else { return nil }
    return missed.map { ($0.number, $0.event) }
  }

  /// Nothing before the next event can be resumed.
  mutating func forget() { entries.removeAll() }
}
