import Glibc
import Linux
import Synchronization
import TestSupport
import Testing

@testable import Hardware

/// Every error of the driver that needs an answer of its own, at the wrapper, with the kernel played by the test.
@Suite struct ALSAFaultTests {
  /// A folder that lists one card at USB, in use by this process.
  private static func cards(_ directory: ScratchDirectory) throws -> ALSAFinder {
    let root = directory.path
    for folder in ["card1/pcm0c/sub0", "card1/pcm0p/sub0"] { try Files.makeDirectory("\(root)/\(folder)") }
    try write(Array("Headset\n".utf8), to: "\(root)/card1/id")
    try write(Array("0d8c:0014\n".utf8), to: "\(root)/card1/usbid")
    for folder in ["pcm0c", "pcm0p"] {
      try write(
        Array("state: RUNNING\nowner_pid   : \(getpid())\ntrigger_time: 1.0\n".utf8),
        to: "\(root)/card1/\(folder)/sub0/status")
    }
    return ALSAFinder(directory: root)
  }

  private let directory: ScratchDirectory
  private let finder: ALSAFinder

  init() throws {
    directory = try ScratchDirectory()
    finder = try Self.cards(directory)
  }

  private func microphone(_ change: (inout PlayedALSA.Card) -> Void = { _ in }) throws -> (ALSAMicrophone, PlayedALSA) {
    var card = PlayedALSA.Card(isCapturing: true)
    change(&card)
    let played = PlayedALSA(card)
    return (try ALSAMicrophone(.init(), finder: finder, calls: played.calls), played)
  }

  private func speaker(_ change: (inout PlayedALSA.Card) -> Void = { _ in }) throws -> (ALSASpeaker, PlayedALSA) {
    var card = PlayedALSA.Card(isCapturing: false)
    change(&card)
    let played = PlayedALSA(card)
    return (try ALSASpeaker(.init(), finder: finder, calls: played.calls), played)
  }

  /// Reads blocks; gives their first samples, and when they were heard.
  private func listen(_ microphone: ALSAMicrophone, blocks: Int) throws(DeviceError) -> (
    first: [Int16], heard: [MonotonicTime]
  ) {
    let memory = block()
    defer { withExtendedLifetime(memory) {} }
    var (first, heard): ([Int16], [MonotonicTime]) = ([], [])
    for _ in 0..<blocks {
      heard.append(try microphone.read(into: memory.samples))
      first.append(memory.samples[0])
    }
    return (first, heard)
  }

  private func say(_ value: Int16, _ speaker: ALSASpeaker) throws(DeviceError) -> Int {
    let memory = block()
    defer { withExtendedLifetime(memory) {} }
    memory.samples.update(repeating: value)
    return try speaker.write(UnsafeBufferPointer(memory.samples))
  }

  // MARK: Opening

  struct Opening: Sendable, CustomTestStringConvertible {
    var call: String
    var codes: [Int32]
    /// Nil where it opens all the same.
    var error: DeviceError?
    var names: [String] = ["hw:CARD=Headset,DEV=0"]
    var testDescription: String { "\(call) \(codes)" }
  }

  /// What ENOSPC means at USB.
  private static func full(_ call: String) -> DeviceError {
    .unsupported("no room on the USB bus (\(call)): other devices at the same port take too much")
  }

