/// Keeps whoever talks without end from filling the log: a burst, then a steady rate.
public struct LogLimit: Sendable {
  /// Lines.
  let burst: Int
  let perSecond: Int64
  private var left: Int
  private var filled: MonotonicTime?
  private var leftOut = 0

  public init(burst: Int = 200, perSecond: Int64 = 20) {
    self.burst = burst
    self.perSecond = max(1, perSecond)
    left = burst
  }

  /// Whether a line may be written: how many before it were left out, or nil to leave this one out too.
  public mutating func take(at now: MonotonicTime) -> Int? {
    let step = 1_000_000 / perSecond
    let since = filled ?? now
    let lines = max(0, (now - since).microseconds / step)
    left = min(burst, left + Int(clamping: min(lines, Int64(burst))))
    // What is over counts for the next, but a full bucket saves nothing.
    filled = left == burst ? now : since + Interval(microseconds: lines * step)
    guard left > 0 else {
      leftOut += 1
      return nil
    }
    left -= 1
    defer { leftOut = 0 }
    return leftOut
  }

  /// What stands in the place of lines that were left out.
  public static func notice(_ leftOut: Int, of process: String) -> LogEntry {
    LogEntry(.warning, process, "\(leftOut) lines left out here: too many at once", ["LEFT_OUT": "\(leftOut)"])
  }
}
