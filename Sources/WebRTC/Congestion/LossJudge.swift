/// What a share of lost packets says about the rate (draft-ietf-rmcat-gcc-02 section 6): much of it that the way takes less. But a bad air
/// loses whatever is sent: what stays lost after the rate was cut does not count, or the rate would be cut for ever.
struct LossJudge {
  enum Judgement: Equatable {
    case isLittle, isBearable, isTooMuch
    /// Fewer packets were no help; before the cuts the rate was this.
    case isOfTheAir(before: Double)
  }

  private static let little = 0.02, much = 0.1
  /// So much smaller the rate must have become until that is asked.
  private static let enough = 0.6
  private static let most = 0.5
  /// How fast a loss of the air is forgotten that does not show any more.
  private static let forgets = 0.05

  /// What the air loses, as far as is known.
  private var ofTheAir = 0.0
  /// When the cuts began: what was lost, and the rate.
  private var cut: (fraction: Double, rate: Double)?
  private var smoothed = 0.0

  /// - Parameters:
  ///   - fraction: of the packets of the last while, 0 to 1.
  ///   - rate: of now.
  ///   - queueGrows: a queue on the way has grown of late, which explains losses.
  mutating func judge(_ fraction: Double, at rate: Double, queueGrows: Bool) -> Judgement {
    smoothed += 0.3 * (fraction - smoothed)
    ofTheAir = min(ofTheAir, ofTheAir + Self.forgets * (smoothed - ofTheAir))
    let excess = fraction - ofTheAir
    guard excess > Self.much else {
      if excess < Self.little, smoothed - ofTheAir < Self.little {
        cut = nil
        return .isLittle
      }
      return .isBearable
    }
    guard let begun = cut else {
      cut = (fraction, rate)
      return .isTooMuch
    }
    // Of a way that is too narrow no more than what goes beyond its width would still be lost.
    let expected = max(0, 1 - (1 - begun.fraction) * begun.rate / max(1, rate))
    if !queueGrows, rate < Self.enough * begun.rate, smoothed > (begun.fraction + expected) / 2 {
      ofTheAir = min(Self.most, max(ofTheAir, smoothed))
      cut = nil
      return .isOfTheAir(before: begun.rate)
    }
    return .isTooMuch
  }
}
