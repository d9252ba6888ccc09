/// Makes one line of the arrival times of a peer's reports: they come as 24 bits with a sign, and wrap every twelve days
/// (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1).
struct ArrivalClock {
  /// In microseconds.
  private static let period: Int64 = 0x100_0000 * 64_000
  /// A leap of more than an hour is no time that has passed.
  private static let leap: Int64 = 3_600_000_000

  private var last: (reported: Int64, time: Int64)?

  /// - Parameter reported: in microseconds on the receiver's clock.
  /// - Returns: the same on a line without wraps, which begins far above zero.
  mutating func time(_ reported: Int64) -> Int64 {
    guard let last else {
      self.last = (reported, Self.period)
      return Self.period
    }
    var passed = (reported &- last.reported) % Self.period
    if passed > Self.period / 2 { passed -= Self.period }
    if passed < -Self.period / 2 { passed += Self.period }
    let time = last.time &+ (abs(passed) > Self.leap ? 0 : passed)
    self.last = (reported, time)
    return time
  }
}
