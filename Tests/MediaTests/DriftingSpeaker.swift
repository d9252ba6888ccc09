import Linux
import TestSupport
import WebRTC

@testable import Media

/// A talker and a speaker with a clock each and a network between them, for hours of virtual time: what ``SpeakerSource`` does, with
/// numbers of samples in place of sound.
final class DriftingSpeaker {
  struct Conditions {
    /// How fast the two clocks are against the box's: 1e-4 is 100 ppm fast.
    var talker = 0.0
    var speaker = 0.0
    /// Packets take at most so many milliseconds more than the fastest.
    var jitter = 3.0
    /// Whether the speaker follows the talker's clock.
    var follows = true
  }

  let buffer = AudioJitterBuffer(minimumTarget: .milliseconds(4), readAhead: Speaker.blockInterval)
  private let conditions: Conditions
  private var follower = DriftFollower()
  private var correction = 0.0
  private let payload = PacketBuffer(length: 8)
  private var random = SeededGenerator(seed: 7)
  /// Samples that are ready, after resampling, which makes parts of them.
  private var ready = 0.0
  private var packets = 0
  private var blocks = 0
  /// Of a block's last sample, in milliseconds, over each part of the time.
  private(set) var delays: [(least: Double, most: Double)] = []

  init(_ conditions: Conditions) { self.conditions = conditions }

  /// Goes on for so many seconds, and notes the delays in them.
  func run(seconds: Int) {
    delays.append((.infinity, -.infinity))
    let end = Double(delays.count * seconds) * 1e6
    while true {
      let sending = Double(packets) * 20_000 / (1 + conditions.talker)
      let playing = 3_000 + Double(blocks) * 20_000 / (1 + conditions.speaker)
      guard min(sending, playing) < end else { return }
      if sending <= playing { send(at: sending) } else { play(at: Self.time(playing)) }
    }
  }

  private static func time(_ microseconds: Double) -> MonotonicTime {
    MonotonicTime(microseconds: 1_000_000_000 + Int64(microseconds))
  }

  /// Packets keep their order: each is here before the next is sent.
  private func send(at microseconds: Double) {
    let jitter = Double(random.next() >> 11) / 9.007e15 * conditions.jitter * 1_000
    buffer.insert(
      sequence: UInt16(truncatingIfNeeded: packets), timestamp: UInt32(truncatingIfNeeded: packets &* 960),
      payload: payload.view, samples: 960, isQuiet: true, now: Self.time(microseconds + 1_000 + jitter))
    packets += 1
  }

  private func play(at now: MonotonicTime) {
    blocks += 1
    while ready < 960 {
      let samples = buffer.pull(now: now + length(ready)).samples
      ready += Double(samples) / (1 + correction / 1e6)
    }
    if let delay = buffer.delay(now: now + length(ready)) {
      let milliseconds = Double(delay.microseconds) / 1_000
      delays[delays.count - 1].least = min(delays[delays.count - 1].least, milliseconds)
      delays[delays.count - 1].most = max(delays[delays.count - 1].most, milliseconds)
      if conditions.follows, let change = follower.note(excess: delay - buffer.target) { correction = change }
    }
    ready -= 960
  }

  private func length(_ samples: Double) -> Interval { .microseconds(Int64(samples * 1_000 / 48)) }
}
