import Codecs
import Glibc
import Linux
import TestSupport
import Testing
import WebRTC

@testable import Media

@Suite struct SpeakerSourceTests {
  /// One second of a voice-like sound as packets of 20 ms, each with error correction for the one before.
  private func packets() throws -> [[UInt8]] {
    let encoder = try OpusEncoder(
      OpusEncoder.Configuration(bitsPerSecond: 24_000, forwardErrorCorrection: true, expectedLossPercent: 30))
    let packet = PacketBuffer(length: OpusEncoder.largestPacketBytes)
    return try (0..<50).map { number in
      let samples = (0..<960).map { index in
        let time = Double(number * 960 + index) / 48_000
        return Int16(6_000 * sin(2 * Double.pi * 200 * time) + 3_000 * sin(2 * Double.pi * 400 * time))
      }
      let length = try samples.withUnsafeBufferPointer { try encoder.encode($0, into: packet.view) }
      return packet.bytes(length)
    }
  }

  /// Plays packets that arrive 20 ms apart, or in bursts with as many times that between them, but for those left out; gives
  /// the blocks of 10 ms and the source.
  private func play(
    _ packets: [[UInt8]], without lost: Set<Int>, burst: Int = 1
  ) throws -> (blocks: [[Int16]], source: SpeakerSource) {
    let source = try SpeakerSource()
    var mixer = AudioMixer(count: 480)
    var blocks: [[Int16]] = []
    for tick in 0..<packets.count * 2 {
      let now = MonotonicTime(microseconds: Int64(tick) * 10_000)
      let arrived = tick % (2 * burst) == 0 ? tick / 2..<min(tick / 2 + burst, packets.count) : 0..<0
      for number in arrived where !lost.contains(number) {
        withPacket(packets[number]) {
          source.receive($0, sequence: UInt16(number), timestamp: UInt32(number * 960), level: nil, now: now)
        }
      }
      _ = source.play(into: &mixer, now: now)
      var block = [Int16](repeating: 0, count: 480)
      block.withUnsafeMutableBufferPointer { mixer.take(into: $0) }
      blocks.append(block)
    }
    return (blocks, source)
  }

  @Test("As the box encodes them, most packets of a voice carry the one before too") func carries() throws {
    let encoder = try OpusEncoder()
    let packet = PacketBuffer(length: OpusEncoder.largestPacketBytes)
    var (carrying, phase) = (0, 0.0)
    for number in 0..<100 {
      // A pitch that moves, with its overtones, four syllables a second.
      let samples = (0..<960).map { index in
        let time = Double(number * 960 + index) / 48_000
        phase += (120 + 30 * sin(6 * Double.pi * time)) / 48_000
        let voice = (1...20).reduce(0.0) { $0 + sin(2 * Double.pi * phase * Double($1)) / Double($1) }
        return Int16(3_000 * max(0, sin(8 * Double.pi * time)) * voice)
      }
      let length = try samples.withUnsafeBufferPointer { try encoder.encode($0, into: packet.view) }
      if withPacket(packet.bytes(length), { OpusPayload.hasForwardErrorCorrection($0) }) { carrying += 1 }
    }
    #expect(carrying > 40, "half of the time nobody speaks: \(carrying)")
  }

  @Test("Sound comes out soon after it came in, and stays") func plays() throws {
    let (blocks, source) = try play(try packets(), without: [])
    let first = try #require(blocks.firstIndex { $0.contains { abs(Int($0)) > 500 } })
    #expect(first <= 3, "after \(first * 10) ms")
    #expect(blocks[20...].allSatisfy { amplitude(of: 200, in: $0) > 3_000 })
    #expect(source.refused == 0)
    #expect(source.statistics.concealedPackets == 0)
  }

  @Test("A lost packet is made up of what the next one carries") func corrects() throws {
    let packets = try packets()
    let (mended, source) = try play(packets, without: [19], burst: 3)
    #expect(withPacket(packets[20]) { OpusPayload.hasForwardErrorCorrection($0) })
    #expect(source.statistics.recovered == 1, "\(source.statistics)")
    #expect(source.refused == 0)
    // Nowhere is there a hole, once the buffer knows the bursts.
    #expect(mended[30...].allSatisfy { amplitude(of: 200, in: $0) > 1_500 })
  }

  @Test(
    "A talker whose clock is off is followed by resampling: nothing is left out or made up", arguments: [200, -200])
  func follows(_ millionths: Double) throws {
    let (packets, source) = (try packets(), try SpeakerSource())
    var mixer = AudioMixer(count: 960)
    var block = [Int16](repeating: 0, count: 960)
    var sent = 0
    // In this time the clocks come 36 ms apart.
    for tick in 0..<9_000 {
      let now = MonotonicTime(microseconds: Int64(tick) * 20_000 + 5_000)
      while Double(sent) * 20_000 / (1 + millionths / 1e6) <= Double(now.microseconds) {
        let arrival = MonotonicTime(microseconds: Int64(Double(sent) * 20_000 / (1 + millionths / 1e6)))
        withPacket(packets[sent % 50]) {
          source.receive(
            $0, sequence: UInt16(truncatingIfNeeded: sent), timestamp: UInt32(sent * 960), level: nil, now: arrival)
        }
        sent += 1
      }
      _ = source.play(into: &mixer, now: now)
      block.withUnsafeMutableBufferPointer { mixer.take(into: $0) }
      if tick > 50, tick % 50 == 0 { #expect(amplitude(of: 200, in: block) > 3_000) }
    }
    #expect(source.statistics.dropped == 0 && source.statistics.insertedSamples == 0)
    #expect(source.statistics.concealedPackets == 0 && source.refused == 0)
    #expect(abs(Double(source.driftMillionths) - millionths) < 40, "\(source.driftMillionths)")
  }

  @Test("What is no Opus is refused, and silence is played") func refuses() throws {
    let source = try SpeakerSource()
    var mixer = AudioMixer(count: 480)
    let now = MonotonicTime(microseconds: 0)
    for bytes in [[], [3], [0xff, 0xff, 0, 0]] as [[UInt8]] {
      withPacket(bytes) { source.receive($0, sequence: 1, timestamp: 0, level: nil, now: now) }
      #expect(!source.play(into: &mixer, now: now))
    }
    #expect(source.refused >= 2)
  }
}
