import Linux

/// What is done about a child that ends too often: first both children begin anew, with nothing taken over. If that does not help,
/// the supervisor ends, where systemd is there to start it anew, and to reboot if that does not help either.
struct Escalation: Sendable {
  enum Step: Sendable, Equatable { case bothAnew, leave }
  /// After so long a former step has helped.
  static let calm = Interval.seconds(600)

  /// Whether systemd starts a supervisor that ends.
  let isService: Bool
  private var lastStep: MonotonicTime?

  init(isService: Bool) { self.isService = isService }

  mutating func next(at now: MonotonicTime) -> Step {
    let isFirst = lastStep.map { now - $0 > Self.calm } ?? true
    lastStep = now
    return isFirst || !isService ? .bothAnew : .leave
  }
}
