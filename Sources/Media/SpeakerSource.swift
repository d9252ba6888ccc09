import Codecs
import Links
import Linux
import WebRTC

/// The sound of one peer on its way to the speaker: evened out, decoded, and cut into the speaker's blocks.
final class SpeakerSource {
  /// Packets are taken when a block of 20 ms is filled, the last of its sound is due 20 ms later: whatever the phase of the two
  /// is, and however it moves while clocks drift, the delay stays the same.
  private let buffer = AudioJitterBuffer(minimumTarget: .milliseconds(4), readAhead: Speaker.blockInterval)
  private let decoder: OpusDecoder
  private let resampler: Resampler
  private var follower = DriftFollower()
  /// A packet's sound, before it is resampled.
  private var decoded = [Int16](repeating: 0, count: OpusDecoder.largestPacketSamples)
  /// Ready and not played yet: from `start` to `end`.
  private var samples = [Int16](repeating: 0, count: 3 * OpusDecoder.largestPacketSamples)
  private var start = 0
  private var end = 0
  /// Whether what is ready is more than silence.
  private var isSound = false
  /// Packets that are no Opus, and what a codec would not do.
  private(set) var refused = 0
  /// Of the last block's first sample when the block was made, from when its packet came, had that taken the fastest way here; nil
  /// where something was made up.
  private(set) var age: Interval?

  /// Quieter than this, a packet may be left out unheard.
  private static let quietLevel: UInt8 = 50

  init() throws(CodecError) {
    decoder = try OpusDecoder()
    resampler = try Resampler(from: PCMHead.sampleRate, to: PCMHead.sampleRate, quality: 2)
  }

  /// How late packets may come now and still be heard in time.
  var jitter: Interval { buffer.target - buffer.readAhead }
  var statistics: JitterBufferStatistics { buffer.statistics }
  /// How much faster than it comes the sound is played, in millionths.
  var driftMillionths: Int { Int(follower.correction) }

  func receive(_ payload: PacketView, sequence: UInt16, timestamp: UInt32, level: UInt8?, now: MonotonicTime) {
    guard let samples = OpusPayload.samples(payload) else {
      refused &+= 1
      return
    }
    buffer.insert(
      sequence: sequence, timestamp: timestamp, payload: payload, samples: samples,
      isQuiet: level.map { $0 >= Self.quietLevel } ?? (payload.count < 8),
      hasForwardErrorCorrection: OpusPayload.hasForwardErrorCorrection(payload), now: now)
  }

  /// Adds the next block to the mixer. False if there is nothing but silence.
  func play(into mixer: inout AudioMixer, now: MonotonicTime) -> Bool {
    var isHeard = isSound && end > start
    var isWhole = true
    while end - start < mixer.count {
      if start > 0 {
        for position in start..<end { samples[position - start] = samples[position] }
        end -= start
        start = 0
      }
      // What is decoded second will be heard later by as much as is there already.
      let decoded = decode(now + Self.length(end - start))
      isSound = decoded != .silence
      isHeard = isHeard || isSound
      isWhole = isWhole && decoded == .packet
    }
    age = isWhole ? buffer.delay(now: now + Self.length(end - start)) : nil
    if let age { follow(age) }
    let (first, count) = (start, mixer.count)
    samples.withUnsafeBufferPointer { mixer.add(UnsafeBufferPointer(rebasing: $0[first..<first + count])) }
    start += count
    return isHeard
  }

  private static func length(_ samples: Int) -> Interval { .microseconds(Int64(samples) * 1_000_000 / 48_000) }

  /// Keeps the delay where it should be. Gaps say nothing about it.
  private func follow(_ delay: Interval) {
    if let correction = follower.note(excess: delay - buffer.target) {
      do { try resampler.setCorrection(millionths: correction) } catch { refused &+= 1 }
    }
  }

  private enum Decoded { case packet, filler, silence }

  /// Puts the next output of the buffer behind what is there.
  private func decode(_ now: MonotonicTime) -> Decoded {
    let output = buffer.pull(now: now)
    // A packet may say less about its length than it decodes to; the decoder never writes beyond what it is given.
    let count = max(1, min(output.samples, decoded.count))
    var result = Decoded.packet
    let written: Int? = decoded.withUnsafeMutableBufferPointer { decoded in
      let target = UnsafeMutableBufferPointer(rebasing: decoded[..<max(120, count)])
      switch output {
      case .packet(let payload, _): return try? decoder.decode(payload, into: target)
      case .recovered(let payload, _): return try? decoder.correct(from: payload, into: target)
      case .conceal:
        result = .filler
        return try? decoder.conceal(into: target)
      case .silence:
        result = .silence
        decoded[..<count].update(repeating: 0)
        return count
      }
    }
    if let written, written > 0 {
      append(written)
      return result
    }
    refused &+= 1
    decoded.withUnsafeMutableBufferPointer { $0[..<count].update(repeating: 0) }
    append(count)
    return .silence
  }

  /// Puts decoded samples, resampled, behind what is ready.
  private func append(_ count: Int) {
    let (first, room) = (end, samples.count - end)
    let produced = decoded.withUnsafeBufferPointer { decoded in
      samples.withUnsafeMutableBufferPointer { samples in
        try? resampler.process(
          UnsafeBufferPointer(rebasing: decoded[..<count]),
          into: UnsafeMutableBufferPointer(rebasing: samples[first..<first + room])
        ).produced
      }
    }
    if let produced {
      end += produced
    } else {
      // Never so far: silence rather than a loop without end.
      for position in first..<first + min(count, room) { samples[position] = 0 }
      end += min(count, room)
    }
  }
}
