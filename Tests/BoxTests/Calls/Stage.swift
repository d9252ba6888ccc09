import Configuration
import Glibc
import Links
import Linux
import Signaling
import Supervisor
import TestSupport
import Testing

/// A real box and the phones around it, on one loop: everything is waited for as an event.
final class Stage {
  /// What the simulated microphone plays, in hertz.
  static let boxTone = 620
  static let phoneTone = 1_000

  let loop: EventLoop
  let box: Box
  private(set) var status: BoxStatus
  /// Every state that the box was in, in order, and every light of the two lamps of a call, and every state of the camera.
  private(set) var states: [String] = []
  private(set) var callLights: Set<String> = []
  private(set) var talkLights: Set<String> = []
  private(set) var statusLights: Set<String> = []
  private(set) var cameraStates: Set<String> = []
  /// How often the camera was told as gone.
  private(set) var cameraFaults = 0
  private var watching: Link<LocalReply, LocalRequest>?

  init(settings: [String] = [], wrapper: [String] = []) throws {
    let directory = try ScratchDirectory()
    loop = try EventLoop()
    box = try Box(
      settings: [
        "microphone.frequency=\(Self.boxTone)", "speaker.record=\(directory.path)/speaker.wav",
        "limits.registrations-per-minute=1000", "supervision.heartbeat-milliseconds=500",
      ] + settings, in: directory, wrapper: wrapper)
    status = try box.status()
    watching = try Link(
      try LocalSocket.connect(to: Paths(root: box.root).socket), on: loop,
      receive: { [unowned self] reply, _ in if case .status(let status) = reply { note(status) } }, closed: { _ in })
    watching?.send(.watch)
  }

  private func note(_ status: BoxStatus) {
    if status.devices["camera"]?.state == "gone", self.status.devices["camera"]?.state != "gone" { cameraFaults += 1 }
    self.status = status
    if states.last != status.state { states.append(status.state) }
    callLights.insert(status.lamps["call"] ?? "")
    talkLights.insert(status.lamps["talk"] ?? "")
    statusLights.insert(status.lamps["status"] ?? "")
    cameraStates.insert(status.devices["camera"]?.state ?? "")
  }

  /// Forgets which lights and states there were, so that what follows is judged alone.
  func forgetLights() {
    callLights = []
    talkLights = []
    statusLights = []
    cameraStates = []
    states = [status.state]
  }

  /// Turns the loop until a condition holds.
  func until(_ what: String, _ condition: () throws -> Bool) throws {
    let deadline = MonotonicTime.now() + .seconds(Int64(Box.seconds))
    while try !condition() {
      guard MonotonicTime.now() < deadline else {
        throw Failure(
          "waited \(Box.seconds) s for \(what); states \(states); status \(status); log: \(box.output.text)")
      }
      loop.turn(atMost: .milliseconds(100))
    }
  }

  func untilState(_ state: String) throws { try until("the box to be \(state)") { status.state == state } }

  /// Someone who is signed in, with a page open.
  func phone(_ name: String) throws -> Phone {
    let phone = try Phone(name, of: self)
    try phone.openStream()
    return phone
  }

  /// The box's first user, so whom CALL rings.
  func administrator(_ name: String = "ann") throws -> Phone {
    let phone = try phone(name)
    try untilState("ready")
    return phone
  }

  /// How strong a tone is at the end of what the box's speaker has played, of 0 to 32,768.
  func speakerStrength(_ hertz: Int) -> Double {
    guard let bytes = Self.tail(of: "\(box.root)/speaker.wav", bytes: 19_200) else { return 0 }
    let samples = stride(from: 0, to: bytes.count - 1, by: 2).map {
      Int16(bitPattern: UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8)
    }
    return amplitude(of: Double(hertz), in: samples)
  }

  /// How long the recording of the speaker is.
  var speakerBytes: Int { BoardCommandTests.size("\(box.root)/speaker.wav") ?? 0 }

  private static func tail(of path: String, bytes count: Int) -> [UInt8]? {
    let number = open(path, O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { return nil }
    let file = Descriptor(adopting: number)
    let end = lseek(file.number, 0, SEEK_END)
    guard end >= count + 44 else { return nil }
    var bytes = [UInt8](repeating: 0, count: count)
    // Samples are two bytes behind an even header.
    let got = pread(file.number, &bytes, count, (end - count) & ~1)
    return got == count ? bytes : nil
  }
}
