import Linux

/// When a child that ended is started again, and when it ends too often. A child that had said that it serves is started at once;
/// one that has not waits, longer each time it fails again. How long it ran means nothing: one that hangs before it serves runs long.
/// It never gives up.
public struct RestartPolicy: Sendable {
  /// The policy as data.
  public struct Rules: Sendable, Equatable {
    /// After the first start that came to nothing; doubled with each further one.
    public var firstWait = Interval.milliseconds(100)
    public var longestWait = Interval.seconds(5)
    /// After an end that another start does not heal by itself.
    public var retry = Interval.seconds(30)
    /// More ends than that within ``within`` are too many: a fault, and reason to do more than to start it again.
    public var mostEnds = 5
    public var within = Interval.seconds(60)
    public init() {}
  }

  public let rules: Rules
  /// It ended saying that another start will not help, and has not served since.
  public private(set) var isHopeless = false
  /// Starts in a row that came to nothing.
  public private(set) var failures = 0
  /// The latest ends, of which one more than allowed is kept.
  private var ends: [MonotonicTime] = []
  /// Ends since there were too many.
  private var excess = 0

  public init(_ rules: Rules = Rules()) { self.rules = rules }

  public var isTooOften: Bool { ends.count > rules.mostEnds }
  public var isFault: Bool { isHopeless || isTooOften }
  /// This end is the first of too many, or there were as many again since: something else has to be done.
  public var wantsEscalation: Bool { isTooOften && excess % (rules.mostEnds + 1) == 1 }

  /// A child ended; how long to wait before the next start.
  /// - Parameter served: it had said that it serves.
  public mutating func ended(served: Bool, isHopeless: Bool = false, at now: MonotonicTime) -> Interval {
    pass(to: now)
    self.isHopeless = isHopeless
    failures = served ? 0 : min(failures + 1, 1_000)
    // It waits long by itself, for somebody to do something.
    if isHopeless { return rules.retry }
    ends.append(now)
    if ends.count > rules.mostEnds + 1 { ends.removeFirst() }
    excess = isTooOften ? min(excess + 1, 1_000_000) : 0
    if isTooOften { return rules.longestWait }
    guard failures > 0 else { return .zero }
    let doublings = Int64(min(failures - 1, 16))
    return min(Interval(microseconds: rules.firstWait.microseconds << doublings), rules.longestWait)
  }

  /// A child serves: it was not hopeless after all.
  public mutating func ready() { isHopeless = false }

  /// Time passes, and old ends are forgotten.
  public mutating func pass(to now: MonotonicTime) {
    ends.removeAll { now - $0 > rules.within }
    if !isTooOften { excess = 0 }
  }
}
