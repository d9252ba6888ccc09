import Glibc
import Links
import TestSupport
import Testing

@testable import Supervisor

@Suite struct ToneTests {
  static func render(_ sequence: ToneSequence, milliseconds: Int) -> [Int16] {
    var generator = ToneGenerator(sequence)
    var samples = [Int16](repeating: 0, count: milliseconds * 48)
    samples.withUnsafeMutableBufferPointer { all in
      for start in stride(from: 0, to: all.count, by: 480) {
        generator.mix(into: UnsafeMutableBufferPointer(rebasing: all[start..<min(start + 480, all.count)]))
      }
    }
    return samples
  }

  @Test(arguments: [
    ToneSequence.ready, .ring, .ringback, .autoAnswer, .ended, .busy, .nobodyAnswered, .endsSoon, .fault,
  ])
  func eachStepSoundsAtItsPitchForItsTime(sequence: ToneSequence) {
    let length = sequence.steps.reduce(0) { $0 + $1.milliseconds }
    let samples = Self.render(sequence, milliseconds: length)
    var start = 0
    for step in sequence.steps {
      let part = samples[start * 48..<(start + step.milliseconds) * 48]
      if step.hertz == 0 {
        #expect(part.allSatisfy { $0 == 0 })
      } else {
        #expect(amplitude(of: Double(step.hertz), in: part) > 5_000)
        #expect(amplitude(of: Double(step.hertz) * 1.5, in: part) < 1_600)
      }
      start += step.milliseconds
    }
  }

  @Test func repeatingSequencesRepeatAndOthersEnd() {
    let period = ToneSequence.ring.steps.reduce(0) { $0 + $1.milliseconds }
    let ring = Self.render(.ring, milliseconds: period * 2)
    #expect(ring[..<(period * 48)].elementsEqual(ring[(period * 48)...]))
    let ready = Self.render(.ready, milliseconds: 1_000)
    #expect(ready[(200 * 48)...].allSatisfy { $0 == 0 })
    #expect(ToneSequence.ring.repeats && ToneSequence.ringback.repeats)
  }

  /// A step from one sample to the next is at most what the pitch itself makes: nothing clicks.
  @Test func tonesFadeInAndOut() {
    let samples = Self.render(.autoAnswer, milliseconds: 700)
    for (a, b) in zip(samples, samples.dropFirst()) { #expect(abs(Int(a) - Int(b)) < 1_200) }
  }

  @Test func tonesAreAddedToSpeechWithoutOverflow() {
    var generator = ToneGenerator(.ringback)
    var block = [Int16](repeating: .max, count: 4_800)
    block.withUnsafeMutableBufferPointer { generator.mix(into: $0) }
    #expect(block.contains(.max))
    #expect(block.contains { $0 < .max })
    #expect(block.allSatisfy { $0 > 20_000 })
  }

  @Test(arguments: Cue.allCases) func everyCueHasASoundThatEnds(cue: Cue) {
    #expect(!LampTable.sound(cue).repeats)
    #expect(LampTable.sound(cue).steps.contains { $0.hertz > 0 })
  }
}
