import Glibc
import Links
import Linux
import Synchronization
import TestSupport
import Testing

@testable import Hardware
@testable import Supervisor

/// What every microphone with its speaker does, whatever is behind them.
enum SoundContract {
  struct Check: Sendable, CustomTestStringConvertible {
    var name: String
    var body: @Sendable (any SoundUnderTest) throws -> Void
    var testDescription: String { name }
    init(_ name: String, _ body: @escaping @Sendable (any SoundUnderTest) throws -> Void) {
      self.name = name
      self.body = body
    }
  }

  static let checks: [Check] = [
    Check("blocks come at their pace, and their times are those of the samples") { device in
      try device.microphone.open()
      defer { device.microphone.close() }
      let start = device.now
      // What a card has at first may come at once.
      let heard = try Array(listen(device, blocks: 55).heard.dropFirst(5))
      #expect(zip(heard, heard.dropFirst()).allSatisfy { $0 < $1 })
      #expect(heard.allSatisfy { $0 > start - .milliseconds(50) && $0 < device.now })
      let length = try #require(heard.last) - #require(heard.first)
      #expect((0.93...1.07).contains(length.seconds / (49 * 0.02)), "49 blocks in \(length)")
    },
    Check("a tone at the microphone is heard with its frequency") { device in
      for hertz in [440.0, 1_000] {
        try device.say(hertz: hertz)
        try device.microphone.open()
        defer { device.microphone.close() }
        try expectTone(hertz, device)
      }
    },
    Check("what is played is heard with its frequency") { device in
      try device.speaker.open()
      defer { device.speaker.close() }
      var tone = Tone(hertz: 660)
      try play(&tone, device, blocks: 60)
      let heard = try device.heard()
      #expect((650...670).contains(heard), "\(heard) Hz")
    },
    Check("how long a sample takes to the air is told, and stays about that") { device in
      try device.speaker.open()
      defer { device.speaker.close() }
      var tone = Tone(hertz: 440)
      let delays = try play(&tone, device, blocks: 50)
      // A block, the lead, and what a card keeps for itself.
      #expect(delays.dropFirst(5).allSatisfy { (15_000...90_000).contains($0) }, "\(delays)")
    },
    Check("who reads late loses sound, which is counted, and goes on with the present") { device in
      try device.say(hertz: 440)
      try device.microphone.open()
      defer { device.microphone.close() }
      let before = try #require(listen(device, blocks: 5).heard.last)
      let lost = device.microphone.overruns
      device.pass(.milliseconds(700))
      let later = try listen(device, blocks: 15).heard
      #expect(device.microphone.overruns > lost)
      #expect(try #require(later.last) - before > .milliseconds(700))
      #expect(zip(later, later.dropFirst()).allSatisfy { $0 < $1 })
      try expectTone(440, device)
    },
    Check("a speaker that had nothing to play says so and goes on") { device in
      try device.speaker.open()
      defer { device.speaker.close() }
      var tone = Tone(hertz: 880)
      try play(&tone, device, blocks: 5)
      let dry = device.speaker.underruns
      device.pass(.milliseconds(300))
      try play(&tone, device, blocks: 60)
      #expect(device.speaker.underruns > dry)
      let heard = try device.heard()
      #expect((870...890).contains(heard), "\(heard) Hz")
    },
    Check("closing from another thread ends a wait") { device in
      #expect(try outcome(of: device) { device.microphone.close() } == .closed)
      try device.microphone.open()
      _ = try listen(device, blocks: 1)
      device.microphone.close()
    },
    Check("each is open once, and not at all before") { device in
      let memory = block()
      defer { withExtendedLifetime(memory) {} }
      #expect(throws: DeviceError.closed) { try device.microphone.read(into: memory.samples) }
      #expect(throws: DeviceError.closed) { try device.speaker.write(UnsafeBufferPointer(memory.samples)) }
      device.microphone.close()
      device.speaker.close()
      try device.microphone.open()
      try device.speaker.open()
      #expect(throws: DeviceError.busy(by: nil)) { try device.microphone.open() }
      #expect(throws: DeviceError.busy(by: nil)) { try device.speaker.open() }
      _ = try listen(device, blocks: 1)
      var tone = Tone(hertz: 440)
      try play(&tone, device, blocks: 1)
      device.microphone.close()
      device.speaker.close()
    },
    Check("blocks of another length are refused, and nothing else happens") { device in
      try device.microphone.open()
      try device.speaker.open()
      defer {
        device.microphone.close()
        device.speaker.close()
      }
      let memory = block()
      defer { withExtendedLifetime(memory) {} }
      let short = UnsafeMutableBufferPointer(rebasing: memory.samples.dropLast())
      #expect(throws: DeviceError.unsupported("expected room for 960 samples, got 959")) {
        try device.microphone.read(into: short)
      }
      #expect(throws: DeviceError.unsupported("expected 960 samples, got 959")) {
        try device.speaker.write(UnsafeBufferPointer(short))
      }
      _ = try listen(device, blocks: 1)
    },
    Check("fifty openings leave nothing behind") { device in
      // Other tests of the process come and go meanwhile, so the least of several rounds counts.
      var least = Int.max
      for _ in 0..<5 where least >= 25 {
        let before = Files.names(in: "/proc/self/fd").count
        for _ in 0..<50 {
          try device.microphone.open()
          try device.speaker.open()
          device.microphone.close()
          device.speaker.close()
        }
        least = min(least, Files.names(in: "/proc/self/fd").count - before)
      }
      #expect(least < 25)
    },
  ]

  // MARK: Hands

  /// Reads blocks.
  @discardableResult
  static func listen(_ device: any SoundUnderTest, blocks: Int) throws(DeviceError) -> (
    samples: [Int16], heard: [MonotonicTime]
  ) {
    let memory = block()
    defer { withExtendedLifetime(memory) {} }
    var (samples, heard): ([Int16], [MonotonicTime]) = ([], [])
    for _ in 0..<blocks {
      heard.append(try device.microphone.read(into: memory.samples))
      samples += Array(memory.samples)
    }
    return (samples, heard)
  }

  /// Writes blocks; gives what was told of the way to the air.
  @discardableResult
  static func play(_ tone: inout Tone, _ device: any SoundUnderTest, blocks: Int) throws(DeviceError) -> [Int] {
    let memory = block()
    defer { withExtendedLifetime(memory) {} }
    var delays: [Int] = []
    for _ in 0..<blocks {
      tone.next(into: memory.samples)
      try device.speaker.waitForRoom()
      delays.append(try device.speaker.write(UnsafeBufferPointer(memory.samples)))
    }
    return delays
  }

  /// Listens until a tone is there: the way to the microphone may be long, and a busy machine makes holes.
  static func expectTone(_ hertz: Double, _ device: any SoundUnderTest) throws {
    var heard = 0.0
    for _ in 0..<20 {
      heard = frequency(try listen(device, blocks: 10).samples)
      if abs(heard - hertz) < hertz * 0.015 { return }
    }
    Issue.record("\(heard) Hz, expected \(hertz)")
  }

  /// What ends a thread that reads.
  private static func outcome(of device: any SoundUnderTest, after act: () -> Void) throws -> DeviceError? {
    final class Outcome: Sendable {
      let error = Mutex<DeviceError?>(nil)
      let blocks = Atomic(0)
    }
    let outcome = Outcome()
    let microphone = device.microphone
    let thread = try Worker(name: "reader") {
      let memory = block()
      defer { withExtendedLifetime(memory) {} }
      do throws(DeviceError) {
        try microphone.open()
        while true {
          _ = try microphone.read(into: memory.samples)
          outcome.blocks.add(1, ordering: .relaxed)
        }
      } catch {
        outcome.error.withLock { $0 = error }
      }
    }
    let deadline = MonotonicTime.now() + .seconds(10)
    while outcome.blocks.load(ordering: .relaxed) < 3, MonotonicTime.now() < deadline { usleep(1_000) }
    act()
    thread.join()
    return outcome.error.withLock { $0 }
  }
}

