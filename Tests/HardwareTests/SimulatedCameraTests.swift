import Drawing
import Glibc
import Links
import Linux
import TestSupport
import Testing

@testable import Hardware

@Suite struct SimulatedCameraTests {
  private let wanted = CameraMode(width: 320, height: 240, framesPerSecond: 30)

  @Test func framesComeOnAbsoluteDeadlinesAndTellTheirTime() throws {
    let clock = VirtualClock()
    let board = try SimulatedBoard(SimulatedBoardConfiguration(), clock: clock)
    let start = clock.monotonic()
    let stream = try board.camera.open(wanted)
    #expect(stream == CameraStream(mode: wanted, format: .i420, largestFrameBytes: 115_200))
    let memory = Memory(stream.largestFrameBytes)
    for index in 0..<100 as Range<Int64> {
      let frame = try board.camera.nextFrame(into: memory.bytes, timeoutMilliseconds: 40)
      let elapsed = index * 1_000_000 / 30
      #expect(
        frame
          == CapturedFrame(
            length: 115_200, width: 320, height: 240, format: .i420, captured: start + .microseconds(elapsed)))
      #expect(clock.monotonic() == frame.captured)
      #expect(try frame.stripTime(memory) == (VirtualClock.wallStart + elapsed) / 1_000)
    }
  }

  @Test func aLateCallerMissesPicturesAndStaysInTime() throws {
    let clock = VirtualClock()
    let board = try SimulatedBoard(SimulatedBoardConfiguration(), clock: clock)
    let start = clock.monotonic()
    _ = try board.camera.open(CameraMode(width: 320, height: 240, framesPerSecond: 10))
    let memory = Memory(115_200)
    var captured: [Int64] = []
    for pause in [0, 0, 50, 350, 0, 0] as [Int64] {
      clock.pass(.milliseconds(pause))
      let frame = try board.camera.nextFrame(into: memory.bytes, timeoutMilliseconds: 1_000)
      captured.append((frame.captured - start).milliseconds)
      #expect(try frame.stripTime(memory) == VirtualClock.wallStart / 1_000 + captured[captured.count - 1])
    }
    // After the pause of 350 ms the picture of 500 ms is there; those of 300 and 400 are gone.
    #expect(captured == [0, 100, 200, 500, 600, 700])
  }

  @Test func picturesMoveAndTheirClockGoesOn() throws {
    let clock = VirtualClock()
    let board = try SimulatedBoard(SimulatedBoardConfiguration(strip: false), clock: clock)
    _ = try board.camera.open(wanted)
    let (a, b) = (Memory(115_200), Memory(115_200))
    _ = try board.camera.nextFrame(into: a.bytes, timeoutMilliseconds: 100)
    _ = try board.camera.nextFrame(into: b.bytes, timeoutMilliseconds: 100)
    #expect(!a.bytes.elementsEqual(b.bytes))
    // Without a strip the lowest rows are meadow.
    #expect(throws: Strip.Failure.noMarkers) {
      try Strip.read(luma: UnsafeRawBufferPointer(a.bytes), width: 320, height: 240, stride: 320)
    }
    let scene = try #require(Scene(width: 320, height: 240, name: "box"))
    scene.draw(elapsed: .zero, clock: 5 * 3_600, into: a.bytes)
    scene.draw(elapsed: .zero, clock: 5 * 3_600 + 1, into: b.bytes)
    let rows = (0..<240).filter { row in
      !a.bytes[row * 320..<row * 320 + 320].elementsEqual(b.bytes[row * 320..<row * 320 + 320])
    }
    // Only the last digit differs, and nothing above or below it.
    #expect((20...40).contains(rows.count))
    #expect((rows.first ?? 0) > 160)
  }

  @Test func clockShowsHoursMinutesAndSeconds() {
    for (clock, text) in [(0, "00:00:00"), (18_367, "05:06:07"), (86_399, "23:59:59"), (86_400, "00:00:00")] {
      #expect(String(decoding: (0..<8).map { ClockText.letter($0, of: clock) }, as: UTF8.self) == text)
    }
  }

  @Test(arguments: [
    (CameraMode(width: 0, height: 0, framesPerSecond: 0), CameraMode(width: 160, height: 120, framesPerSecond: 1)),
    (
      CameraMode(width: .max, height: .max, framesPerSecond: .max),
      CameraMode(width: 1_920, height: 1_080, framesPerSecond: 60)
    ),
    (
      CameraMode(width: 641, height: 361, framesPerSecond: 25), CameraMode(width: 640, height: 360, framesPerSecond: 25)
    ),
  ])
  func takesTheNearestMode(_ wanted: CameraMode, _ granted: CameraMode) throws {
    let clock = VirtualClock()
    let board = try SimulatedBoard(
      SimulatedBoardConfiguration(boxName: "箱 with a very long name, indeed"), clock: clock)
    let stream = try board.camera.open(wanted)
    #expect(stream.mode == granted)
    let memory = Memory(stream.largestFrameBytes)
    let frame = try board.camera.nextFrame(into: memory.bytes, timeoutMilliseconds: 2_000)
    #expect(try frame.stripTime(memory) == VirtualClock.wallStart / 1_000)
  }

  @Test func timeOutIsKept() throws {
    let clock = VirtualClock()
    let board = try SimulatedBoard(SimulatedBoardConfiguration(), clock: clock)
    _ = try board.camera.open(CameraMode(width: 320, height: 240, framesPerSecond: 1))
    let memory = Memory(115_200)
    _ = try board.camera.nextFrame(into: memory.bytes, timeoutMilliseconds: 0)
    #expect(throws: DeviceError.timedOut) { try board.camera.nextFrame(into: memory.bytes, timeoutMilliseconds: 300) }
    #expect(clock.elapsed == .milliseconds(300))
  }

  @Test func memoryThatIsTooSmallIsRefused() throws {
    let board = try SimulatedBoard(SimulatedBoardConfiguration(), clock: VirtualClock())
    _ = try board.camera.open(wanted)
    let memory = Memory(115_199)
    #expect(throws: DeviceError.unsupported("a picture of 115200 bytes does not fit into 115199")) {
      try board.camera.nextFrame(into: memory.bytes, timeoutMilliseconds: 100)
    }
  }
}

