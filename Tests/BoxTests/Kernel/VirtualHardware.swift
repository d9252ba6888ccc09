import Glibc
import Linux
import TestSupport
import Testing

/// The hands on the virtual machine's hardware, as Tests/VM/hardware has made it.
enum VirtualHardware {
  static func variable(_ name: String) -> String? { getenv("FIELDBOX_VM_\(name)").map { String(cString: $0) } }

  static let chip = variable("GPIO_CHIP")
  static let lines = variable("GPIO_SIM")
  static let vivid = variable("VIVID")
  static let usb = (tool: variable("USB"), socket: variable("CAMERA"), name: variable("CAMERA_NAME"))
  static var isHere: Bool { chip != nil && lines != nil && vivid != nil && usb.name != nil }

  /// A board on the kernel's own drivers, with a camera by its device. An emulated processor is slow, so children have their time.
  static func settings(camera: String, hangUp: String = "HANGUP") -> [String] {
    let chip = chip ?? ""
    return [
      "board.model=other", "camera.device=\(camera)", "camera.width=320", "camera.height=240", "camera.fps=10",
      "buttons.chip=\(chip)", "buttons.call=CALL", "buttons.hangup=\(hangUp)", "lamps.chip=\(chip)",
      "lamps.status-blue=STATUS-BLUE", "lamps.status-red=STATUS-RED", "lamps.call=CALL-LAMP", "lamps.talk=TALK-LAMP",
      // Floating point is what the emulated processor is slowest at; these tests are of pictures and buttons.
      "sound.echo-cancellation=off", "sound.noise-suppression=off", "sound.gain=0",
      "supervision.heartbeat-milliseconds=10000", "supervision.start-milliseconds=60000",
    ]
  }

  enum Contact: Int { case call, hangUp }
  enum Lamp: Int {
    case blue = 2
    case red = 3
    case call = 4
    case talk = 5
  }

  /// A contact closes, which pulls its line down, or opens.
  static func contact(_ contact: Contact, closed: Bool) throws {
    try write(closed ? "pull-down" : "pull-up", to: "\(lines ?? "")/sim_gpio\(contact.rawValue)/pull")
  }

  /// A finger for a moment.
  static func press(_ contact: Contact) throws {
    try self.contact(contact, closed: true)
    // Longer than a contact bounces: a real time of the hand, not a wait for the box.
    usleep(60_000)
    try self.contact(contact, closed: false)
  }

  static func isLit(_ lamp: Lamp) -> Bool {
    SourceTests.bytes("\(lines ?? "")/sim_gpio\(lamp.rawValue)/value", atMost: 16)?.first == UInt8(ascii: "1")
  }

  /// One of vivid's buttons, by the name that v4l2-ctl gives it.
  static func vivid(_ control: String) throws {
    try run("/usr/bin/v4l2-ctl", "-d", vivid ?? "", "-c", "\(control)=1")
  }

  /// An order for the emulated USB camera.
  static func camera(_ words: String...) throws {
    try run([usb.tool ?? "", "tell", usb.socket ?? ""] + words)
  }

  private static func run(_ words: String...) throws { try run(words) }
  private static func run(_ words: [String]) throws {
    let output = try ProcessOutput()
    var spawn = Spawn(path: words[0], arguments: words)
    spawn.output = output.writing
    let pid = try LastingSpawn.start(spawn)
    output.closeWriting()
    try #require(output.waitForEnd(seconds: Int64(Box.seconds)))
    var info = siginfo_t()
    waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT)
    let exit = ChildExit.collect(pid)?.exit
    try #require(exit == .exited(code: 0), "\(words): \(output.text)")
  }

  private static func write(_ text: String, to path: String) throws {
    let number = open(path, O_WRONLY | O_CLOEXEC)
    guard number >= 0 else { throw SystemError("open", code: errno, about: path) }
    let file = Descriptor(adopting: number)
    guard Glibc.write(file.number, text, text.utf8.count) == text.utf8.count else {
      throw SystemError("write", code: errno, about: path)
    }
  }
}

/// One box after the other: there is one of each device.
@Suite(.serialized, .enabled(if: VirtualHardware.isHere, "no kernel's virtual hardware here: Tests/VM/run has it"))
struct KernelBoxTests {}
