import Glibc
import Linux
import TestSupport
import Testing

@testable import Codecs

@Suite struct VP8Tests {
  private func encode(
    _ encoder: VP8Encoder, frames: Int, keyFrames: Set<Int> = [], from start: Int = 0,
    check: (Int, PictureView, EncodedFrame) throws -> Void
  ) throws {
    for step in start..<start + frames {
      let picture = try movingPicture(encoder.configuration.width, encoder.configuration.height, step: step)
      var failure: (any Error)?
      try encoder.encode(picture.view, timestamp: Int64(step) * 3_000, forceKeyFrame: keyFrames.contains(step)) {
        do { try check(step, picture.view, $0) } catch { failure = error }
      }
      if let failure { throw failure }
    }
  }

  @Test(arguments: [(320, 240, 1), (322, 242, 2), (321, 241, 1)])
  func decodedPictureLooksLikeTheEncodedOne(_ width: Int, _ height: Int, _ threads: Int) throws {
    let encoder = try VP8Encoder(.init(width: width, height: height, kilobitsPerSecond: 1_000, threads: threads))
    let decoder = try VP8Decoder()
    var decoded = 0
    try encode(encoder, frames: 20) { step, picture, frame in
      #expect(frame.isKeyFrame == (step == 0))
      #expect(frame.timestamp == Int64(step) * 3_000)
      try decoder.decode(frame.bytes) {
        #expect(lumaPSNR(picture, $0) > 28)
        decoded += 1
      }
    }
    #expect(decoded == 20)
  }

  @Test func keyFramesComeWhenAskedForAndOnlyThen() throws {
    let encoder = try VP8Encoder(.init(width: 160, height: 120, kilobitsPerSecond: 200))
    var keyFrames: [Int] = []
    try encode(encoder, frames: 400, keyFrames: [7, 300]) { step, _, frame in
      if frame.isKeyFrame { keyFrames.append(step) }
    }
    #expect(keyFrames == [0, 7, 300])
  }

  @Test func rateFollowsTheTargetWithoutKeyFrame() throws {
    let encoder = try VP8Encoder(.init(width: 320, height: 240, kilobitsPerSecond: 800))
    var random = SeededGenerator(seed: 1)
    /// Encodes noise, which could use any rate, and gives the rate of the last three seconds in kbit/s.
    func rate(from start: Int) throws -> Double {
      var bytes = 0
      for step in start..<start + 150 {
        let picture = try movingPicture(320, 240, step: step)
        for _ in 0..<2_000 {
          picture.bytes[Int.random(in: 0..<320 * 240, using: &random)] = UInt8.random(in: 16...235, using: &random)
        }
        try encoder.encode(picture.view, timestamp: Int64(step) * 3_000, forceKeyFrame: false) {
          #expect($0.isKeyFrame == (step == 0))
          if step >= start + 60 { bytes += $0.bytes.count }
        }
      }
      return Double(bytes) * 8 / 3 / 1_000
    }
    #expect(try (720...880).contains(rate(from: 0)))
    try encoder.setBitrate(kilobitsPerSecond: 300)
    #expect(try (270...330).contains(rate(from: 150)))
    #expect(encoder.configuration.kilobitsPerSecond == 300)
  }

  @Test func pictureIsReadThroughItsStridesWithoutCopy() throws {
    // The same picture at the front of rows twice as wide, in planes that lie apart.
    let source = try movingPicture(64, 48, step: 3)
    let wide = try Picture(width: 128, height: 48)
    for y in 0..<48 { for x in 0..<64 { wide.bytes[y * 128 + x] = source.bytes[y * 64 + x] } }
    let all = wide.view
    let view = PictureView(
      size: Dimensions(64, 48), y: all.y, u: all.u, v: all.v, strideY: all.strideY, strideU: all.strideU,
      strideV: all.strideV, owner: wide)
    for picture in [source.view, view] {
      let encoder = try VP8Encoder(.init(width: 64, height: 48))
      let decoder = try VP8Decoder()
      try encoder.encode(picture, timestamp: 0, forceKeyFrame: true) { frame in
        #expect(throws: Never.self) {
          try decoder.decode(frame.bytes) { #expect(lumaPSNR(source.view, $0) > 28) }
        }
      }
    }
  }

