import Linux

/// How old the last pictures, or blocks of sound, were when they left the box or reached its speaker.
struct Ages {
  private var ages: [Int32]
  private var next = 0
  private var count = 0

  init(capacity: Int = 1_024) { ages = Array(repeating: 0, count: max(1, capacity)) }

  mutating func add(_ age: Interval) {
    ages[next] = Int32(clamping: max(0, age.microseconds))
    next = (next + 1) % ages.count
    count = min(count + 1, ages.count)
  }

  /// The age in microseconds that a part (0 to 1) of them did not exceed; 0 without any.
  func microseconds(_ part: Double) -> Int {
    guard count > 0 else { return 0 }
    let sorted = ages[..<count].sorted()
    return Int(sorted[min(count - 1, max(0, Int(Double(count) * part)))])
  }
}
