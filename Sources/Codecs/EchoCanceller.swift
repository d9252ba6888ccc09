import CSpeexDSP

/// Takes out of a microphone's sound what the box's own speaker put into it, by speexdsp's adaptive filter. 48 kHz, mono.
///
/// The filter learns the way from speaker to microphone by itself and follows when somebody moves. It covers what is heard
/// within its tail after it was played, so the two sounds have to be brought together by their times first.
public final class EchoCanceller {
  /// What is taken at once: 10 ms.
  public static let frameSamples = 480
  public static let sampleRate = 48_000
  /// A room's echo, and what a sound card does not tell of its delay.
  public static let tailMilliseconds = 250

  /// For the preprocessor, which is told through it how much echo is left.
  let state: OpaquePointer

  public init(tailMilliseconds: Int = tailMilliseconds) throws(CodecError) {
    guard (10...1_000).contains(tailMilliseconds) else {
      throw .unsupported("an echo of \(tailMilliseconds) ms, expected 10 to 1000")
    }
    let tail = Int32(tailMilliseconds * Self.sampleRate / 1_000)
    guard let state = speex_echo_state_init(Int32(Self.frameSamples), tail) else {
      throw .library("speexdsp echo canceller: no memory")
    }
    self.state = state
    var rate = Int32(Self.sampleRate)
    speex_echo_ctl(state, SPEEX_ECHO_SET_SAMPLING_RATE, &rate)
  }

  deinit { speex_echo_state_destroy(state) }

  /// Writes to `output` what is left of `heard` without `played`. All hold ``frameSamples``; others are refused with false.
  @discardableResult
  public func process(
    heard: UnsafeBufferPointer<Int16>, played: UnsafeBufferPointer<Int16>,
    into output: UnsafeMutableBufferPointer<Int16>
  ) -> Bool {
    guard heard.count == Self.frameSamples, played.count == Self.frameSamples, output.count == Self.frameSamples,
      let near = heard.baseAddress, let far = played.baseAddress, let target = output.baseAddress
    else { return false }
    speex_echo_cancellation(state, near, far, target)
    return true
  }

  /// Forgets the room.
  public func reset() { speex_echo_state_reset(state) }
}
