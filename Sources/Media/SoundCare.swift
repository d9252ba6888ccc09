import Codecs
import Linux

/// What is done to the microphone's sound before anybody hears it.
public struct SoundCare: Sendable, Equatable {
  public enum Gain: Sendable, Equatable {
    /// Speech is brought to one level.
    case automatic
    case decibels(Double)
  }
  public var echoCancellation: Bool
  public var noiseSuppression: Bool
  public var gain: Gain

  /// By itself, nothing at all.
  public init(echoCancellation: Bool = false, noiseSuppression: Bool = false, gain: Gain = .decibels(0)) {
    self.echoCancellation = echoCancellation
    self.noiseSuppression = noiseSuppression
    self.gain = gain
  }

  /// Everything, for speech on a real card.
  public static let speech = SoundCare(echoCancellation: true, noiseSuppression: true, gain: .automatic)
}
