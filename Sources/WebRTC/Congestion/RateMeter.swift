import Linux

/// Bits per second over the last while.
struct RateMeter {
  private let window: Interval
  private static let bins = 10
  private var counts = [Int](repeating: 0, count: bins)
  private var newest: Int64 = .min
  private var first: Int64?

  init(window: Interval) { self.window = window }

  private var bin: Int64 { max(1, window.microseconds / Int64(Self.bins)) }

  mutating func add(bytes: Int, now: MonotonicTime) {
    pass(to: now)
    if first == nil { first = now.microseconds }
    counts[Self.place(newest)] &+= bytes
  }

  /// Nil before anything has come for half the time.
  mutating func bitsPerSecond(_ now: MonotonicTime) -> Int? {
    pass(to: now)
    guard let first, now.microseconds - first >= window.microseconds / 2 else { return nil }
    let span = min(window.microseconds, now.microseconds - first)
    return Int(Int64(counts.reduce(0, &+)) &* 8_000_000 / max(1, span))
  }

  private mutating func pass(to now: MonotonicTime) {
    let number = max(0, now.microseconds / bin)
    guard number > newest else { return }
    let gone = newest == .min ? Int64(Self.bins) : min(number - newest, Int64(Self.bins))
    for offset in 0..<gone { counts[Self.place(number - offset)] = 0 }
    newest = number
  }

  /// Soon after the start of the clock the number may be below zero.
  private static func place(_ number: Int64) -> Int {
    let rest = Int(number % Int64(bins))
    return rest < 0 ? rest + bins : rest
  }
}
