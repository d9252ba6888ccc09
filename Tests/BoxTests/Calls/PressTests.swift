import Glibc
import Linux
import TestSupport
import Testing

/// A press is not lost while the server is away, and rings once it and the phones are back.
@Suite(.serialized, .enabled(if: Phone.isPossible, "curl is not installed"))
struct PressTests {
  /// The server is gone or not itself; CALL is pressed; the phone finds its way back.
  private static func press(_ stage: Stage, _ ann: Phone) throws {
    try stage.box.press(.call)
    try stage.until("the press") { stage.box.output.text.contains("button: call pressed") }
    try stage.until("the end of the stream") { !ann.isStreamOpen }
    try stage.until("the server to run again") { stage.status.children["server"]?.restarts == 1 }
    try ann.openStream(resuming: true)
    try ann.untilCall(.ringing)
    #expect(ann.call?.direction == .incoming)
  }

  @Test("CALL is pressed while the server is away") func away() throws {
    let stage = try Stage()
    let ann = try stage.administrator()
    kill(try stage.box.pid(of: "server"), SIGKILL)
    try Self.press(stage, ann)
  }

  @Test("CALL is pressed while the server hangs") func hangs() throws {
    let stage = try Stage()
    let ann = try stage.administrator()
    kill(try stage.box.pid(of: "server"), SIGSTOP)
    try Self.press(stage, ann)
  }

  @Test("One that the server has heard does not come again when it dies") func heard() throws {
    let stage = try Stage()
    let ann = try stage.administrator()
    try stage.box.press(.call)
    try ann.untilCall(.ringing)
    try stage.box.press(.hangUp)
    try ann.untilCall(.ended, .cancelled)
    ann.forget()
    let restarts = stage.status.children["server"]?.restarts ?? 0
    kill(try stage.box.pid(of: "server"), SIGKILL)
    try stage.until("the end of the stream") { !ann.isStreamOpen }
    // What is read until then may be from the time before.
    try stage.until("the server to run again") {
      stage.status.children["server"].map { $0.restarts > restarts && $0.state == "running" } ?? false
    }
    stage.forgetLights()
    try ann.openStream(resuming: true)
    try stage.untilState("ready")
    #expect(!stage.states.contains("calling"))
    #expect(ann.call == nil)
  }
}
