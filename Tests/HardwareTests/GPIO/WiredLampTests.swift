import Glibc
import TestSupport
import Testing

@testable import Hardware

@Suite struct WiredLampTests {
  private func line(_ line: BenchLine) -> LampWire { .line(PlayedGPIO().line(line), activeLow: false) }

  @Test func aColourThatIsNotWiredIsSaidAndTheOtherGoesOut() throws {
    let kernel = PlayedGPIO()
    let lamp = WiredLamp(
      .status, [.blue: line(.blue)], ledDirectory: "/nowhere", gpio: kernel.calls, files: .system)
    try lamp.set(.blue)
    #expect(throws: DeviceError.unsupported("the status lamp has no red: nothing is wired to it")) {
      try lamp.set(.red)
    }
    #expect(try !kernel.isHigh(.blue))
  }

  @Test func aColourThatFailedDoesNotTakeTheOtherWithIt() throws {
    let kernel = PlayedGPIO()
    let lamp = WiredLamp(
      .status, [.blue: line(.blue), .red: line(.red)], ledDirectory: "/nowhere", gpio: kernel.calls, files: .system)
    try lamp.set(.blue)
    kernel.fail(.setActive, EIO)
    #expect(throws: DeviceError.ioFailure(call: "setActive line 2 of played-gpio", errno: EIO)) { try lamp.set(.red) }
    #expect(try kernel.isHigh(.red))
  }

  @Test func coloursMayBeALineAndALED() throws {
    let directory = try ScratchDirectory()
    let led = try PlayedLED("fieldbox:red", in: directory.path)
    let kernel = PlayedGPIO()
    let lamp = WiredLamp(
      .status, [.blue: line(.blue), .red: .led("fieldbox:red")], ledDirectory: directory.path, gpio: kernel.calls,
      files: .system)
    try lamp.set(.red)
    #expect(led.brightness == "255")
    #expect(try !kernel.isHigh(.blue))
    try lamp.set(.blue)
    #expect(led.brightness == "0")
    #expect(try kernel.isHigh(.blue))
  }
}
