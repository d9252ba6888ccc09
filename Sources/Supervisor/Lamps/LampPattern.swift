import Linux

/// The lights that a lamp can show. Raw values are the words of `fieldbox status`.
public enum Light: String, Sendable, CaseIterable { case off, blue, red, amber, green }

/// What one lamp does over time: lights of given lengths, again and again.
public struct LampPattern: Sendable, Equatable {
  public struct Step: Sendable, Equatable {
    public var light: Light
    public var length: Interval
  }
  /// A single step is steady.
  public let steps: [Step]
  public let period: Interval

  init(_ steps: [Step]) {
    self.steps = steps
    period = steps.reduce(.zero) { $0 + $1.length }
  }

  public static func steady(_ light: Light) -> LampPattern { LampPattern([Step(light: light, length: .seconds(1))]) }
  public static let off = steady(.off)

  /// Two lights in turn, so often a second; each has half of the time.
  public static func alternating(_ first: Light, _ second: Light, milliherz: Int64) -> LampPattern {
    let half = Interval(microseconds: 500_000_000 / max(1, milliherz))
    return LampPattern([Step(light: first, length: half), Step(light: second, length: half)])
  }
  public static func blinking(_ light: Light, milliherz: Int64) -> LampPattern {
    alternating(light, .off, milliherz: milliherz)
  }
  /// A short blip every three seconds.
  public static func blip(_ light: Light) -> LampPattern {
    LampPattern([
      Step(light: light, length: .milliseconds(150)), Step(light: .off, length: .milliseconds(2_850)),
    ])
  }

  /// The light after so long a time in this pattern.
  public func light(at elapsed: Interval) -> Light { position(elapsed).light }

  /// How long that light stays; nil if for ever.
  public func remaining(at elapsed: Interval) -> Interval? { steps.count > 1 ? position(elapsed).remaining : nil }

  private func position(_ elapsed: Interval) -> (light: Light, remaining: Interval) {
    guard period > .zero else { return (.off, .seconds(1)) }
    var rest = max(0, elapsed.microseconds) % period.microseconds
    for step in steps {
      if rest < step.length.microseconds {
        return (step.light, Interval(microseconds: step.length.microseconds - rest))
      }
      rest -= step.length.microseconds
    }
    return (steps.last?.light ?? .off, .seconds(1))
  }
}
