import CSpeexDSP

/// Changes the rate of mono sound, by speexdsp. Also takes ratios very close to one, to follow a clock that drifts.
public final class Resampler {
  private let state: OpaquePointer

  /// - Parameter quality: 0 (cheapest) to 10; 3 is meant for speech.
  public init(from inputRate: Int, to outputRate: Int, quality: Int = 3) throws(CodecError) {
    var result: Int32 = 0
    guard let input = Self.rate(inputRate), let output = Self.rate(outputRate), (0...10).contains(quality),
      let state = speex_resampler_init(1, input, output, Int32(quality), &result)
    else { throw .unsupported("resampling \(inputRate) Hz to \(outputRate) Hz at quality \(quality)") }
    self.state = state
    // Begin with sound instead of the filter's silence.
    speex_resampler_skip_zeros(state)
  }

  deinit { speex_resampler_destroy(state) }

  /// Changes the ratio in flight, without a click.
  public func setRates(from inputRate: Int, to outputRate: Int) throws(CodecError) {
    guard let input = Self.rate(inputRate), let output = Self.rate(outputRate),
      speex_resampler_set_rate(state, input, output) == 0
    else { throw .unsupported("resampling \(inputRate) Hz to \(outputRate) Hz") }
  }

  /// Takes so many millionths more samples than it writes, or fewer, at equal rates: to follow a clock that drifts. Less than 15 is
  /// rounded up to that: a ratio of one would leave out the part of a sample that is on its way, heard as a click.
  public func setCorrection(millionths: Double) throws(CodecError) {
    guard millionths.magnitude <= 10_000 else { throw .unsupported("a correction of \(millionths) millionths") }
    // speexdsp multiplies old and new denominators in 32 bits, and refuses what does not fit. So both stay within 16, and the
    // largest that makes a near ratio is taken.
    let most = Double(UInt16.max)
    let extra = max(1, (most * millionths.magnitude / 1e6).rounded(.down))
    let base = min(most, (extra * 1e6 / millionths.magnitude).rounded())
    let result = speex_resampler_set_rate_frac(
      state, UInt32(millionths < 0 ? base - extra : base + extra), UInt32(base), UInt32(48_000), UInt32(48_000))
    guard result == 0 else {
      throw .library("speexdsp resampler: \(String(cString: speex_resampler_strerror(result)))")
    }
  }

  /// Takes and writes as many samples as fit; call again with the rest of the input where it took less.
  public func process(
    _ input: UnsafeBufferPointer<Int16>, into output: UnsafeMutableBufferPointer<Int16>
  ) throws(CodecError) -> (consumed: Int, produced: Int) {
    guard let source = input.baseAddress, let target = output.baseAddress, var consumed = UInt32(exactly: input.count),
      var produced = UInt32(exactly: output.count)
    else { return (0, 0) }
    let result = speex_resampler_process_int(state, 0, source, &consumed, target, &produced)
    guard result == 0 else {
      throw .library("speexdsp resampler: \(String(cString: speex_resampler_strerror(result)))")
    }
    return (Int(consumed), Int(produced))
  }

  private static func rate(_ hertz: Int) -> UInt32? { (1_000...384_000).contains(hertz) ? UInt32(hertz) : nil }
}