@Suite struct CameraFileTests {
  private let directory: ScratchDirectory
  private var path: String { directory.path + "/film" }
  private let wanted = CameraMode(width: 640, height: 480, framesPerSecond: 20)

  init() throws { directory = try ScratchDirectory() }

  private func open(strip: Bool = true) throws -> (SimulatedBoard, CameraStream, VirtualClock) {
    let clock = VirtualClock()
    let board = try SimulatedBoard(SimulatedBoardConfiguration(camera: .file(path), strip: strip), clock: clock)
    return (board, try board.camera.open(wanted), clock)
  }

  private func film(_ header: String, pictures: Int, bytes: Int) -> [UInt8] {
    Array((header + "\n").utf8)
      + (0..<pictures).flatMap { Array("FRAME Ixyz\n".utf8) + [UInt8](repeating: UInt8(10 + $0), count: bytes) }
  }

  @Test func y4mPlaysAtItsPaceInALoop() throws {
    try write(film("YUV4MPEG2 W64 H48 F30000:1001 Ip A1:1 C420jpeg", pictures: 3, bytes: 4_608), to: path)
    let (board, stream, clock) = try open()
    let start = clock.monotonic()
    #expect(stream.mode == CameraMode(width: 64, height: 48, framesPerSecond: 30))
    #expect(stream.format == .i420)
    let memory = Memory(stream.largestFrameBytes)
    for index in 0..<7 as Range<Int64> {
      let frame = try board.camera.nextFrame(into: memory.bytes, timeoutMilliseconds: 100)
      #expect(memory.bytes[0] == UInt8(10 + index % 3))
      #expect((frame.captured - start).microseconds == index * 1_001_000_000 / 30_000)
      #expect(try frame.stripTime(memory) == (VirtualClock.wallStart + (frame.captured - start).microseconds) / 1_000)
    }
  }

  @Test func y4mWithoutStripIsLeftAsItIs() throws {
    try write(film("YUV4MPEG2 W64 H48 F25:1", pictures: 1, bytes: 4_608), to: path)
    let (board, stream, _) = try open(strip: false)
    let memory = Memory(stream.largestFrameBytes)
    _ = try board.camera.nextFrame(into: memory.bytes, timeoutMilliseconds: 100)
    #expect(memory.bytes.allSatisfy { $0 == 10 })
  }

  @Test func y4mPictureCutOffAtTheEndIsLeftOut() throws {
    try write(Array(film("YUV4MPEG2 W64 H48 F25:1", pictures: 2, bytes: 4_608).dropLast()), to: path)
    let (board, stream, _) = try open()
    let memory = Memory(stream.largestFrameBytes)
    for _ in 0..<4 {
      _ = try board.camera.nextFrame(into: memory.bytes, timeoutMilliseconds: 100)
      #expect(memory.bytes[0] == 10)
    }
  }