  static let openings = [
    Opening(call: "open", codes: [EINTR, EINTR], error: nil),
    Opening(call: "open", codes: [EBUSY], error: .busy(by: SmallFile.line("/proc/self/comm"))),
    Opening(call: "open", codes: [EAGAIN], error: .busy(by: SmallFile.line("/proc/self/comm"))),
    Opening(call: "open", codes: [ENODEV], error: .gone),
    Opening(call: "open", codes: [ENOENT], error: .gone),
    Opening(
      call: "open", codes: [EACCES],
      error: .denied("snd_pcm_open hw:CARD=Headset,DEV=0: Permission denied: add the user to the group audio")),
    Opening(
      call: "open", codes: [ENOMEM], error: .ioFailure(call: "snd_pcm_open hw:CARD=Headset,DEV=0", errno: ENOMEM)),
    Opening(call: "open", codes: [ENXIO], error: .gone),
    Opening(call: "open", codes: [EIO], error: .ioFailure(call: "snd_pcm_open hw:CARD=Headset,DEV=0", errno: EIO)),
    Opening(call: "configure", codes: [EINTR], error: nil),
    Opening(call: "configure", codes: [ENODEV], error: .gone),
    Opening(call: "configure", codes: [EBUSY], error: .busy(by: nil)),
    Opening(call: "configure", codes: [EIO], error: .ioFailure(call: "snd_pcm_hw_params_set_rate", errno: EIO)),
    Opening(call: "configure", codes: [ENOSPC], error: full("snd_pcm_hw_params_set_rate")),
    Opening(
      call: "configure", codes: [ENOTTY], error: nil, names: ["hw:CARD=Headset,DEV=0", "plughw:CARD=Headset,DEV=0"]),
    // It went while the library was to convert.
    Opening(
      call: "configure", codes: [EINVAL, ENODEV], error: .gone,
      names: ["hw:CARD=Headset,DEV=0", "plughw:CARD=Headset,DEV=0"]),
    // The card cannot do the rate: then the library converts.
    Opening(
      call: "configure", codes: [EINVAL], error: nil, names: ["hw:CARD=Headset,DEV=0", "plughw:CARD=Headset,DEV=0"]),
    Opening(
      call: "configure", codes: [EINVAL, EINVAL],
      error: .unsupported("Headset has no 16-bit sound at 48 kHz (snd_pcm_hw_params_set_rate)"),
      names: ["hw:CARD=Headset,DEV=0", "plughw:CARD=Headset,DEV=0"]),
  ]

  @Test(arguments: openings) func whatOpeningMeans(_ row: Opening) throws {
    for isCapture in [true, false] {
      var card = PlayedALSA.Card(isCapturing: isCapture)
      card.faults[row.call] = row.codes
      let played = PlayedALSA(card)
      var error: DeviceError?
      do throws(DeviceError) {
        if isCapture {
          let device = try ALSAMicrophone(.init(), finder: finder, calls: played.calls)
          try device.open()
          device.close()
        } else {
          let device = try ALSASpeaker(.init(), finder: finder, calls: played.calls)
          try device.open()
          device.close()
        }
      } catch let failure { error = failure }
      #expect(error == row.error)
      let opened = played.with { $0.calls.filter { $0.hasPrefix("open") } }
      #expect(Array(Set(opened)).sorted() == row.names.map { "open \($0)" }.sorted())
      #expect(played.with { $0.open } == 0, "nothing is left open")
    }
  }

  // MARK: Running

  struct Fault: Sendable, CustomTestStringConvertible {
    var name: String
    var change: @Sendable (inout PlayedALSA.Card) -> Void
    var error: DeviceError?
    /// Sound that was lost on the way.
    var lost = 0
    var testDescription: String { name }
  }

