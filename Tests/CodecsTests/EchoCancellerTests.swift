import Codecs
import Glibc
import TestSupport
import Testing

@Suite struct EchoCancellerTests {
  /// Noise, which holds every frequency at once.
  private func noise(_ count: Int) -> [Int16] {
    var random = SeededGenerator(seed: 6)
    return (0..<count).map { _ in Int16(truncatingIfNeeded: Int(random.next() % 8_000) - 4_000) }
  }

  @Test(
    "An echo within the tail is learned and taken out, one beyond it is not", arguments: [(20, true), (150, false)])
  func cancels(_ milliseconds: Int, _ isWithin: Bool) throws {
    let canceller = try EchoCanceller(tailMilliseconds: 100)
    let played = noise(6 * 48_000)
    let delay = milliseconds * 48
    let heard = played.indices.map { $0 < delay ? 0 : played[$0 - delay] / 2 }
    var output = [Int16](repeating: 0, count: 480)
    var (before, after) = (0.0, 0.0)
    for start in stride(from: 0, to: heard.count, by: 480) {
      let isDone = heard[start..<start + 480].withUnsafeBufferPointer { heard in
        played[start..<start + 480].withUnsafeBufferPointer { played in
          output.withUnsafeMutableBufferPointer { canceller.process(heard: heard, played: played, into: $0) }
        }
      }
      try #require(isDone)
      guard start >= 4 * 48_000 else { continue }
      for index in 0..<480 {
        before += Double(heard[start + index]) * Double(heard[start + index])
        after += Double(output[index]) * Double(output[index])
      }
    }
    let gain = 10 * log10(before / max(1, after))
    #expect(isWithin ? gain >= 20 : gain < 3, "\(gain) dB")
  }

  @Test func othersThanFramesAreRefused() throws {
    let canceller = try EchoCanceller()
    var output = [Int16](repeating: 7, count: 481)
    let sound = noise(481)
    for (near, far, room) in [(479, 480, 480), (480, 481, 480), (480, 480, 481), (0, 0, 0)] {
      let isDone = sound[..<near].withUnsafeBufferPointer { heard in
        sound[..<far].withUnsafeBufferPointer { played in
          output[..<room].withUnsafeMutableBufferPointer { canceller.process(heard: heard, played: played, into: $0) }
        }
      }
      #expect(!isDone)
    }
    #expect(output.allSatisfy { $0 == 7 })
  }

  @Test(arguments: [9, 1_001, -1, .max]) func otherTailsAreRefused(_ milliseconds: Int) {
    #expect(throws: CodecError.unsupported("an echo of \(milliseconds) ms, expected 10 to 1000")) {
      try EchoCanceller(tailMilliseconds: milliseconds)
    }
  }
}
