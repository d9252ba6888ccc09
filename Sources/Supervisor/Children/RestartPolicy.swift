import Linux

/// When a child that ended is started again: at once the first time, then after longer and longer waits, so that a
/// child that cannot live does not take the machine with it. A run of ``steadyAfter`` forgives what was before.
public struct RestartPolicy: Sendable {
  public static let firstWait = Interval.milliseconds(250)
  public static let longestWait = Interval.seconds(4)
  public static let steadyAfter = Interval.seconds(10)
  /// So many ends in a row are a fault to be shown.
  public static let faultAfter = 5

  /// How long to wait after an end that another start does not heal by itself.
  public let retryAfter: Interval
  /// It ended saying that another start will not help, and has not run since.
  public private(set) var isHopeless = false
  /// Ends in a row without a steady run between them.
  public private(set) var endsInARow = 0

  public init(retryAfter: Interval = .seconds(30)) { self.retryAfter = retryAfter }

  public var isFault: Bool { isHopeless || endsInARow >= Self.faultAfter }

  /// A child ended after running for so long; how long to wait before the next start. One that ended as hopeless needs
  /// somebody to do something first: shown at once, and tried again now and then.
  public mutating func ended(afterRunning: Interval, isHopeless: Bool = false) -> Interval {
    self.isHopeless = isHopeless
    if afterRunning >= Self.steadyAfter { endsInARow = 0 }
    endsInARow = min(endsInARow + 1, 1_000)
    if isHopeless { return retryAfter }
    guard endsInARow > 1 else { return .zero }
    let doublings = min(endsInARow - 2, 16)
    return min(Interval(microseconds: Self.firstWait.microseconds << Int64(doublings)), Self.longestWait)
  }

  /// A child serves: it was not hopeless after all.
  public mutating func ready() { isHopeless = false }

  /// A child has run for so long.
  public mutating func running(_ interval: Interval) {
    if interval >= Self.steadyAfter { endsInARow = 0 }
  }
}