  @Test func timestampsThatStandStillAreMovedOn() throws {
    let encoder = try VP8Encoder(.init(width: 64, height: 48))
    let picture = try movingPicture(64, 48, step: 0)
    var timestamps: [Int64] = []
    for timestamp: Int64 in [9_000, 9_000, 0, .min, 12_000] {
      try encoder.encode(picture.view, timestamp: timestamp, forceKeyFrame: false) { timestamps.append($0.timestamp) }
    }
    #expect(timestamps == [9_000, 9_001, 9_002, 9_003, 12_000])
  }

  @Test func refusesPicturesOfAnotherSize() throws {
    let encoder = try VP8Encoder(.init(width: 64, height: 48))
    let picture = try Picture(width: 48, height: 64)
    #expect(throws: CodecError.otherSize(expected: Dimensions(64, 48), got: Dimensions(48, 64))) {
      try encoder.encode(picture.view, timestamp: 0, forceKeyFrame: false) { _ in }
    }
  }

  @Test(arguments: [
    VP8Encoder.Configuration(width: 0, height: 48), .init(width: 64, height: -1), .init(width: 5_000, height: 48),
    .init(width: 64, height: 48, framesPerSecond: 0), .init(width: 64, height: 48, kilobitsPerSecond: 0),
    .init(width: 64, height: 48, threads: 0), .init(width: 64, height: 48, speed: 3),
  ])
  func refusesSettings(_ configuration: VP8Encoder.Configuration) {
    #expect(throws: CodecError.self) { try VP8Encoder(configuration) }
  }

  @Test func refusesBitratesOutOfRange() throws {
    let encoder = try VP8Encoder(.init(width: 64, height: 48))
    for rate in [Int.min, 0, Int.max] {
      #expect(throws: CodecError.unsupported("VP8 bit rate of \(rate) kbit/s")) {
        try encoder.setBitrate(kilobitsPerSecond: rate)
      }
    }
  }
}

@Suite struct VP8DecoderTests {
  private func frames(_ count: Int) throws -> [[UInt8]] {
    let encoder = try VP8Encoder(.init(width: 128, height: 96))
    var frames: [[UInt8]] = []
    for step in 0..<count {
      let picture = try movingPicture(128, 96, step: step)
      try encoder.encode(picture.view, timestamp: Int64(step) * 3_000, forceKeyFrame: false) {
        frames.append($0.bytes.array)
      }
    }
    return frames
  }

  @Test func framesWithoutKeyFrameAreRefused() throws {
    let frames = try frames(2)
    let decoder = try VP8Decoder()
    #expect(throws: CodecError.self) { try withPacket(frames[1]) { try decoder.decode($0) { _ in } } }
  }

  @Test(arguments: [0, 1, 2, 9]) func shortKeyFramesAreTruncated(_ length: Int) throws {
    let frame = Array(try frames(1)[0].prefix(length))
    let decoder = try VP8Decoder()
    let kind = length < 3 ? "VP8 frame" : "VP8 key frame"
    #expect(throws: CodecError.truncated("\(kind) of \(length) bytes")) {
      try withPacket(frame) { try decoder.decode($0) { _ in } }
    }
  }

  @Test func hugeKeyFrameIsRefusedBeforeMemoryIsTaken() throws {
    var frame = try frames(1)[0]
    (frame[6], frame[7], frame[8], frame[9]) = (0xFF, 0x3F, 0xFF, 0x3F)
    let decoder = try VP8Decoder()
    #expect(throws: CodecError.tooLarge(Dimensions(16_383, 16_383))) {
      try withPacket(frame) { try decoder.decode($0) { _ in } }
    }
  }

  @Test func damageNeverOutlastsTheNextKeyFrame() throws {
    let frames = try frames(6)
    let decoder = try VP8Decoder()
    var random = SeededGenerator(seed: 7)
    for _ in 0..<600 {
      let bytes = damaged(frames.randomElement(using: &random) ?? [], &random)
      try? withPacket(bytes) { try decoder.decode($0) { _ in } }
    }
    var size: Dimensions?
    try withPacket(frames[0]) { try decoder.decode($0) { size = $0.size } }
    #expect(size == Dimensions(128, 96))
  }
}