/// A sine without steps between its blocks.
struct Tone {
  private let step: Double
  private var phase = 0.0
  init(hertz: Double) { step = 2 * Double.pi * hertz / 48_000 }

  mutating func next(into block: UnsafeMutableBufferPointer<Int16>) {
    for index in block.indices {
      block[index] = Int16(8_000 * sin(phase))
      phase += step
    }
  }
}

/// The frequency of one tone, by the times at which it goes upwards through zero; 0 for silence.
func frequency(_ samples: some Collection<Int16>) -> Double {
  var (first, last, count, before) = (0, 0, 0, Int16(0))
  for (index, sample) in samples.enumerated() {
    if before < 0, sample >= 0 {
      if count == 0 { first = index }
      (last, count) = (index, count + 1)
    }
    before = sample
  }
  return count > 1 ? Double(count - 1) * 48_000 / Double(last - first) : 0
}

@Suite struct SoundContractTests {
  @Test(arguments: SoundMaker.everywhere, SoundContract.checks)
  func holds(_ device: SoundMaker, _ check: SoundContract.Check) throws { try check.body(device.make()) }

  @Test(arguments: SoundMaker.everywhere, SoundPlugContract.checks)
  func plugs(_ device: SoundMaker, _ check: SoundPlugContract.Check) throws { try check.body(device.make()) }
}

/// Sound cards of this machine's kernel, one test after the other: there is one of each.
@Suite(
  .serialized, .enabled(if: !SoundMaker.inVirtualMachine.isEmpty, "no sound card to try here: Tests/VM/run has some"))
struct KernelSoundTests {
  @Test(arguments: SoundMaker.inVirtualMachine, SoundContract.checks)
  func holds(_ device: SoundMaker, _ check: SoundContract.Check) throws { try check.body(device.make()) }

  @Test(arguments: SoundMaker.inVirtualMachine.filter(\.canBePulled), SoundPlugContract.checks)
  func plugs(_ device: SoundMaker, _ check: SoundPlugContract.Check) throws { try check.body(device.make()) }
}
