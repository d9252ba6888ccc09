import Glibc
import Linux
import TestSupport
import Testing

extension KernelBoxTests {
  /// Contacts close and open on lines of the kernel, and what follows is seen at lamps on lines, and by a phone.
  @Suite struct Buttons {
    private static func stage(_ more: [String] = []) throws -> (Stage, Phone) {
      let stage = try Stage(settings: VirtualHardware.settings(camera: VirtualHardware.vivid ?? "") + more)
      return (stage, try stage.administrator())
    }

    private static func lit(_ stage: Stage, _ lamp: VirtualHardware.Lamp, _ isLit: Bool = true) throws {
      try stage.until("\(lamp) to be \(isLit ? "lit" : "dark")") { VirtualHardware.isLit(lamp) == isLit }
    }

    /// The press reached the box, whatever it made of it.
    private static func press(_ stage: Stage, _ contact: VirtualHardware.Contact) throws {
      let line = "button: \(contact) pressed"
      let before = count(line, stage)
      try VirtualHardware.press(contact)
      try stage.until(line) { count(line, stage) == before + 1 }
    }

    private static func count(_ text: String, _ stage: Stage) -> Int {
      stage.box.output.text.split(separator: "\n").count { $0.hasSuffix(text) }
    }

    /// Every row of the table for short presses, from left to right.
    @Test func shortPressesInEveryState() throws {
      let (stage, ann) = try Self.stage()
      // Idle.
      try stage.until("a lamp of a ready box") { VirtualHardware.isLit(.blue) && !VirtualHardware.isLit(.red) }
      try Self.press(stage, .hangUp)
      #expect(stage.status.state == "ready")
      try Self.press(stage, .call)
      try ann.untilCall(.ringing)
      try Self.lit(stage, .call)
      // Outgoing.
      try Self.press(stage, .call)
      #expect(stage.status.state == "calling" && ann.call?.state == .ringing)
      try Self.press(stage, .hangUp)
      try ann.untilCall(.ended, .cancelled)
      try stage.untilState("ready")
      try Self.lit(stage, .call, false)
      ann.forget()
      // Incoming.
      try ann.callTheBox()
      try stage.untilState("incoming")
      try Self.lit(stage, .talk)
      try Self.press(stage, .hangUp)
      try ann.untilCall(.ended, .rejected)
      try stage.untilState("ready")
      ann.forget()
      try ann.callTheBox()
      try stage.untilState("incoming")
      try Self.press(stage, .call)
      try stage.untilState("inCall")
      try ann.untilCall(.connected)
      try Self.lit(stage, .talk)
      // In a call.
      try Self.press(stage, .call)
      #expect(stage.status.state == "inCall" && ann.call?.state == .connected)
      try Self.press(stage, .hangUp)
      try ann.untilCall(.ended, .hungUp)
      try stage.untilState("ready")
      try Self.lit(stage, .talk, false)
      #expect(stage.status.children.values.allSatisfy { $0.restarts == 0 })
    }

    /// What a bad contact does within its 30 ms is one press.
    @Test func aBouncingContactIsOnePress() throws {
      let (stage, ann) = try Self.stage()
      for closed in [true, false] {
        for _ in 0..<4 {
          try VirtualHardware.contact(.call, closed: closed)
          try VirtualHardware.contact(.call, closed: !closed)
        }
        try VirtualHardware.contact(.call, closed: closed)
        usleep(80_000)
      }
      try ann.untilCall(.ringing)
      #expect(Self.count("button: call pressed", stage) == 1)
      try Self.press(stage, .hangUp)
      try ann.untilCall(.ended, .cancelled)
    }

    @Test func heldIsNotShortAndBothAreAChord() throws {
      let (stage, ann) = try Self.stage()
      try VirtualHardware.contact(.call, closed: true)
      try stage.until("held") { Self.count("button: call held", stage) == 1 }
      try VirtualHardware.contact(.call, closed: false)
      try VirtualHardware.contact(.call, closed: true)
      try VirtualHardware.contact(.hangUp, closed: true)
      try stage.until("both held") { Self.count("button: both buttons held", stage) == 1 }
      try VirtualHardware.contact(.call, closed: false)
      try VirtualHardware.contact(.hangUp, closed: false)
      // It hears a press like any other afterwards, and none was made of all this.
      try Self.press(stage, .call)
      try ann.untilCall(.ringing)
      #expect(Self.count("button: call pressed", stage) == 1)
      #expect(Self.count("button: hangUp pressed", stage) == 0)
    }

    @Test func aLineThatAnotherHasIsNamedWithItsConsumer() throws {
      let settings = VirtualHardware.settings(camera: VirtualHardware.vivid ?? "", hangUp: "TAKEN")
      let stage = try Stage(settings: settings)
      try stage.until("the fault") { stage.status.fault("hangUp button") != nil }
      #expect(stage.status.fault("hangUp button") == "in use by another program")
      try Self.lit(stage, .red)
      let check = try CommandResult.run(
        ["board", "check", "--root", stage.box.root] + settings.flatMap { ["--set", $0] })
      #expect(check.exit == .exited(code: 1))
      #expect(
        check.text.split(separator: "\n").contains {
          $0.hasPrefix("hangUp button") && $0.hasSuffix("in use by another program")
        },
        "\(check.text)")
    }
  }
}
