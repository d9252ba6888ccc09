import CSpeexDSP

/// Takes steady noise, and what an ``EchoCanceller`` has left of an echo, out of speech, and brings it to one level, by
/// speexdsp's preprocessor. 48 kHz, mono, ``EchoCanceller/frameSamples`` at once. What comes out is what went in one frame before.
public final class SpeechPreprocessor {
  public struct Configuration: Sendable, Equatable {
    public var noiseSuppression: Bool
    public var automaticGain: Bool

    public init(noiseSuppression: Bool = true, automaticGain: Bool = true) {
      self.noiseSuppression = noiseSuppression
      self.automaticGain = automaticGain
    }
  }

  /// How far noise may be lowered, in dB: more makes speech sound hollow.
  private static let noiseDecibels: Int32 = -18
  /// How far the rest of an echo may be lowered while nobody speaks here, and while somebody does.
  private static let echoDecibels: Int32 = -45
  private static let echoDecibelsInSpeech: Int32 = -15
  /// Speech is brought to a quarter of full scale, and never raised by more than this, or a silent room would roar.
  private static let level: Int32 = 8_000
  private static let mostGainDecibels: Int32 = 18
  /// In dB a second: up slowly, so pauses are not filled with noise; down at once.
  private static let raiseDecibels: Int32 = 6
  private static let lowerDecibels: Int32 = -60

  private let state: OpaquePointer
  /// Used by the state.
  private let echo: EchoCanceller?

  public init(_ configuration: Configuration = Configuration(), after echo: EchoCanceller? = nil) throws(CodecError) {
    guard
      let state = speex_preprocess_state_init(Int32(EchoCanceller.frameSamples), Int32(EchoCanceller.sampleRate))
    else { throw .library("speexdsp preprocessor: no memory") }
    self.state = state
    self.echo = echo
    // Without denoising the library leaves out the suppression of echo too; so it is always on, and lowers noise by nothing.
    set(SPEEX_PREPROCESS_SET_DENOISE, 1)
    set(SPEEX_PREPROCESS_SET_NOISE_SUPPRESS, configuration.noiseSuppression ? Self.noiseDecibels : 0)
    if let echo {
      speex_preprocess_ctl(state, SPEEX_PREPROCESS_SET_ECHO_STATE, UnsafeMutableRawPointer(echo.state))
      set(SPEEX_PREPROCESS_SET_ECHO_SUPPRESS, Self.echoDecibels)
      set(SPEEX_PREPROCESS_SET_ECHO_SUPPRESS_ACTIVE, Self.echoDecibelsInSpeech)
    }
    guard configuration.automaticGain else { return }
    set(SPEEX_PREPROCESS_SET_AGC, 1)
    set(SPEEX_PREPROCESS_SET_AGC_TARGET, Self.level)
    set(SPEEX_PREPROCESS_SET_AGC_MAX_GAIN, Self.mostGainDecibels)
    set(SPEEX_PREPROCESS_SET_AGC_INCREMENT, Self.raiseDecibels)
    set(SPEEX_PREPROCESS_SET_AGC_DECREMENT, Self.lowerDecibels)
  }

  deinit { speex_preprocess_state_destroy(state) }

  /// Changes a frame in place. One of another length is refused with false.
  @discardableResult
  public func process(_ frame: UnsafeMutableBufferPointer<Int16>) -> Bool {
    guard frame.count == EchoCanceller.frameSamples, let samples = frame.baseAddress else { return false }
    speex_preprocess_run(state, samples)
    return true
  }

  private func set(_ request: Int32, _ value: Int32) {
    var value = value
    speex_preprocess_ctl(state, request, &value)
  }
}
