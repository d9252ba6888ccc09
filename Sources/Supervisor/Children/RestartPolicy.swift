import Linux

/// When a child that ended is started again: at once the first time, then after longer and longer waits, so that a
/// child that cannot live does not take the machine with it. A run of ``steadyAfter`` forgives what was before.
public struct RestartPolicy: Sendable {
  public static let firstWait = Interval.milliseconds(250)
  public static let longestWait = Interval.seconds(4)
  public static let steadyAfter = Interval.seconds(10)
  /// So many ends in a row are a fault to be shown.
  public static let faultAfter = 5

  /// Ends in a row without a steady run between them.
  public private(set) var endsInARow = 0

  public init() {}

  public var isFault: Bool { endsInARow >= Self.faultAfter }

  /// A child ended after running for so long; how long to wait before the next start.
  public mutating func ended(afterRunning: Interval) -> Interval {
    if afterRunning >= Self.steadyAfter { endsInARow = 0 }
    endsInARow = min(endsInARow + 1, 1_000)
    guard endsInARow > 1 else { return .zero }
    let doublings = min(endsInARow - 2, 16)
    return min(Interval(microseconds: Self.firstWait.microseconds << Int64(doublings)), Self.longestWait)
  }

  /// A child has run for so long.
  public mutating func running(_ interval: Interval) {
    if interval >= Self.steadyAfter { endsInARow = 0 }
  }
}
