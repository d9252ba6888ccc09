import Links
import Linux

/// What is wrong at present, since when, and how much there has been.
struct FaultBook: Sendable {
  /// The oldest first.
  private(set) var present: [BoxStatus.Fault] = []
  private(set) var soFar = 0

  /// Takes what is wrong now, by its name and in words.
  /// - Parameter uptime: seconds.
  /// - Returns: what has begun and what is over, by its name.
  mutating func update(_ now: [String: String], uptime: Int) -> (begun: [BoxStatus.Fault], ended: [BoxStatus.Fault]) {
    let ended = present.filter { now[$0.what] == nil }
    present.removeAll { now[$0.what] == nil }
    for index in present.indices { present[index].detail = now[present[index].what] ?? present[index].detail }
    let known = Set(present.map(\.what))
    let begun = now.filter { !known.contains($0.key) }.sorted { $0.key < $1.key }
      .map { BoxStatus.Fault(what: $0.key, detail: $0.value, sinceUptimeSeconds: uptime) }
    present += begun
    soFar &+= begun.count
    return (begun, ended)
  }
}
