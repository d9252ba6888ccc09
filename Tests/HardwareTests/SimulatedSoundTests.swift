import Glibc
import Linux
import TestSupport
import Testing

@testable import Hardware

/// A WAV file with the given samples of all channels.
func wav(_ samples: [Int16], channels: UInt16 = 1, rate: UInt32 = 48_000, bits: UInt16 = 16, dataBytes: UInt32? = nil)
  -> [UInt8]
{
  func little<T: FixedWidthInteger>(_ value: T) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }
  func text(_ letters: String) -> [UInt8] { Array(letters.utf8) }
  let body: [UInt8] = samples.flatMap { little($0) }
  let parts: [[UInt8]] = [
    text("RIFF"), little(UInt32(0)), text("WAVE"),
    // A chunk of another kind and odd length comes first, as editors write them.
    text("LIST"), little(UInt32(3)), [1, 2, 3, 0],
    text("fmt "), little(UInt32(16)), little(UInt16(1)), little(channels), little(rate), little(rate * 2),
    little(UInt16(2)), little(bits),
    text("data"), little(dataBytes ?? UInt32(body.count)), body,
  ]
  return Array(parts.joined())
}

@Suite struct SimulatedMicrophoneTests {
  private func board(_ source: SimulatedBoardConfiguration.MicrophoneSource, _ clock: VirtualClock) throws
    -> SimulatedBoard
  {
    try SimulatedBoard(SimulatedBoardConfiguration(microphone: source), clock: clock)
  }

  /// Reads blocks; gives the samples and when each block was heard, in milliseconds from the opening.
  private func listen(_ board: SimulatedBoard, _ clock: VirtualClock, blocks: Int) throws -> (
    samples: [Int16], heard: [Int64]
  ) {
    let start = clock.monotonic()
    try board.microphone.open()
    let memory = block()
    var (samples, heard): ([Int16], [Int64]) = ([], [])
    for _ in 0..<blocks {
      heard.append((try board.microphone.read(into: memory.samples) - start).milliseconds)
      samples += Array(memory.samples)
    }
    return (samples, heard)
  }

  @Test func toneHasItsPitchLevelAndPace() throws {
    let clock = VirtualClock()
    let (samples, heard) = try listen(try board(.tone(hertz: 440, decibels: -20), clock), clock, blocks: 50)
    #expect(heard == (0..<50).map { $0 * 20 })
    #expect(clock.elapsed == .seconds(1))
    #expect((3_250...3_277).contains(samples.max() ?? 0))
    let rising = zip(samples, samples.dropFirst()).count { $0 < 0 && $1 >= 0 }
    #expect((439...440).contains(rising))
    // No step between blocks.
    let steepest = zip(samples, samples.dropFirst()).map { abs(Int($0) - Int($1)) }.max() ?? 0
    #expect(steepest <= 190)
  }

  @Test func fileLoopsAcrossBlocks() throws {
    let directory = try ScratchDirectory()
    let path = directory.path + "/sound.wav"
    let ramp = (0..<700).map { Int16($0) }
    try write(wav(ramp), to: path)
    let clock = VirtualClock()
    let samples = try listen(try board(.file(path), clock), clock, blocks: 2).samples
    let looped: [Int16] = (0..<1_920).map { (sample: Int16) -> Int16 in sample % 700 }
    #expect(samples == looped)
  }

  @Test func stereoBecomesMonoAndUnfinishedHeadersAreTaken() throws {
    let directory = try ScratchDirectory()
    let path = directory.path + "/sound.wav"
    try write(wav((0..<960).flatMap { [Int16($0), 1_000] }, channels: 2, dataBytes: .max), to: path)
    let clock = VirtualClock()
    let samples = try listen(try board(.file(path), clock), clock, blocks: 1).samples
    let means: [Int16] = (0..<960).map { (left: Int16) -> Int16 in (left + 1_000) / 2 }
    #expect(samples == means)
  }

