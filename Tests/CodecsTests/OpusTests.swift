import COpus
import Codecs
import Linux
import TestSupport
import Testing

@Suite struct OpusTests {
  /// Decodes packets one after the other.
  private func decode(_ packets: [[UInt8]], _ decoder: OpusDecoder) throws -> [Int16] {
    var samples = [Int16](repeating: 0, count: OpusDecoder.largestPacketSamples)
    var sound: [Int16] = []
    for packet in packets {
      let count = try samples.withUnsafeMutableBufferPointer { samples in
        try withPacket(packet) { try decoder.decode($0, into: samples) }
      }
      #expect(withPacket(packet) { OpusDecoder.samples(in: $0) } == count)
      sound += samples.prefix(count)
    }
    return sound
  }

  @Test(arguments: OpusEncoder.frameSamples) func toneSurvives(_ block: Int) throws {
    let encoder = try OpusEncoder(.init(bitsPerSecond: 48_000))
    let packets = try opusPackets(encoder, tone(440, samples: 48_000), block: block)
    let sound = try decode(packets, try OpusDecoder()).dropFirst(4_800)
    let loudness = amplitude(of: 440, in: sound)
    #expect((6_000...10_000).contains(loudness))
    #expect(amplitude(of: 1_000, in: sound) < loudness / 20)
  }

  @Test func stereoBecomesMono() throws {
    var result: Int32 = 0
    let stereo = try #require(opus_encoder_create(48_000, 2, OPUS_APPLICATION_AUDIO, &result))
    defer { opus_encoder_destroy(stereo) }
    let (left, right) = (tone(440, samples: 19_200), tone(2_000, samples: 19_200))
    let decoder = try OpusDecoder()
    var sound: [Int16] = []
    for start in stride(from: 0, to: 19_200, by: 960) {
      let block = (start..<start + 960).flatMap { [left[$0], right[$0]] }
      var packet = [UInt8](repeating: 0, count: 1_275)
      let length = opus_encode(stereo, block, 960, &packet, 1_275)
      try #require(length > 0)
      sound += try decode([Array(packet.prefix(Int(length)))], decoder)
    }
    let later = sound.dropFirst(4_800)
    #expect(sound.count == 19_200)
    #expect(amplitude(of: 440, in: later) > 2_500)
    #expect(amplitude(of: 2_000, in: later) > 2_500)
  }

  @Test func lostPacketIsRestoredFromTheNextOrConcealed() throws {
    // The frequency changes within the packet that gets lost, so only its copy knows.
    let block = 960
    let lost = 20
    let sound = tone(400, samples: block * lost) + tone(900, samples: block) + tone(400, samples: block * 3)
    let encoder = try OpusEncoder(.init(bitsPerSecond: 32_000, expectedLossPercent: 30))
    let packets = try opusPackets(encoder, sound, block: block)
    var restored = [Int16](repeating: 0, count: block)
    var concealed = restored
    let decoder = try OpusDecoder()
    _ = try decode(Array(packets.prefix(lost)), decoder)
    let count = try restored.withUnsafeMutableBufferPointer { samples in
      try withPacket(packets[lost + 1]) { try decoder.correct(from: $0, into: samples) }
    }
    #expect(count == block)
    let other = try OpusDecoder()
    _ = try decode(Array(packets.prefix(lost)), other)
    #expect(try concealed.withUnsafeMutableBufferPointer { try other.conceal(into: $0) } == block)
    // Opus is 6.5 ms late, so the block begins with the end of the one before.
    restored.removeFirst(320)
    #expect(amplitude(of: 900, in: restored) > 3 * amplitude(of: 400, in: restored))
    #expect(amplitude(of: 400, in: concealed) > 3 * amplitude(of: 900, in: concealed))
    #expect(amplitude(of: 400, in: concealed) > 1_000)
    // And both go on with what follows.
    #expect(try decode([packets[lost + 1]], decoder).count == block)
    #expect(try decode([packets[lost + 1]], other).count == block)
  }

  @Test func bitrateFollows() throws {
    let encoder = try OpusEncoder(.init(bitsPerSecond: 64_000))
    var random = SeededGenerator(seed: 3)
    let noise = (0..<48_000).map { _ in Int16.random(in: -8_000...8_000, using: &random) }
    let high = try opusPackets(encoder, noise, block: 960).reduce(0) { $0 + $1.count }
    try encoder.setBitrate(bitsPerSecond: 16_000)
    let low = try opusPackets(encoder, noise, block: 960).reduce(0) { $0 + $1.count }
    #expect((6_500...9_500).contains(high))
    #expect((1_400...2_600).contains(low))
  }

  @Test(arguments: [0, 1, 100, 479, 481, 5_760]) func encoderRefusesOtherLengths(_ count: Int) throws {
    let encoder = try OpusEncoder()
    let samples = [Int16](repeating: 0, count: count)
    #expect(throws: CodecError.unsupported("Opus frame of \(count) samples")) {
      try withPacket([UInt8](repeating: 0, count: 1_275)) { packet in
        try samples.withUnsafeBufferPointer { try encoder.encode($0, into: packet) }
      }
    }
  }

  @Test func encoderRefusesSettings() {
    #expect(throws: CodecError.self) { try OpusEncoder(.init(bitsPerSecond: -7)) }
    #expect(throws: CodecError.self) { try OpusEncoder(.init(complexity: 11)) }
    #expect(throws: CodecError.self) { try OpusEncoder(.init(expectedLossPercent: 101)) }
    #expect(throws: CodecError.self) { try OpusEncoder(.init(bitsPerSecond: .max)) }
  }

  @Test func decoderSaysWhatIsWrong() throws {
    let packet = try opusPackets(try OpusEncoder(), tone(440, samples: 960), block: 960)[0]
    let decoder = try OpusDecoder()
    var room = [Int16](repeating: 0, count: 480)
    #expect(throws: CodecError.tooShort(expected: 960, got: 480)) {
      try room.withUnsafeMutableBufferPointer { room in try withPacket(packet) { try decoder.decode($0, into: room) } }
    }
    #expect(throws: CodecError.truncated("Opus packet of 0 bytes")) {
      try room.withUnsafeMutableBufferPointer { room in try withPacket([]) { try decoder.decode($0, into: room) } }
    }
    #expect(throws: CodecError.unsupported("making up 479 samples of Opus")) {
      try room.withUnsafeMutableBufferPointer { try decoder.conceal(into: .init(rebasing: $0[..<479])) }
    }
  }

  @Test func damageNeverStopsTheDecoder() throws {
    let packets = try opusPackets(try OpusEncoder(), tone(440, samples: 9_600), block: 960)
    let decoder = try OpusDecoder()
    var random = SeededGenerator(seed: 11)
    var samples = [Int16](repeating: 0, count: OpusDecoder.largestPacketSamples)
    for _ in 0..<3_000 {
      let bytes = damaged(packets.randomElement(using: &random) ?? [], &random)
      samples.withUnsafeMutableBufferPointer { samples in
        withPacket(bytes) { packet in
          _ = try? decoder.decode(packet, into: samples)
          _ = try? decoder.correct(from: packet, into: .init(rebasing: samples[..<960]))
        }
      }
    }
    #expect(try decode(packets, decoder).count == 9_600)
  }
}
