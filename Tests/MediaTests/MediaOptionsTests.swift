import Testing

@testable import Media

@Suite struct MediaOptionsTests {
  static let complete: [String] = [
    "--root", "/x", "--control", "3", "--udp", "4", "--frames", "5", "--ring", "6", "--capture", "7", "--playback", "8",
    "--ring-slots", "4", "--ring-slot-bytes", "614400",
  ]

  @Test("All that the supervisor passes is taken") func whole() throws {
    let options = try MediaOptions(arguments: Self.complete)
    #expect(options.control == 3 && options.udp == 4 && options.frames == 5 && options.ring == 6)
    #expect(options.capture == 7 && options.playback == 8)
    #expect(options.ringSlots == 4 && options.ringSlotBytes == 614_400)
  }

  @Test(
    "What is wrong is named",
    arguments: [
      (["--control"], MediaOptionsError.noValue("--control")),
      (["control"], .unexpected("control")),
      (["--udp", "x"], .notANumber("--udp", "x")),
      (["--udp", "-1"], .notANumber("--udp", "-1")),
      (["--udp", "99999999999"], .notANumber("--udp", "99999999999")),
      ([], .missing("--control")),
      (Array(complete.dropLast(2)), .missing("--ring-slot-bytes")),
      (Array(complete.dropLast(2)) + ["--ring-slot-bytes", "0"], .missing("--ring-slot-bytes")),
    ])
  func refused(_ arguments: [String], _ error: MediaOptionsError) {
    #expect(throws: error) { try MediaOptions(arguments: arguments) }
    #expect(!error.description.isEmpty)
  }
}
