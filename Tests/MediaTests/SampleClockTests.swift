import Glibc
import Linux
import TestSupport
import Testing

@testable import Media

@Suite struct SampleClockTests {
  /// Times of blocks of 20 ms of a card that is slow by a part, and tells them within so many microseconds.
  private func times(_ count: Int, slowness: Double, swing: Int64, from start: Int64 = 1_000_000_000) -> [MonotonicTime]
  {
    var random = SeededGenerator(seed: 5)
    return (0..<count).map { block in
      let told = swing > 0 ? Int64(random.next() % UInt64(2 * swing)) - swing : 0
      return MonotonicTime(microseconds: start + Int64(Double(block) * 20_000 * (1 + slowness)) + told)
    }
  }

  @Test("Swinging times are evened out, and the card's clock is learned", arguments: [0, 100e-6, -100e-6])
  func evens(_ slowness: Double) {
    var clock = SampleClock()
    var worst = 0.0
    for (block, time) in times(3_000, slowness: slowness, swing: 1_500).enumerated() {
      let (start, goesOn) = clock.take(time, count: 960)
      #expect(goesOn == (block > 0))
      guard block > 500 else { continue }
      worst = max(worst, abs(start - 1_000_000_000 * 0.048 - Double(block) * 960 * (1 + slowness)))
    }
    // Samples: a fifth of a millisecond.
    #expect(worst < 12, "\(worst)")
    #expect(abs(clock.slowness - slowness) < 5e-6, "\(clock.slowness)")
    #expect(clock.uncertainty < 5e-6)
    #expect(clock.isSettled)
  }

  @Test("A break begins anew, with the same card") func breaks() {
    var clock = SampleClock()
    for time in times(1_500, slowness: 100e-6, swing: 500) { _ = clock.take(time, count: 960) }
    let later = MonotonicTime(microseconds: 1_100_000_000)
    let (start, goesOn) = clock.take(later, count: 960)
    #expect(!goesOn && start == SampleClock.samples(later))
    #expect(!clock.isSettled)
    #expect(abs(clock.slowness - 100e-6) < 10e-6)
  }
}

@Suite struct PlayedSoundTests {
  /// Plays a ramp that tells its position, and reads it as the microphone's blocks come; gives by how many samples each frame is
  /// ahead of the time, and the jumps.
  private func lead(
    seconds: Int, speakerSlowness: Double = 0, shift: (block: Int, microseconds: Int64) = (.max, 0)
  ) -> (ahead: [Double], jumps: Int) {
    var played = PlayedSound()
    var microphone = SampleClock()
    var ahead: [Double] = []
    var written = 0
    var samples = [Int16](repeating: 0, count: 960)
    var frame = [Int16](repeating: 0, count: 480)
    for block in 0..<seconds * 50 {
      let now = 1_000_000_000 + Int64(block) * 20_000
      while Double(written) * 20_000 * (1 + speakerSlowness) <= Double(block) * 20_000 + 45_000 {
        // Never quite silent, and 1 higher with each sample.
        for index in samples.indices { samples[index] = Int16((written * 960 + index) % 30_000 + 1) }
        let heard = MonotonicTime(
          microseconds: 1_000_000_000 + Int64(Double(written) * 20_000 * (1 + speakerSlowness)))
        samples.withUnsafeBufferPointer { played.write($0, heard: heard) }
        written += 1
      }
      let told = MonotonicTime(microseconds: now + (block >= shift.block ? shift.microseconds : 0))
      let (start, _) = microphone.take(told, count: 960)
      for half in [0, 480] {
        frame.withUnsafeMutableBufferPointer { played.read(at: start + Double(half), microphone, into: $0) }
        // Where the ramp begins anew between two samples is no number.
        guard frame[0] > 10, frame[0] < 29_990, abs(Int(frame[1]) - Int(frame[0])) < 3 else { continue }
        let due = Double(block * 960 + half) / (1 + speakerSlowness)
        var distance = (Double(frame[0]) - 1 - due).truncatingRemainder(dividingBy: 30_000)
        if distance < -15_000 { distance += 30_000 }
        ahead.append(distance)
      }
    }
    return (ahead, played.jumps)
  }

  @Test("What is played is read at the microphone's time, a little ahead") func together() {
    let (ahead, jumps) = lead(seconds: 20)
    #expect(ahead.allSatisfy { abs($0 - 240) < 2 }, "\(ahead.min() ?? 0) … \(ahead.max() ?? 0)")
    #expect(jumps == 0)
  }

  @Test("Two cards apart stay together without a jump", arguments: [100e-6, -100e-6]) func apart(_ slowness: Double) {
    let (ahead, jumps) = lead(seconds: 120, speakerSlowness: slowness)
    #expect(ahead.allSatisfy { abs($0 - 240) < 24 }, "\(ahead.min() ?? 0) … \(ahead.max() ?? 0)")
    #expect(jumps == 0)
  }

  @Test("A microphone that lost sound is one jump") func jump() {
    let (ahead, jumps) = lead(seconds: 10, shift: (block: 200, microseconds: 40_000))
    #expect(jumps == 1)
    // It is read where the microphone is now: 40 ms further on.
    #expect(ahead.suffix(100).allSatisfy { abs($0 - 240 - 1_920) < 12 })
  }

  @Test("A pause of the speaker is silence") func pause() {
    var played = PlayedSound()
    let sound = [Int16](repeating: 1_000, count: 960)
    func time(_ milliseconds: Int64) -> MonotonicTime { MonotonicTime(microseconds: 1_000_000 + milliseconds * 1_000) }
    sound.withUnsafeBufferPointer { played.write($0, heard: time(0)) }
    sound.withUnsafeBufferPointer { played.write($0, heard: time(20)) }
    sound.withUnsafeBufferPointer { played.write($0, heard: time(300)) }
    func isSilent(_ milliseconds: Int64, within: Int) -> Bool {
      played.isSilent(at: SampleClock.samples(time(milliseconds)), within: within)
    }
    #expect(!isSilent(310, within: 0))
    #expect(isSilent(330, within: 400))
    #expect(!isSilent(330, within: 4_800))
  }
}
