import Codecs
import Glibc
import Linux
import TestSupport
import Testing

@testable import Media

@Suite struct MicrophoneCareTests {
  private static let block = 960

  /// What becomes of what is heard while something else is played; as long, and as late as the care makes it.
  private func process(
    _ heard: [Int16], while played: [Int16], _ care: SoundCare = SoundCare(echoCancellation: true)
  ) throws -> (sound: [Int16], jumps: Int) {
    let cleaner = try #require(try MicrophoneCare(care))
    var heard = heard
    var random = SeededGenerator(seed: 9)
    // Cards tell their times within a millisecond.
    func time(_ block: Int) -> MonotonicTime {
      MonotonicTime(microseconds: 1_000_000_000 + Int64(block) * 20_000 + Int64(random.next() % 2_000) - 1_000)
    }
    var given = 0
    for block in 0..<heard.count / Self.block {
      // A speaker is given its sound before it is heard.
      while given <= block + 1, (given + 1) * Self.block <= played.count {
        played[given * Self.block..<(given + 1) * Self.block].withUnsafeBufferPointer {
          cleaner.take(played: $0, heard: time(given))
        }
        given += 1
      }
      heard[block * Self.block..<(block + 1) * Self.block].withUnsafeMutableBufferPointer {
        cleaner.process($0, heard: time(block))
      }
    }
    return (heard, cleaner.jumps)
  }

  /// How alike two sounds are, 0 to 1, where the second is late by 10 ms.
  private func likeness(_ first: [Int16], _ second: [Int16], from: Int) -> Double {
    let pairs = zip(first[from...], second[(from + 480)...]).map { (Double($0), Double($1)) }
    let product = pairs.reduce(0) { $0 + $1.0 * $1.1 }
    return product / (pairs.reduce(0) { $0 + $1.0 * $1.0 } * pairs.reduce(0) { $0 + $1.1 * $1.1 }).squareRoot()
  }

  @Test("An echo is taken out, however late it is", arguments: [20, 60, 120]) func echo(_ milliseconds: Int) throws {
    var voice = Voice(seed: 1, pitch: 120, syllables: 4)
    let played = voice.next(seconds: 12)
    let heard = MediaTests.echo(of: played, milliseconds: milliseconds, loudness: 0.5)
    let (sound, jumps) = try process(heard, while: played)
    // Once it knows the room.
    let gain = 10 * log10(power(heard[(8 * 48_000)...]) / max(1e-3, power(sound[(8 * 48_000)...])))
    #expect(gain >= 20, "\(gain) dB")
    #expect(jumps == 0)
  }

  @Test("Who speaks here is heard while both speak") func bothSpeak() throws {
    var (far, near) = (Voice(seed: 1, pitch: 120, syllables: 4), Voice(seed: 2, pitch: 210, syllables: 3.1))
    let played = far.next(seconds: 14)
    let echo = MediaTests.echo(of: played, milliseconds: 60, loudness: 0.5)
    // First the far end alone, so that the room is known.
    let speech = [Int16](repeating: 0, count: 6 * 48_000) + near.next(seconds: 8)
    let (sound, _) = try process(zip(echo, speech).map { Int16(clamping: Int($0) + Int($1)) }, while: played)
    let likeness = likeness(speech, sound, from: 7 * 48_000)
    let kept = 10 * log10(power(sound[(7 * 48_000)...]) / power(speech[(7 * 48_000)...]))
    #expect(likeness > 0.88, "\(likeness)")
    #expect((-3...1).contains(kept), "\(kept) dB")
  }

  @Test("Where nothing is played, who speaks here is left as he is") func aloneHere() throws {
    var near = Voice(seed: 2, pitch: 210, syllables: 3.1)
    let speech = near.next(seconds: 4)
    let sound = try process(speech, while: []).sound
    let likeness = likeness(speech, sound, from: 48_000)
    #expect(likeness > 0.98, "\(likeness)")
  }

  @Test("Switched off, nothing is touched") func off() throws {
    #expect(try MicrophoneCare(SoundCare()) == nil)
    var near = Voice(seed: 2, pitch: 210, syllables: 3.1)
    let speech = near.next(seconds: 1)
    // Only louder: each sample is what it was, times two.
    let louder = try process(speech, while: speech, SoundCare(gain: .decibels(20 * log10(2)))).sound
    #expect(zip(speech, louder).allSatisfy { abs(2 * Int($0) - Int($1)) <= 1 + abs(Int($0)) / 500 })
    #expect(try MicrophoneCare(SoundCare(gain: .decibels(6)))?.delay == .zero)
    #expect(try MicrophoneCare(.speech)?.delay == .milliseconds(10))
  }
}