  /// For what is the same in both directions.
  private static func both(_ call: String) -> [Fault] {
    let name = call == "read" ? "snd_pcm_readi" : "snd_pcm_writei"
    return [
      Fault(name: "EINTR is made again", change: { $0.faults[call] = [EINTR] }),
      Fault(name: "EAGAIN waits", change: { $0.faults[call] = [EAGAIN, EAGAIN] }),
      Fault(name: "EPIPE is counted and begins anew", change: { $0.faults[call] = [EPIPE] }, lost: 1),
      Fault(name: "EPIPE from the status", change: { $0.faults["status"] = [EPIPE] }, lost: 1),
      Fault(
        name: "EPIPE again and again is an error", change: { $0.faults[call] = Array(repeating: EPIPE, count: 20) },
        error: .ioFailure(call: name, errno: EPIPE), lost: 9),
      Fault(
        name: "ESTRPIPE is resumed",
        change: {
          $0.faults[call] = [ESTRPIPE]
          $0.faults["resume"] = [EAGAIN, EINTR, EAGAIN]
        }),
      Fault(
        name: "a card that cannot resume begins anew",
        change: {
          $0.faults[call] = [ESTRPIPE]
          $0.faults["resume"] = [ENOSYS]
        }),
      Fault(
        name: "a card that never wakes up",
        change: {
          $0.faults[call] = [ESTRPIPE]
          $0.faults["resume"] = Array(repeating: EAGAIN, count: 200)
        }, error: .timedOut),
      Fault(
        name: "the status is asked again after EINTR and EAGAIN", change: { $0.faults["status"] = [EINTR, EAGAIN] }),
      Fault(
        name: "the status fails", change: { $0.faults["status"] = [EIO] },
        error: .ioFailure(call: "snd_pcm_status", errno: EIO)),
      Fault(
        name: "ESTRPIPE from the status",
        change: {
          $0.faults["status"] = [ESTRPIPE]
          $0.faults["resume"] = [EAGAIN]
        }),
      Fault(
        name: "a card that goes while it is resumed",
        change: {
          $0.faults[call] = [ESTRPIPE]
          $0.faults["resume"] = [EAGAIN, ENODEV]
        }, error: .gone),
      Fault(name: "ENXIO is gone", change: { $0.faults[call] = [ENXIO] }, error: .gone),
      Fault(name: "EBUSY is told", change: { $0.faults[call] = [EBUSY] }, error: .busy(by: nil)),
      Fault(
        name: "ENOENT is told", change: { $0.faults[call] = [ENOENT] }, error: .ioFailure(call: name, errno: ENOENT)),
      Fault(name: "ENOSPC is told", change: { $0.faults[call] = [ENOSPC] }, error: full(name)),
      Fault(name: "ENODEV is gone", change: { $0.faults[call] = [ENODEV] }, error: .gone),
      Fault(name: "ENODEV from the status", change: { $0.faults["status"] = [ENODEV] }, error: .gone),
      Fault(
        name: "ENODEV while it is made ready",
        change: {
          $0.faults[call] = [EPIPE]
          $0.faults["prepare"] = [ENODEV]
        }, error: .gone, lost: 1),
      Fault(
        name: "it is made ready in spite of signals",
        change: {
          $0.faults[call] = [EPIPE]
          $0.faults["prepare"] = [EINTR, EINTR]
        }, lost: 1),
      Fault(
        name: "no bandwidth when it is made ready",
        change: {
          $0.faults[call] = [EPIPE]
          $0.faults["prepare"] = [ENOSPC]
        }, error: full("snd_pcm_prepare"), lost: 1),
      Fault(
        name: "it cannot be made ready",
        change: {
          $0.faults[call] = [EPIPE]
          $0.faults["prepare"] = [EIO]
        }, error: .ioFailure(call: "snd_pcm_prepare", errno: EIO), lost: 1),
      Fault(
        name: "EIO is told", change: { $0.faults[call] = [EIO] },
        error: .ioFailure(call: name, errno: EIO)),
      Fault(name: "EBADFD is made ready again", change: { $0.faults[call] = [EBADFD] }),
      Fault(
        name: "a wait that is interrupted", change: { $0.waits = [.failure(SystemError("poll", code: EINTR))] }),
      Fault(name: "a wait that says EAGAIN", change: { $0.waits = [.failure(SystemError("poll", code: EAGAIN))] }),
      Fault(name: "a wait that ends for nothing", change: { $0.waits = [.success(.init(interrupted: true))] }),
      Fault(
        name: "a wait that fails once", change: { $0.waits = [.success(.init(failed: true))] }),
      Fault(
        name: "a wait that fails", change: { $0.waits = [.failure(SystemError("poll", code: ENOMEM))] },
        error: .ioFailure(call: "poll", errno: ENOMEM)),
      Fault(
        name: "a card that says nothing but that it failed",
        change: {
          $0.waits = Array(repeating: .success(.init(failed: true)), count: 20)
        }, error: .ioFailure(call: "poll", errno: EIO)),
      Fault(name: "a card that stands still", change: { $0.stands = true }, error: .timedOut),
      Fault(name: "short reads and writes", change: { $0.shortReads = [1, 7, 300, 2, 5] }),
      Fault(name: "a start in spite of a signal", change: { $0.faults["start"] = [EINTR] }),
      Fault(name: "a start that ran dry begins anew", change: { $0.faults["start"] = [EPIPE] }, lost: 1),
      Fault(
        name: "a start while the machine wakes up",
        change: {
          $0.faults["start"] = [ESTRPIPE]
          $0.faults["resume"] = [ENOSYS]
        }),
      Fault(
        name: "no start again and again", change: { $0.faults["start"] = Array(repeating: EPIPE, count: 20) },
        error: .ioFailure(call: "snd_pcm_start", errno: EPIPE), lost: 9),
      Fault(name: "no start: unplugged", change: { $0.faults["start"] = [ENODEV] }, error: .gone),
      Fault(name: "no start: the bus is full", change: { $0.faults["start"] = [ENOSPC] }, error: full("snd_pcm_start")),
      Fault(
        name: "no start", change: { $0.faults["start"] = [EIO] }, error: .ioFailure(call: "snd_pcm_start", errno: EIO)),
    ]
  }