  @Test(arguments: [
    (
      wav([1, 2], rate: 44_100),
      "expected 16-bit PCM at 48000 Hz with 1 or 2 channels, got format 1, 16 bits, 44100 Hz, 1 channels"
    ),
    (
      wav([1, 2], channels: 6),
      "expected 16-bit PCM at 48000 Hz with 1 or 2 channels, got format 1, 16 bits, 48000 Hz, 6 channels"
    ),
    (
      wav([1, 2], bits: 24),
      "expected 16-bit PCM at 48000 Hz with 1 or 2 channels, got format 1, 24 bits, 48000 Hz, 1 channels"
    ),
    (wav([]), "no sound in it"),
    ([], "no RIFF/WAVE file with \"fmt \" and \"data\" chunks"),
    (Array(wav([1, 2]).prefix(40)), "no RIFF/WAVE file with \"fmt \" and \"data\" chunks"),
  ])
  func otherFilesAreRefusedInWords(_ bytes: [UInt8], _ words: String) throws {
    let directory = try ScratchDirectory()
    let path = directory.path + "/sound.wav"
    try write(bytes, to: path)
    let clock = VirtualClock()
    let board = try board(.file(path), clock)
    #expect(throws: DeviceError.unsupported("\(path): \(words)")) { try board.microphone.open() }
    // The device itself is not blocked by that.
    try write(wav([1]), to: path)
    try board.microphone.open()
  }

  @Test func damagedHeadersNeverStopTheProcess() throws {
    var random = SeededGenerator(seed: 2)
    let whole = wav([1, 2, 3, 4])
    for _ in 0..<20_000 {
      var bytes = whole
      for _ in 0..<4 { bytes[Int.random(in: 0..<60, using: &random)] = UInt8.random(in: 0...255, using: &random) }
      _ = try? WAVHeader(Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random))), fileBytes: 64, path: "x")
    }
  }

  @Test func aLateReaderLosesWhatTheBufferCannotHold() throws {
    let clock = VirtualClock()
    let board = try board(.tone(hertz: 440, decibels: -20), clock)
    let start = clock.monotonic()
    try board.microphone.open()
    let memory = block()
    var heard: [Int64] = []
    for pause in [0, 100, 0, 1_000, 0] as [Int64] {
      clock.pass(.milliseconds(pause))
      heard.append((try board.microphone.read(into: memory.samples) - start).milliseconds)
    }
    // 100 ms are kept in the buffer; of the second that came later only the present is left.
    #expect(heard == [0, 20, 40, 1_100, 1_120])
  }

  @Test func blocksOfAnotherLengthAreRefused() throws {
    let board = try board(.tone(hertz: 440, decibels: -20), VirtualClock())
    try board.microphone.open()
    let memory = block()
    #expect(throws: DeviceError.unsupported("expected room for 960 samples, got 959")) {
      try board.microphone.read(into: .init(rebasing: memory.samples.dropLast()))
    }
  }
}

@Suite struct SimulatedSpeakerTests {
  private let directory: ScratchDirectory
  private var path: String { directory.path + "/speaker.wav" }

  init() throws { directory = try ScratchDirectory() }

  private func board(_ clock: VirtualClock, largest: Int = 60_000_000) throws -> SimulatedBoard {
    try SimulatedBoard(
      SimulatedBoardConfiguration(speakerRecording: path, largestRecordingBytes: largest), clock: clock)
  }

  /// Silence, as much as a speaker has ahead.
  private let lead = [Int16](repeating: 0, count: 576)

  private func write(_ value: Int16, _ board: SimulatedBoard) throws -> Int {
    let memory = block()
    memory.samples.update(repeating: value)
    return try board.speaker.write(UnsafeBufferPointer(memory.samples))
  }

  /// The samples of a recording, read by its header.
  private func recorded(_ path: String) throws -> [Int16] {
    let bytes = read(path)
    let header = try WAVHeader(bytes, fileBytes: bytes.count, path: path)
    #expect(header.channels == 1)
    func length(at offset: Int) throws -> Int {
      try #require(bytes.count >= 44)
      return bytes[offset..<offset + 4].reversed().reduce(0) { (sum: Int, byte: UInt8) -> Int in sum << 8 | Int(byte) }
    }
    let declared = try length(at: 40)
    #expect(try length(at: 4) == declared + 36)
    return stride(from: 44, to: 44 + declared, by: 2).map { (at: Int) -> Int16 in
      Int16(bitPattern: UInt16(bytes[at]) | UInt16(bytes[at + 1]) << 8)
    }
  }

