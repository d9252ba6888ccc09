import Codecs
import Glibc
import Linux

/// Takes echo and noise out of the microphone's sound and sets its level.
package final class MicrophoneCare {
  private static let frame = EchoCanceller.frameSamples
  /// An echo is over so long after its sound: the canceller rests then.
  private static let rest = EchoCanceller.tailMilliseconds * 48 * 2

  private let echo: EchoCanceller?
  private let preprocessor: SpeechPreprocessor?
  /// 1 << 12 leaves the sound as it is.
  private let gain: Int32
  private var played = PlayedSound()
  private var clock = SampleClock()
  private let reference: UnsafeMutableBufferPointer<Int16>
  private let output: UnsafeMutableBufferPointer<Int16>
  /// How much later than it went in, sound comes out.
  package let delay: Interval

  /// Nil if nothing is to be done.
  package init?(_ care: SoundCare) throws(CodecError) {
    guard care != SoundCare() else { return nil }
    let echo = care.echoCancellation ? try EchoCanceller() : nil
    self.echo = echo
    let isAutomatic = care.gain == .automatic
    preprocessor =
      echo != nil || care.noiseSuppression || isAutomatic
      ? try SpeechPreprocessor(
        .init(noiseSuppression: care.noiseSuppression, automaticGain: isAutomatic), after: echo) : nil
    gain =
      if case .decibels(let decibels) = care.gain, decibels.isFinite {
        Int32(pow(10, min(max(decibels, -60), 40) / 20) * 4_096)
      } else { 4_096 }
    delay = preprocessor == nil ? .zero : .milliseconds(10)
    reference = .allocate(capacity: Self.frame)
    reference.initialize(repeating: 0)
    output = .allocate(capacity: Self.frame)
    output.initialize(repeating: 0)
  }

  deinit {
    reference.deallocate()
    output.deallocate()
  }

  package var jumps: Int { played.jumps }

  /// Takes in what the speaker plays.
  package func take(played block: UnsafeBufferPointer<Int16>, heard: MonotonicTime) {
    if echo != nil { played.write(block, heard: heard) }
  }

  /// Changes whole frames of sound in place, whose first sample was heard at a time.
  package func process(_ samples: UnsafeMutableBufferPointer<Int16>, heard: MonotonicTime) {
    let (start, _) = clock.take(heard, count: samples.count)
    for first in stride(from: 0, through: samples.count - Self.frame, by: Self.frame) {
      let frame = UnsafeMutableBufferPointer(rebasing: samples[first..<first + Self.frame])
      if let echo { cancel(echo, frame, at: start + Double(first)) }
      preprocessor?.process(frame)
    }
    if gain != 4_096 {
      for index in samples.indices { samples[index] = Int16(clamping: (Int32(samples[index]) * gain) >> 12) }
    }
  }

  private func cancel(_ echo: EchoCanceller, _ frame: UnsafeMutableBufferPointer<Int16>, at time: Double) {
    if played.isSilent(at: time, within: Self.rest) { return played.pass(Self.frame, at: time, clock) }
    played.read(at: time, clock, into: reference)
    if echo.process(heard: UnsafeBufferPointer(frame), played: UnsafeBufferPointer(reference), into: output) {
      _ = frame.update(fromContentsOf: output)
    }
  }
}
