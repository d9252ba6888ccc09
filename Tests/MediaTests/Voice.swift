import Glibc
import TestSupport

/// Sound with what matters of speech to an echo canceller: a voice whose pitch moves, hisses, syllables and pauses. The same every time.
struct Voice {
  private var random: SeededGenerator
  private let pitch: Double
  private let syllables: Double
  private var phase = 0.0
  private var time = 0.0
  private var hiss = 0.0

  init(seed: UInt64, pitch: Double, syllables: Double) {
    random = SeededGenerator(seed: seed)
    self.pitch = pitch
    self.syllables = syllables
  }

  /// What follows, at about -20 dB below full scale while it sounds.
  mutating func next(seconds: Double) -> [Int16] {
    (0..<Int(seconds * 48_000)).map { _ in next() }
  }

  private mutating func next() -> Int16 {
    time += 1 / 48_000
    let syllable = time * syllables
    // Four syllables, then a pause of one.
    guard Int(syllable) % 5 != 4 else { return 0 }
    let part = syllable - syllable.rounded(.down)
    let loudness = sin(Double.pi * part)
    let noise = Double(Int64(bitPattern: random.next()) >> 11) / 4_503_599_627_370_496
    // A hiss at the beginning of each other syllable, then the vowel.
    if Int(syllable) % 2 == 0, part < 0.3 {
      (hiss, phase) = (noise, 0)
      return Int16((noise - hiss * 0.5) * loudness * 5_000)
    }
    phase += 2 * Double.pi * pitch * (1 + 0.15 * sin(2 * Double.pi * 0.7 * time)) / 48_000
    // A cosine's sums of harmonics by one recursion: cos(n+1) = 2 cos(1) cos(n) - cos(n-1).
    let first = cos(phase)
    var (now, before, sum) = (first, 1.0, 0.0)
    for harmonic in 1...12 {
      sum += now / (1 + 0.6 * Double(harmonic))
      (now, before) = (2 * first * now - before, now)
    }
    return Int16(clamping: Int((sum + noise * 0.05) * loudness * 4_000))
  }
}

/// A speaker, a room and a microphone: what is heard of what is played, so many milliseconds later.
func echo(of played: [Int16], milliseconds: Int, loudness: Double) -> [Int16] {
  // The way through the air, and a few walls.
  let taps = [(0, 1.0), (211, -0.45), (487, 0.3), (1_013, -0.2), (2_207, 0.12), (3_989, 0.06)]
  let delay = milliseconds * 48
  return played.indices.map { index in
    var sum = 0.0
    for (late, part) in taps where index - delay - late >= 0 { sum += part * Double(played[index - delay - late]) }
    return Int16(clamping: Int((sum * loudness).rounded()))
  }
}

func power(_ samples: some Collection<Int16>) -> Double {
  samples.reduce(0) { $0 + Double($1) * Double($1) } / Double(max(1, samples.count))
}