  @Test(arguments: [
    "", "RIFF", "YUV4MPEG2 ", "YUV4MPEG2 W64 H48 F25:1", "YUV4MPEG2 W64\n", "YUV4MPEG2 W-64 H48\n",
    "YUV4MPEG2 W64 H99999\n",
    "YUV4MPEG2 W64 H48 F0:1\n", "YUV4MPEG2 W64 H48 F1:0\n", "YUV4MPEG2 W64 H48 F9223372036854775807:1\n",
    "YUV4MPEG2 W64 H48 C444\n", "YUV4MPEG2 W64 H48 C420p10\n",
  ])
  func otherFilesAreRefusedInWords(_ header: String) throws {
    try write(Array(header.utf8), to: path)
    do {
      _ = try open()
      Issue.record("opened")
    } catch DeviceError.unsupported(let words) {
      #expect(words.contains(path))
    }
  }

  @Test func aMissingFileIsSaid() throws {
    #expect(throws: DeviceError.ioFailure(call: "open \(path)", errno: ENOENT)) { _ = try open() }
  }

  /// A header, a frame header of the size, some coded bytes with stuffing, an end.
  private func jpeg(_ mark: UInt8, width: UInt16 = 64, height: UInt16 = 48) -> [UInt8] {
    let size = [
      UInt8(height >> 8), UInt8(truncatingIfNeeded: height), UInt8(width >> 8), UInt8(truncatingIfNeeded: width),
    ]
    let parts: [[UInt8]] = [
      // The application segment holds a thumbnail of its own, whose end is not the end of the picture.
      [0xFF, 0xD8, 0xFF, 0xE1, 0x00, 0x08, 0xFF, 0xD8, 0xFF, 0xD9, 0x00, 0x00],
      [0xFF, 0xC0, 0x00, 0x0B, 0x08], size, [0x01, 0x01, 0x11, 0x00],
      [0xFF, 0xDA, 0x00, 0x03, 0x00, mark, 0xFF, 0x00, 0xD9, 0xFF, 0xD3, 0x12, 0xFF, 0xD9],
    ]
    return Array(parts.joined())
  }

  private func play(_ count: Int) throws -> [[UInt8]] {
    let (board, stream, clock) = try open()
    let start = clock.monotonic()
    #expect(stream.mode == CameraMode(width: 64, height: 48, framesPerSecond: 20))
    #expect(stream.format == .mjpeg)
    let memory = Memory(stream.largestFrameBytes)
    return try (0..<count).map { index in
      let frame = try board.camera.nextFrame(into: memory.bytes, timeoutMilliseconds: 100)
      #expect(frame.captured == start + .milliseconds(Int64(index) * 50))
      return Array(memory.bytes.prefix(frame.length))
    }
  }

  @Test func jpegPicturesPlayInALoop() throws {
    let pictures = (1...3).map { jpeg($0) }
    try write(pictures.flatMap { $0 }, to: path)
    #expect(try play(7) == [0, 1, 2, 0, 1, 2, 0].map { pictures[$0] })
  }

  @Test func damagedJPEGPicturesGoOutAsTheyAre() throws {
    let (a, b, c) = (jpeg(1), Array(jpeg(2).dropLast(2)), Array(jpeg(3).dropLast(5)))
    try write(a + [0, 1, 0xFF, 2] + b + c, to: path)
    #expect(try play(4) == [a, b, c, a])
  }

  @Test func jpegFilesMadeOfNoiseNeverStopTheProcess() throws {
    var random = SeededGenerator(seed: 9)
    for _ in 0..<60 {
      var bytes = (0..<5).flatMap { jpeg(UInt8($0)) }
      for _ in 0..<10 {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      try write(bytes, to: path)
      guard let (board, stream, _) = try? open() else { continue }
      let memory = Memory(stream.largestFrameBytes)
      for _ in 0..<8 { _ = try? board.camera.nextFrame(into: memory.bytes, timeoutMilliseconds: 100) }
    }
  }

  /// It would hold up whoever opens it, for ever.
  @Test func aPipeIsNoFilm() throws {
    let directory = try ScratchDirectory()
    let path = "\(directory.path)/film.y4m"
    #expect(mkfifo(path, 0o600) == 0)
    do throws(DeviceError) {
      _ = try RandomAccessFile(reading: path)
      Issue.record("a pipe was opened")
    } catch {
      #expect(error == .unsupported("\(path) is no file"))
    }
  }
}
