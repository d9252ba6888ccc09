import Codecs
import TestSupport
import Testing

@Suite struct ResamplerTests {
  /// Feeds blocks of 10 ms and collects what comes out.
  private func resample(_ resampler: Resampler, _ samples: [Int16], block: Int) throws -> [Int16] {
    var output = [Int16](repeating: 0, count: 2_000)
    var sound: [Int16] = []
    for start in stride(from: 0, to: samples.count, by: block) {
      var taken = start
      while taken < min(start + block, samples.count) {
        let (consumed, produced) = try samples[taken..<min(start + block, samples.count)].withUnsafeBufferPointer {
          input in
          try output.withUnsafeMutableBufferPointer { try resampler.process(input, into: $0) }
        }
        try #require(consumed > 0)
        taken += consumed
        sound += output.prefix(produced)
      }
    }
    return sound
  }

  @Test(arguments: [(44_100, 48_000), (48_000, 16_000), (8_000, 48_000), (48_000, 48_000)])
  func frequencyAndLengthAreKept(_ from: Int, _ to: Int) throws {
    let source = tone(440, samples: from, rate: Double(from))
    let sound = try resample(try Resampler(from: from, to: to), source, block: from / 100)
    #expect(abs(sound.count - to) < to / 100)
    let middle = sound.dropFirst(to / 10).prefix(to / 2)
    #expect((7_600...8_400).contains(amplitude(of: 440, in: middle, rate: Double(to))))
  }

  @Test func ratioCanBeChangedInFlight() throws {
    let resampler = try Resampler(from: 48_000, to: 48_000)
    try resampler.setRates(from: 48_000, to: 48_480)
    let sound = try resample(resampler, tone(440, samples: 48_000), block: 480)
    #expect(abs(sound.count - 48_480) < 50)
  }

  @Test("A correction may change again and again, and is kept to a part of a millionth")
  func followsCorrections() throws {
    let resampler = try Resampler(from: 48_000, to: 48_000, quality: 2)
    let source = tone(440, samples: 96_000)
    var random = SeededGenerator(seed: 4)
    var wanted = 0.0
    var sound: [Int16] = []
    for round in 0..<100 {
      let magnitude = Double.random(in: 16...(round % 10 == 0 ? 10_000 : 1_000), using: &random)
      let correction = round % 2 == 0 ? magnitude : -magnitude
      try resampler.setCorrection(millionths: correction)
      let part = try resample(resampler, source, block: 960)
      wanted += 96_000 / (1 + correction / 1e6)
      sound += part
    }
    #expect(abs(Double(sound.count) - wanted) < 40, "\(sound.count) \(wanted)")
    // No click: hardly steeper than the tone itself, whose steepest is 460.
    let steepest = zip(sound, sound.dropFirst()).lazy.map { abs(Int($0) - Int($1)) }.max() ?? 0
    #expect(steepest <= 520, "\(steepest)")
  }

  @Test(arguments: [0, 3, -3, 14.9]) func smallCorrectionsAreRoundedUp(_ millionths: Double) throws {
    let resampler = try Resampler(from: 48_000, to: 48_000, quality: 2)
    try resampler.setCorrection(millionths: millionths)
    let count = try resample(resampler, tone(440, samples: 480_000), block: 960).count
    // Half a filter's length is still inside.
    #expect((millionths < 0 ? 480_006...480_008 : 479_992...479_994).contains(count + 16), "\(count)")
  }

  @Test(arguments: [10_001, -Double.infinity]) func refusesCorrections(_ millionths: Double) throws {
    let resampler = try Resampler(from: 48_000, to: 48_000)
    #expect(throws: CodecError.unsupported("a correction of \(millionths) millionths")) {
      try resampler.setCorrection(millionths: millionths)
    }
  }

  @Test(arguments: [(0, 48_000), (48_000, -1), (48_000, .max)]) func refusesRates(_ from: Int, _ to: Int) {
    #expect(throws: CodecError.unsupported("resampling \(from) Hz to \(to) Hz at quality 3")) {
      try Resampler(from: from, to: to)
    }
  }
}

@Suite struct AudioMixerTests {
  private func mix(_ blocks: [[Int16]], count: Int) -> [Int16] {
    var mixer = AudioMixer(count: count)
    for block in blocks { block.withUnsafeBufferPointer { mixer.add($0) } }
    var output = [Int16](repeating: 7, count: count)
    output.withUnsafeMutableBufferPointer { mixer.take(into: $0) }
    return output
  }

  @Test func sumsAndSaturates() {
    #expect(mix([[1, -2, 30_000, -30_000], [10, 20, 30_000, -30_000]], count: 4) == [11, 18, 32_767, -32_768])
  }

  @Test func orderDoesNotMatterBeyondTheRange() {
    let loud: [[Int16]] = [[30_000], [30_000], [-30_000]]
    #expect(mix(loud, count: 1) == [30_000])
    #expect(mix(loud.reversed(), count: 1) == [30_000])
  }

  @Test func beginsAnewAfterEachBlockAndTakesShortOnes() {
    var mixer = AudioMixer(count: 3)
    [Int16](arrayLiteral: 5, 5, 5, 5).withUnsafeBufferPointer { mixer.add($0) }
    var output = [Int16](repeating: 0, count: 3)
    output.withUnsafeMutableBufferPointer { mixer.take(into: $0) }
    #expect(output == [5, 5, 5])
    [Int16](arrayLiteral: 1).withUnsafeBufferPointer { mixer.add($0) }
    output.withUnsafeMutableBufferPointer { mixer.take(into: $0) }
    #expect(output == [1, 0, 0])
  }
}
