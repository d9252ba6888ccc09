import Glibc
import Hardware
import Linux
import TestSupport
import Testing

/// What the board's configuration says about the camera and the microphone is what a phone sees and hears.
@Suite(.serialized, .enabled(if: Phone.isPossible, "curl is not installed"))
struct SourceTests {
  static func call(_ settings: [String], width: Int, hertz: Int) throws -> (Stage, Phone) {
    let (stage, ann) = try CallTests.ringing(settings)
    try ann.accept()
    try ann.untilCall(.connected)
    try CallTests.proveMedia(ann, stage, width: width, hertz: hertz)
    return (stage, ann)
  }

  @Test("The camera is opened in the board's mode") func mode() throws {
    let (stage, ann) = try Self.call(
      ["camera.width=320", "camera.height=240", "camera.fps=15"], width: 320, hertz: Stage.boxTone)
    #expect(ann.media?.pictures.last?.height == 240)
    #expect(stage.status.devices["camera"]?.detail == "320×240, 15 frames a second")
  }

  @Test("A film and a WAV file in place of the scene and the tone") func files() throws {
    let directory = try ScratchDirectory()
    let (width, height, luma) = (320, 240, UInt8(180))
    var film = Array("YUV4MPEG2 W\(width) H\(height) F20:1 Ip A1:1 C420jpeg\n".utf8)
    for _ in 0..<2 {
      film += Array("FRAME\n".utf8)
      film += [UInt8](repeating: luma, count: width * height)
      film += [UInt8](repeating: 128, count: width * height / 2)
    }
    try Self.write(film, to: "\(directory.path)/film.y4m")
    try Self.write(Self.wav(hertz: 750), to: "\(directory.path)/sound.wav")
    let (stage, ann) = try Self.call(
      [
        "camera.source=file", "camera.file=\(directory.path)/film.y4m", "microphone.source=file",
        "microphone.file=\(directory.path)/sound.wav",
      ], width: width, hertz: 750)
    let last = try #require(ann.media?.pictures.last)
    #expect(last.height == height)
    #expect(abs(Int(last.luma) - Int(luma)) <= 6)
    #expect(stage.status.devices["camera"]?.detail == "asked 640×480 at 30, nearest 320×240 at 20")
  }

  /// One second of a tone: 16 bits, 48 kHz, mono.
  static func wav(hertz: Int) -> [UInt8] {
    let rate = 48_000
    var bytes: [UInt8] = []
    func text(_ letters: String) { bytes += Array(letters.utf8) }
    func little(_ value: Int, _ count: Int) {
      for index in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> (index * 8))) }
    }
    text("RIFF")
    little(36 + rate * 2, 4)
    text("WAVEfmt ")
    for (value, count) in [(16, 4), (1, 2), (1, 2), (rate, 4), (rate * 2, 4), (2, 2), (16, 2)] { little(value, count) }
    text("data")
    little(rate * 2, 4)
    for index in 0..<rate {
      let phase = 2 * Double.pi * Double(hertz * index) / Double(rate)
      little(Int(8_000 * sin(phase)), 2)
    }
    return bytes
  }

  /// Nil for a file that cannot be read.
  static func bytes(_ path: String, atMost limit: Int = 1 << 20) -> [UInt8]? {
    let number = open(path, O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { return nil }
    let file = Descriptor(adopting: number)
    var bytes = [UInt8](repeating: 0, count: limit)
    let count = read(file.number, &bytes, limit)
    return count < 0 ? nil : Array(bytes.prefix(count))
  }

  static func write(_ bytes: [UInt8], to path: String) throws {
    let file = try #require(fopen(path, "wb"))
    defer { fclose(file) }
    try #require(fwrite(bytes, 1, bytes.count, file) == bytes.count)
  }
}