  @Test func takesSoundAtItsPaceWithADelayOfItsBuffer() throws {
    let clock = VirtualClock()
    let board = try board(clock)
    try board.speaker.open()
    var delays: [Int] = []
    for _ in 0..<100 { delays.append(try write(1, board)) }
    #expect(delays == Array(repeating: 32_000, count: 100))
    #expect(clock.elapsed == .milliseconds(1_980))
    #expect(board.speaker.underruns == 0)
  }

  @Test func wantsTheNextBlockWhenTheLeadIsLeft() throws {
    let clock = VirtualClock()
    let board = try board(clock)
    try board.speaker.open()
    try board.speaker.waitForRoom()
    #expect(clock.elapsed == .zero)
    _ = try write(1, board)
    try board.speaker.waitForRoom()
    #expect(clock.elapsed == .milliseconds(20))
    clock.pass(SoundFormat.lead)
    #expect(try write(1, board) == 20_000)
    #expect(board.speaker.underruns == 0)
  }

  @Test func recordsWhatIsHeardWithSilenceWhereTheCallerWasLate() throws {
    let clock = VirtualClock()
    let board = try board(clock)
    try board.speaker.open()
    _ = try write(100, board)
    clock.pass(.milliseconds(35))
    _ = try write(200, board)
    board.speaker.close()
    // Ahead of the first block, and where it ran dry.
    let late = 48 * 3
    let expected = [
      lead, [Int16](repeating: 100, count: 960), [Int16](repeating: 0, count: late), lead,
      [Int16](repeating: 200, count: 960),
    ]
    #expect(try recorded(path) == Array(expected.joined()))
    #expect(board.speaker.underruns == 1)
  }

  @Test func laterOpeningsGoOnWithTheRecording() throws {
    let clock = VirtualClock()
    let board = try board(clock)
    for value in [1, 2] as [Int16] {
      try board.speaker.open()
      _ = try write(value, board)
      board.speaker.close()
      clock.pass(.seconds(60))
    }
    let blocks: [[Int16]] = [lead, Array(repeating: 1, count: 960), lead, Array(repeating: 2, count: 960)]
    #expect(try recorded(path) == Array(blocks.joined()))
  }

  @Test func headerIsValidWithoutClosing() throws {
    let board = try board(VirtualClock())
    try board.speaker.open()
    #expect(read(path).count == 44)
    for _ in 0..<14 { _ = try write(5, board) }
    let whole = try recorded(path)
    #expect(whole.starts(with: lead))
    #expect(whole.count == lead.count + 14 * 960)
  }

  @Test func sizeIsBoundedAndAnEarlierRecordingKept() throws {
    let largest = 44 + 3 * 1_920 + lead.count * 2
    let clock = VirtualClock()
    let board = try board(clock, largest: largest)
    try board.speaker.open()
    for value in 1...5 as ClosedRange<Int16> { _ = try write(value, board) }
    board.speaker.close()
    #expect(try recorded(path) == Array(repeating: 4, count: 960) + Array(repeating: 5, count: 960))
    #expect(try recorded(path + ".previous").count == 3 * 960 + lead.count)
    try self.board(clock).speaker.open()
    #expect(try recorded(path + ".previous").count == 2 * 960)
  }

  @Test func aRecordingThatCannotBeMadeIsSaid() throws {
    let board = try SimulatedBoard(
      SimulatedBoardConfiguration(speakerRecording: directory.path + "/missing/speaker.wav"), clock: VirtualClock())
    #expect(throws: DeviceError.ioFailure(call: "open \(directory.path)/missing/speaker.wav", errno: ENOENT)) {
      try board.speaker.open()
    }
  }
}
