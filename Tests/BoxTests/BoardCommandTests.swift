import Glibc
import Links
import Linux
import TestSupport
import Testing

/// The simulated board by command: buttons, cables, lamps.
@Suite struct BoardCommandTests {
  @Test func cablesPulledAndPutBackAreToldAtOnce() throws {
    let box = try Box()
    for device in DeviceName.allCases {
      #expect(try box.command("board", "unplug", device.rawValue).exit == .exited(code: 0))
      try box.wait(for: "\(device) to be gone") {
        $0.devices[device.rawValue] == BoxStatus.Device(state: "gone", detail: "unplugged")
      }
    }
    try box.wait(for: "the warning on the STATUS lamp") { $0.lamps["status"] == "red" }
    for device in DeviceName.allCases {
      #expect(try box.command("board", "plug", device.rawValue).exit == .exited(code: 0))
      try box.wait(for: "\(device) to be back") { $0.devices[device.rawValue]?.state == "idle" }
    }
    #expect(box.output.text.contains("fault over: camera"))
  }

  @Test func pressesAreClassified() throws {
    let box = try Box()
    #expect(try box.command("press", "call").exit == .exited(code: 0))
    #expect(try box.command("press", "hangup", "--hold", "3100").exit == .exited(code: 0))
    #expect(
      box.output.wait {
        $0.contains("button: call pressed") && $0.contains("button: hangUp held")
      })
  }

  @Test func lampsKeepTheirTimeline() throws {
    let directory = try ScratchDirectory()
    let timeline = "\(directory.path)/lamps.jsonl"
    let box = try Box(settings: ["lamps.timeline=\(timeline)"], in: directory)
    try box.wait(for: "the blip of a box with nobody to call") { $0.state == "nobodyReachable" }
    box.send(SIGTERM)
    #expect(try box.waitForEnd() == .exited(code: 0))
    let text = try #require(Self.read(timeline))
    let lights = text.split(separator: "\n").map { $0.contains("\"status\"") && $0.contains("\"blue\"") }
    #expect(lights.first == true)
    // At the end all lamps are off.
    #expect(text.split(separator: "\n").last { $0.contains("\"status\"") }?.contains("\"off\"") == true)
  }

  @Test func theReadyBeepIsHeard() throws {
    let directory = try ScratchDirectory()
    let recording = "\(directory.path)/speaker.wav"
    let box = try Box(settings: ["speaker.record=\(recording)"], in: directory)
    try box.wait(for: "the beep to be over") {
      $0.devices["speaker"]?.state == "idle" && ($0.counters["speakerBlocks"] ?? 0) >= 10
    }
    box.send(SIGTERM)
    #expect(try box.waitForEnd() == .exited(code: 0))
    // 200 ms of 48 kHz, 16 bits, behind the header; silence while the speaker is open, and where this machine was late.
    let bytes = Array(try #require(Self.bytes(recording)).dropFirst(44))
    let sounding = stride(from: 0, to: bytes.count - 1, by: 2).filter { bytes[$0] != 0 || bytes[$0 + 1] != 0 }.count
    #expect((9_000...9_600).contains(sounding), "\(sounding) samples of sound")
  }

  static func read(_ path: String) -> String? { bytes(path).map { String(decoding: $0, as: UTF8.self) } }

  static func bytes(_ path: String) -> ArraySlice<UInt8>? {
    let number = open(path, O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { return nil }
    let file = Descriptor(adopting: number)
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = Glibc.read(file.number, &bytes, bytes.count)
    return count < 0 ? nil : bytes[..<count]
  }

  static func size(_ path: String) -> Int? {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : nil
  }
}
