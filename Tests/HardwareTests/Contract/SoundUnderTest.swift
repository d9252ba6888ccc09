import Glibc
import Links
import Linux
import Synchronization
import TestSupport
import Testing

@testable import Hardware

/// A sound card with a test at its other side.
protocol SoundUnderTest: AnyObject, Sendable {
  var microphone: any Microphone { get }
  var speaker: any Speaker { get }
  /// The time on the clock that the card is held to.
  var now: MonotonicTime { get }
  /// Lets the microphone hear a tone from now on.
  func say(hertz: Double) throws
  /// The frequency of what was played last.
  func heard() throws -> Double
  /// Lets time pass in which nobody reads or writes.
  func pass(_ time: Interval)
  func unplug() throws
  /// Puts it back, maybe under another number.
  func plug() throws
  /// So often it is pulled in a row to see what is left behind: fewer times where each takes an emulated processor a second.
  var pulls: Int { get }
}

extension SoundUnderTest {
  var now: MonotonicTime { .now() }
  var pulls: Int { 100 }
  func pass(_ time: Interval) { usleep(UInt32(time.microseconds)) }
}

/// Something that the contract is for.
struct SoundMaker: Sendable, CustomTestStringConvertible {
  var name: String
  var canBePulled = true
  var make: @Sendable () throws -> any SoundUnderTest
  var testDescription: String { name }

  /// What runs everywhere, in virtual time.
  static let everywhere = [
    SoundMaker(name: "simulated") { try SimulatedSoundUnderTest() },
    SoundMaker(name: "ALSA on a played kernel") { try PlayedSoundUnderTest() },
  ]

  /// Only for the virtual machine: a loopback card at whose other end the test plays and records, and an emulated headset at
  /// USB that takes orders.
  static let inVirtualMachine: [SoundMaker] = {
    func variable(_ name: String) -> String? { getenv("FIELDBOX_VM_\(name)").map { String(cString: $0) } }
    var makers: [SoundMaker] = []
    if let name = variable("LOOPBACK") {
      makers.append(SoundMaker(name: "loopback", canBePulled: false) { try LoopbackUnderTest(name) })
    }
    if let path = variable("HEADSET") {
      makers.append(SoundMaker(name: "headset at USB") { try HeadsetUnderTest(path) })
    }
    return makers
  }()
}

final class SimulatedSoundUnderTest: SoundUnderTest, @unchecked Sendable {
  private let directory: ScratchDirectory
  private let clock = VirtualClock()
  private let source: TestSource
  let microphone: any Microphone
  let speaker: any Speaker

  /// A WAV file that is written anew when another tone is wanted.
  private final class TestSource {
    let path: String
    init(_ path: String) { self.path = path }

    /// A second of it: whole waves.
    func write(_ hertz: Double) throws {
      var tone = Tone(hertz: hertz)
      let samples = [Int16](unsafeUninitializedCapacity: 48_000) { buffer, count in
        buffer.initialize(repeating: 0)
        tone.next(into: buffer)
        count = buffer.count
      }
      try HardwareTests.write(wav(samples), to: path)
    }
  }

  init() throws {
    directory = try ScratchDirectory()
    source = TestSource(directory.path + "/microphone.wav")
    try source.write(440)
    let board = try SimulatedBoard(
      SimulatedBoardConfiguration(
        microphone: .file(source.path), speakerRecording: directory.path + "/speaker.wav",
        largestRecordingBytes: 1_000_000), clock: clock)
    self.board = board
    microphone = board.microphone
    speaker = board.speaker
  }

  private let board: SimulatedBoard
  var now: MonotonicTime { clock.monotonic() }
  func pass(_ time: Interval) { clock.pass(time) }
  func say(hertz: Double) throws { try source.write(hertz) }
  func heard() throws -> Double {
    // The last that is written down; a tenth of a second is not yet.
    let bytes = read(directory.path + "/speaker.wav").suffix(19_200)
    return frequency(
      stride(from: bytes.startIndex, to: bytes.endIndex - 1, by: 2).map {
        Int16(bitPattern: UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8)
      })
  }
  func unplug() {
    board.plug(.microphone, in: false)
    board.plug(.speaker, in: false)
  }
  func plug() {
    board.plug(.microphone, in: true)
    board.plug(.speaker, in: true)
  }
}

final class PlayedSoundUnderTest: SoundUnderTest, @unchecked Sendable {
  private let directory: ScratchDirectory
  private let capture = PlayedALSA(PlayedALSA.Card(isCapturing: true))
  private let playback = PlayedALSA(PlayedALSA.Card(isCapturing: false))
  private let number = Atomic(0)
  let microphone: any Microphone
  let speaker: any Speaker

  init() throws {
    directory = try ScratchDirectory()
    let finder = ALSAFinder(directory: directory.path)
    microphone = try ALSAMicrophone(.init(), finder: finder, calls: capture.calls)
    speaker = try ALSASpeaker(.init(), finder: finder, calls: playback.calls)
    try say(hertz: 440)
    try plug()
  }

  private var folder: String { "\(directory.path)/card\(number.load(ordering: .relaxed))" }
  var now: MonotonicTime { capture.with { $0.now } }
  func pass(_ time: Interval) {
    for card in [capture, playback] { card.with { $0.pass(Int(time.microseconds * 48 / 1_000)) } }
  }
  func say(hertz: Double) throws { capture.with { $0.hertz = hertz } }
  func heard() -> Double { frequency(playback.with { Array($0.written.suffix(9_600)) }) }

  func unplug() throws {
    // The kernel forgets the card first; who has it open is told at the next call.
    try #require(rename(folder, "\(directory.path)/gone\(number.load(ordering: .relaxed))") == 0)
    for card in [capture, playback] { card.with { $0.state = .disconnected } }
  }
  func plug() throws {
    number.add(1, ordering: .relaxed)
    for device in ["pcm0c", "pcm0p"] { try Files.makeDirectory("\(folder)/\(device)") }
    try write(Array("0d8c:0014\n".utf8), to: "\(folder)/usbid")
    try write(Array("Headset\n".utf8), to: "\(folder)/id")
  }
}
