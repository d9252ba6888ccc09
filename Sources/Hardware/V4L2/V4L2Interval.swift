import CV4L2
import Glibc

/// The time from one picture to the next as drivers tell it: a fraction of seconds.
struct V4L2Interval: Equatable, Sendable {
  var numerator: UInt32
  var denominator: UInt32

  /// Nil for what is no length of time.
  init?(_ numerator: UInt32, _ denominator: UInt32) {
    guard numerator > 0, denominator > 0 else { return nil }
    self.numerator = numerator
    self.denominator = denominator
  }

  init?(_ fraction: v4l2_fract) { self.init(fraction.numerator, fraction.denominator) }

  var rate: Double { Double(denominator) / Double(numerator) }
  /// Pictures a second, at least one.
  var framesPerSecond: Int { Int(min(max(rate.rounded(), 1), 1_000)) }

  /// How far this is from a rate that is asked for, in doublings. Too slow counts twice as much as too fast.
  func distance(from rate: Double) -> Double {
    let doublings = log2(self.rate / max(rate, 0.01))
    return doublings < 0 ? -doublings : doublings / 2
  }
}

/// The intervals that a driver offers for one format and size.
enum V4L2Rates: Equatable, Sendable {
  case discrete([V4L2Interval])
  /// Anything between the two.
  case range(shortest: V4L2Interval, longest: V4L2Interval)
  /// The driver does not tell.
  case unknown

  /// The one nearest to a rate; nil if the driver does not tell any.
  func nearest(to framesPerSecond: Int) -> V4L2Interval? {
    let rate = Double(max(1, framesPerSecond))
    switch self {
    case .discrete(let intervals):
      return intervals.min { $0.distance(from: rate) < $1.distance(from: rate) }
    case .range(let shortest, let longest):
      if rate > shortest.rate { return shortest }
      if rate < longest.rate { return longest }
      return V4L2Interval(1, UInt32(clamping: max(1, framesPerSecond)))
    case .unknown:
      return nil
    }
  }
}