  @Test(arguments: both("read")) func whatReadingMeans(_ row: Fault) throws {
    let (microphone, played) = try microphone(row.change)
    var error: DeviceError?
    var first: [Int16] = []
    do throws(DeviceError) {
      try microphone.open()
      first = try listen(microphone, blocks: 3).first
    } catch let failure { error = failure }
    #expect(error == row.error)
    #expect(microphone.overruns == row.lost)
    // Whole blocks, one behind the other, wherever they begin.
    if error == nil { #expect(zip(first, first.dropFirst()).allSatisfy { $1 == $0 + 960 }, "\(first)") }
    microphone.close()
    #expect(played.with { $0.open } == 0)
  }

  @Test(arguments: both("write")) func whatWritingMeans(_ row: Fault) throws {
    let (speaker, played) = try speaker(row.change)
    var error: DeviceError?
    do throws(DeviceError) {
      try speaker.open()
      for value in 1...3 as ClosedRange<Int16> { _ = try say(value, speaker) }
    } catch let failure { error = failure }
    #expect(error == row.error)
    #expect(speaker.underruns == row.lost)
    if error == nil {
      let written = played.with { $0.written }
      // A block that came when it went wrong may be heard twice, as the buffer was emptied; none is left out.
      for value in 1...3 as ClosedRange<Int16> { #expect(written.count { $0 == value } >= 960) }
      #expect(written.last == 3)
    }
    speaker.close()
    #expect(played.with { $0.open } == 0)
  }

  @Test func aDisconnectedCardIsGoneWhateverItSays() throws {
    for code in [EIO, EBADFD, ENOTTY, EPIPE] {
      let (microphone, played) = try microphone()
      try microphone.open()
      _ = try listen(microphone, blocks: 1)
      played.with {
        $0.state = .disconnected
        $0.faults["status"] = [code]
        $0.faults["prepare"] = [EIO]
      }
      #expect(throws: DeviceError.gone) { try listen(microphone, blocks: 1) }
      microphone.close()
    }
  }

  // MARK: Times and blocks

  @Test func blocksAreHeardOneBehindTheOtherAtTheCardsTime() throws {
    for (further, hasTimes) in [(0, true), (48, true), (0, false), (-5, true), (10_000_000, true)] {
      let (microphone, played) = try microphone {
        $0.further = further
        $0.hasTimes = hasTimes
      }
      try microphone.open()
      let start = played.with { $0.now }
      let heard = try listen(microphone, blocks: 50).heard
      let late = further == 48 ? Int64(1_000) : 0
      #expect(heard.map { ($0 - start).microseconds } == (0..<50).map { $0 * 20_000 - late })
    }
  }

  /// Five minutes, in which such a card gains or loses 300 ms.
  @Test(arguments: [1e-3, -1e-3]) func aCardWithAnotherClockPilesNothingUp(_ drift: Double) throws {
    let (microphone, played) = try microphone { $0.drift = drift }
    try microphone.open()
    let start = played.with { $0.now }
    let memory = block()
    for number in 0..<15_000 {
      let heard = try microphone.read(into: memory.samples)
      let age = played.with { $0.now } - heard
      try #require(abs((heard - start).seconds - Double(number) * 0.02 / (1 + drift)) < 0.0001)
      try #require(age < .milliseconds(21))
    }
    #expect(microphone.overruns == 0)
    let (speaker, card) = try speaker { $0.drift = drift }
    try speaker.open()
    for _ in 0..<15_000 {
      try speaker.waitForRoom()
      let delay = try speaker.write(UnsafeBufferPointer(memory.samples))
      try #require((27_000...32_000).contains(delay))
      card.with { $0.written.removeAll(keepingCapacity: true) }
    }
    #expect(speaker.underruns == 0)
  }

  @Test func theFirstChannelIsTakenAndAllAreFilled() throws {
    let (microphone, _) = try microphone { $0.channels = 2 }
    try microphone.open()
    #expect(try listen(microphone, blocks: 3).first == [0, 960, 1_920])
    let (speaker, played) = try speaker { $0.channels = 2 }
    try speaker.open()
    _ = try say(5, speaker)
    #expect(played.with { $0.written } == Array(repeating: 0, count: 2 * 576) + Array(repeating: 5, count: 2 * 960))
  }

  @Test func aLateReaderHearsTheNewestAndItIsCounted() throws {
    let (microphone, played) = try microphone()
    try microphone.open()
    let first = try listen(microphone, blocks: 1).heard
    played.with { $0.pass(20_000) }
    let later = try listen(microphone, blocks: 1).heard
    #expect(microphone.overruns == 1)
    #expect(later[0] - first[0] > .milliseconds(400))
  }

  @Test func theSpeakerStartsWithItsLeadAndKeepsIt() throws {
    let (speaker, played) = try speaker()
    try speaker.open()
    try speaker.waitForRoom()
    var delays: [Int] = []
    for _ in 0..<50 { delays.append(try say(1, speaker)) }
    // The lead, a block, and less than a period's step.
    #expect(delays.first == 32_000)
    #expect(delays.allSatisfy { (27_000...32_000).contains($0) }, "\(delays)")
    #expect(speaker.underruns == 0)
    try speaker.waitForRoom()
    #expect((336...576).contains(played.with { $0.filled }))
  }

  @Test func aSpeakerThatRanDryBeginsWithSilenceAgain() throws {
    let (speaker, played) = try speaker()
    try speaker.open()
    _ = try say(1, speaker)
    played.with { $0.pass(5_000) }
    #expect(try say(2, speaker) == 32_000)
    #expect(speaker.underruns == 1)
    let silence = [Int16](repeating: 0, count: 576)
    let expected = [silence, [Int16](repeating: 1, count: 960), silence, [Int16](repeating: 2, count: 960)]
    #expect(played.with { $0.written } == Array(expected.joined()))
  }

  @Test(arguments: [(240, 960), (1_024, 2_048), (4_096, 8_192), (480, 500)])
  func cardsWithOtherBuffersPlayAll(_ period: Int, _ buffer: Int) throws {
    let (speaker, played) = try speaker {
      $0.period = period
      $0.buffer = buffer
    }
    try speaker.open()
    for value in 1...20 as ClosedRange<Int16> { _ = try say(value, speaker) }
    let written = played.with { $0.written }
    for value in 1...20 as ClosedRange<Int16> { #expect(written.count { $0 == value } >= 960) }
  }

  // MARK: Closing

  @Test func closingFromAnotherThreadEndsAWait() throws {
    let waiting = Entry()
    let played = PlayedALSA(PlayedALSA.Card(isCapturing: true))
    var calls = played.calls
    calls.wait = { _, other, _ in
      waiting.enter()
      // As the kernel would: until the other descriptor can be read.
      var entry = pollfd(fd: other, events: Int16(POLLIN), revents: 0)
      _ = poll(&entry, 1, 30_000)
      return .success(ALSACalls.Woken(interrupted: entry.revents != 0))
    }
    let microphone = try ALSAMicrophone(.init(), finder: finder, calls: calls)
    let result = Outcome()
    let worker = try Worker(name: "reader") {
      let memory = block()
      do throws(DeviceError) {
        try microphone.open()
        _ = try microphone.read(into: memory.samples)
      } catch { result.error.withLock { $0 = error } }
    }
    waiting.waitForEntry()
    microphone.close()
    worker.join()
    #expect(result.error.withLock { $0 } == .closed)
    #expect(played.with { $0.open } == 0, "the waiting thread let go of it")
    try microphone.open()
    microphone.close()
  }

  private final class Outcome: Sendable { let error = Mutex<DeviceError?>(nil) }

  /// Tells that a thread waits.
  private final class Entry: @unchecked Sendable {
    private let entered = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
    init() { sem_init(entered, 0, 0) }
    deinit {
      sem_destroy(entered)
      entered.deallocate()
    }
    func enter() { sem_post(entered) }
    func waitForEntry() { while sem_wait(entered) != 0 {} }
  }

  @Test func aDeviceIsOpenOnce() throws {
    let (microphone, played) = try microphone()
    #expect(throws: DeviceError.closed) { try listen(microphone, blocks: 1) }
    microphone.close()
    try microphone.open()
    #expect(throws: DeviceError.busy(by: nil)) { try microphone.open() }
    _ = try listen(microphone, blocks: 1)
    microphone.close()
    microphone.close()
    #expect(played.with { $0.open } == 0)
  }
}
