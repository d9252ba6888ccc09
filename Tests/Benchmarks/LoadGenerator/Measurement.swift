import Linux

/// Counts what is sent within a window of time, and what of it arrives where.
struct Measurement {
  /// Delays in steps of 10 µs up to one second.
  private static let step = 10, steps = 100_000

  /// A stream that a peer gets, by their numbers.
  private struct Pair: Hashable {
    var peer: Int
    var stream: Int
  }

  let id: Int
  let from: MonotonicTime
  let to: MonotonicTime
  private var sent: [Int: Int] = [:]
  private var received: [Pair: Int] = [:]
  private var delays = [Int](repeating: 0, count: steps + 1)
  private var longest = 0
  private var payloadBytes = 0

  init(id: Int, from: MonotonicTime, to: MonotonicTime) {
    self.id = id
    self.from = from
    self.to = to
  }

  private func contains(_ time: MonotonicTime) -> Bool { time >= from && time < to }

  private static func stream(_ stamp: Stamp) -> Int { Int(stamp.publisher) * 2 + (stamp.isVideo ? 1 : 0) }

  mutating func note(sent stamp: Stamp) {
    if contains(stamp.sent) { sent[Self.stream(stamp), default: 0] += 1 }
  }

  mutating func note(received stamp: Stamp, bytes: Int, by peer: Int, now: MonotonicTime) {
    guard contains(stamp.sent) else { return }
    received[Pair(peer: peer, stream: Self.stream(stamp)), default: 0] += 1
    let delay = max(0, Int((now - stamp.sent).microseconds))
    delays[min(Self.steps, delay / Self.step)] += 1
    longest = max(longest, delay)
    payloadBytes += bytes
  }

  var result: Measured {
    var result = Measured()
    result.sent = sent.values.reduce(0, +)
    result.received = received.values.reduce(0, +)
    result.streams = received.count
    for (pair, count) in received {
      let all = sent[pair.stream] ?? 0
      result.lost += max(0, all - count)
      result.leastShare = min(result.leastShare, Double(count) / Double(max(1, all)))
    }
    result.delayMedian = percentile(0.5)
    result.delayP99 = percentile(0.99)
    result.delayMost = longest
    result.payloadBytes = payloadBytes
    return result
  }

  private func percentile(_ part: Double) -> Int {
    let wanted = Int(Double(delays.reduce(0, +)) * part)
    var passed = 0
    for (index, count) in delays.enumerated() {
      passed += count
      if passed > wanted { return index * Self.step }
    }
    return 0
  }
}
