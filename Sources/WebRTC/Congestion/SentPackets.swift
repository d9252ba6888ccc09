import Linux

/// What was sent under each number of the transport, until the peer has told when it came.
struct SentPackets {
  /// More than can be under way between two reports.
  private static let kept = 2_048

  private struct Entry {
    var sequence: UInt16
    var isWaiting: Bool
    var time: MonotonicTime
    var bytes: Int
  }
  private var entries: [Entry]
  private(set) var next: UInt16 = 0

  init() {
    entries = Array(
      repeating: Entry(sequence: 0, isWaiting: false, time: MonotonicTime(microseconds: 0), bytes: 0), count: Self.kept)
  }

  /// A packet leaves under ``next``.
  mutating func sent(bytes: Int, now: MonotonicTime) {
    entries[Int(next) % Self.kept] = Entry(sequence: next, isWaiting: true, time: now, bytes: bytes)
    next &+= 1
  }

  /// What was sent under a number; nil if it is too long ago, was never sent, or has been told of.
  mutating func take(_ sequence: UInt16) -> (time: MonotonicTime, bytes: Int)? {
    let index = Int(sequence) % Self.kept
    guard entries[index].sequence == sequence, entries[index].isWaiting else { return nil }
    entries[index].isWaiting = false
    return (entries[index].time, entries[index].bytes)
  }
}
