import Linux

/// Now, on both clocks, as the loop read them: timers run on one, people are told the other.
public struct Moment: Sendable, Equatable {
  public var monotonic: MonotonicTime
  public var wall: WallTime
  public init(monotonic: MonotonicTime, wall: WallTime) {
    self.monotonic = monotonic
    self.wall = wall
  }
}
