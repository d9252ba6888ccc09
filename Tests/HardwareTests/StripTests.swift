import Codecs
import Drawing
import Linux
import TestSupport
import Testing

@testable import Hardware

@Suite struct StripTests {
  private static func drawn(_ time: Int64, width: Int = 640, height: Int = 480) throws -> Memory {
    let memory = Memory(Canvas.bytes(width: width, height: height))
    Strip.draw(
      WallTime(milliseconds: time), on: try #require(Canvas(memory.bytes, width: width, height: height)))
    return memory
  }

  private func read(_ memory: Memory, width: Int = 640, height: Int = 480) throws(Strip.Failure) -> Int64 {
    try Strip.read(luma: UnsafeRawBufferPointer(memory.bytes), width: width, height: height, stride: width)
      .milliseconds
  }

  @Test func checkSumIsTheStandardOne() { #expect(Strip.crc16("123456789".utf8) == 0x29B1) }

  /// The cells, worked out by hand from the format.
  @Test func wordHasTheFormatOfTheIssue() {
    #expect(
      Strip.word(for: WallTime(milliseconds: 0)) == 0b10 << 62 | UInt64(Strip.crc16([0, 0, 0, 0, 0, 0])) << 2 | 1)
    let time: Int64 = 0x123_4567_89AB
    let crc = UInt64(Strip.crc16([0x01, 0x23, 0x45, 0x67, 0x89, 0xAB]))
    let word: UInt64 = 1 << 63 | UInt64(time) << 18 | crc << 2 | 1
    #expect(Strip.word(for: WallTime(milliseconds: time)) == word)
  }

  @Test func cellsAreSixteenRowsOfBlackAndWhite() throws {
    let time: Int64 = 1_772_600_767_890
    let memory = try Self.drawn(time)
    let word = Strip.word(for: WallTime(milliseconds: time))
    for row in [464, 479] {
      for x in 0..<640 {
        let expected: UInt8 = word >> UInt64(63 - x / 10) & 1 == 1 ? 235 : 16
        #expect(memory.bytes[row * 640 + x] == expected)
      }
    }
    #expect(memory.bytes[463 * 640] == 0)
  }

  @Test(
    arguments: [0, 1, 1_772_600_767_890, (1 << 44) - 1], [(640, 480), (1_280, 720), (320, 240), (176, 144), (64, 16)])
  func timeIsReadBack(_ time: Int64, _ size: (Int, Int)) throws {
    let memory = try Self.drawn(time, width: size.0, height: size.1)
    #expect(try read(memory, width: size.0, height: size.1) == time)
  }

  @Test func anyFlippedCellIsNoticed() throws {
    for cell in 0..<64 {
      let memory = try Self.drawn(1_772_600_767_890)
      for row in 464..<480 {
        for x in cell * 10..<cell * 10 + 10 { memory.bytes[row * 640 + x] = 251 - memory.bytes[row * 640 + x] }
      }
      #expect(throws: Strip.Failure.self) { try read(memory) }
    }
  }

  @Test func failuresSayWhatIsMissing() throws {
    let memory = Memory(Canvas.bytes(width: 640, height: 480))
    #expect(throws: Strip.Failure.noMarkers) { try read(memory) }
    #expect(throws: Strip.Failure.tooSmall) { try read(memory, width: 63, height: 480) }
    #expect(throws: Strip.Failure.tooSmall) { try read(memory, width: 640, height: 15) }
    #expect(throws: Strip.Failure.tooSmall) { try read(memory, width: 640, height: 4_800) }
  }

  /// What the issue asks for: VP8 at 300 kbit/s, and half the size, before or after the encoder.
  @Test(arguments: [false, true], [false, true])
  func everyPictureSurvivesCodingAndScaling(_ halfBefore: Bool, _ halfAfter: Bool) throws {
    let clock = VirtualClock()
    let board = try SimulatedBoard(SimulatedBoardConfiguration(), clock: clock)
    let stream = try board.camera.open(.init(width: 640, height: 480, framesPerSecond: 30))
    let memory = Memory(stream.largestFrameBytes)
    let size = halfBefore ? Dimensions(320, 240) : Dimensions(640, 480)
    let encoder = try VP8Encoder(.init(width: size.width, height: size.height, kilobitsPerSecond: 300))
    let decoder = try VP8Decoder()
    let small = try Picture(width: size.width, height: size.height)
    let last = try Picture(width: size.width / (halfAfter ? 2 : 1), height: size.height / (halfAfter ? 2 : 1))
    var bytes = 0
    var read = 0
    for number in 0..<90 {
      let frame = try board.camera.nextFrame(into: memory.bytes, timeoutMilliseconds: 100)
      let time = VirtualClock.wallStart / 1_000 + (frame.captured.microseconds - 5_000_000_000) / 1_000
      var picture = try PictureView(UnsafeRawBufferPointer(memory.bytes), width: 640, height: 480)
      if halfBefore {
        halve(picture, into: small)
        picture = small.view
      }
      var outcome = Result<Int64?, any Error>.success(nil)
      try encoder.encode(picture, timestamp: Int64(number) * 3_000, forceKeyFrame: false) { frame in
        bytes += frame.bytes.count
        outcome = Result { try shownTime(frame, decoder, scaledTo: halfAfter ? last : nil) }
      }
      #expect(try outcome.get() == time)
      read += 1
    }
    #expect(read == 90)
    #expect(bytes * 8 / 3 / 1_000 < 330)
  }

  /// Each pixel is the mean of four, as when a browser shows a picture smaller. Only the brightness matters here.
  private func halve(_ source: PictureView, into small: Picture) {
    for y in 0..<small.size.height {
      for x in 0..<small.size.width {
        let at = source.y + 2 * y * source.strideY + 2 * x
        let sum = Int(at[0]) + Int(at[1]) + Int(at[source.strideY]) + Int(at[source.strideY + 1])
        small.bytes[y * small.size.width + x] = UInt8(sum / 4)
      }
    }
  }

  /// The time that a decoded picture tells.
  private func shownTime(
    _ frame: EncodedFrame, _ decoder: VP8Decoder, scaledTo small: Picture?
  ) throws -> Int64? {
    var outcome: Result<Int64, any Error>?
    try decoder.decode(frame.bytes) { decoded in
      outcome = Result {
        if let small { halve(decoded, into: small) }
        let shown = small?.view ?? decoded
        return try Strip.read(
          luma: UnsafeRawBufferPointer(start: shown.y, count: shown.strideY * shown.size.height),
          width: shown.size.width, height: shown.size.height, stride: shown.strideY,
          rows: Strip.rows * shown.size.height / 480
        ).milliseconds
      }
    }
    return try outcome?.get()
  }
}
