import Codecs
import Linux
import WebRTC

/// The sound of one peer on its way to the speaker: evened out, decoded, and cut into the speaker's blocks.
final class SpeakerSource {
  /// The blocks of 20 ms, in which it is emptied, hold packets back for 10 ms on average as it is.
  private let buffer = AudioJitterBuffer(minimumTarget: .milliseconds(4))
  private let decoder: OpusDecoder
  /// Decoded and not played yet: from `start` to `end`.
  private var samples = [Int16](repeating: 0, count: 2 * OpusDecoder.largestPacketSamples)
  private var start = 0
  private var end = 0
  /// Packets that are no Opus.
  private(set) var refused = 0

  /// Quieter than this, a packet may be left out unheard.
  private static let quietLevel: UInt8 = 50

  init() throws(CodecError) { decoder = try OpusDecoder() }

  var statistics: JitterBufferStatistics { buffer.statistics }

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
    var isSound = end > start
    while end - start < mixer.count {
      if start > 0 {
        for position in start..<end { samples[position - start] = samples[position] }
        end -= start
        start = 0
      }
      // What is decoded second will be heard later by as much as is there already.
      if decode(now + .microseconds(Int64(end - start) * 1_000_000 / 48_000)) { isSound = true }
    }
    let (first, count) = (start, mixer.count)
    samples.withUnsafeBufferPointer { mixer.add(UnsafeBufferPointer(rebasing: $0[first..<first + count])) }
    start += count
    return isSound
  }

  /// Puts the next output of the buffer behind what is there; always at least a block. False if it is silence.
  private func decode(_ now: MonotonicTime) -> Bool {
    let output = buffer.pull(now: now)
    let (first, room) = (end, samples.count - end)
    // A packet may say less about its length than it decodes to; the decoder never writes beyond what it is given.
    let count = max(120, min(output.samples, room))
    let decoded: Int? = samples.withUnsafeMutableBufferPointer { samples in
      let target = UnsafeMutableBufferPointer(rebasing: samples[first..<first + count])
      switch output {
      case .packet(let payload, _): return try? decoder.decode(payload, into: target)
      case .recovered(let payload, _): return try? decoder.correct(from: payload, into: target)
      case .conceal: return try? decoder.conceal(into: target)
      case .silence: return nil
      }
    }
    guard let decoded, decoded > 0 else {
      if case .silence = output {} else { refused &+= 1 }
      for position in first..<first + count { samples[position] = 0 }
      end += count
      return false
    }
    end += decoded
    return true
  }
}
