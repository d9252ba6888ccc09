import Glibc
import Linux
import TestSupport
import Testing

@testable import Hardware

/// The drivers on libasound itself, without a card: its plug-ins that write to a file and that are nothing.
@Suite struct ALSALibraryTests {
  @Test func whatIsPlayedIsInTheFile() throws {
    let directory = try ScratchDirectory()
    let path = directory.path + "/played.raw"
    let speaker = try ALSASpeaker(.init(device: "file:\(path),raw"))
    try speaker.open()
    let memory = block()
    defer { withExtendedLifetime(memory) {} }
    var tone = Tone(hertz: 500)
    for _ in 0..<50 {
      tone.next(into: memory.samples)
      try speaker.waitForRoom()
      let delay = try speaker.write(UnsafeBufferPointer(memory.samples))
      #expect((0...100_000).contains(delay))
    }
    speaker.close()
    let bytes = read(path)
    let samples = stride(from: 0, to: bytes.count - 1, by: 2).map {
      Int16(bitPattern: UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8)
    }
    // The silence ahead, and every block.
    #expect(samples.count >= 50 * 960)
    #expect(abs(frequency(samples.suffix(48_000)) - 500) < 1)
    #expect(speaker.underruns == 0)
  }

  @Test func nothingIsHeardFromNothing() throws {
    let microphone = try ALSAMicrophone(.init(device: "null"))
    try microphone.open()
    let memory = block()
    defer { withExtendedLifetime(memory) {} }
    for _ in 0..<20 {
      let heard = try microphone.read(into: memory.samples)
      #expect(heard <= .now())
      #expect(memory.samples.allSatisfy { $0 == 0 })
    }
    #expect(microphone.overruns == 0)
    microphone.close()
  }

  @Test func aNameThatALSADoesNotKnowIsSaid() throws {
    let speaker = try ALSASpeaker(.init(device: "nothing:like,this"))
    #expect(throws: DeviceError.missing("nothing:like,this is not there")) { try speaker.open() }
  }
}
