import Glibc
import Links
import Linux
import Signaling
import TestSupport
import Testing

/// Calls between the real box and phones on real sockets: each way one can go, with lamps, picture and sound.
@Suite(.serialized, .enabled(if: Phone.isPossible, "curl is not installed"))
struct CallTests {
  /// Picture and sound flow both ways.
  static func proveMedia(_ phone: Phone, _ stage: Stage, width: Int = 640, hertz: Int = Stage.boxTone) throws {
    let before = phone.media?.pictures.count ?? 0
    let soundBefore = stage.speakerBytes
    try stage.until("picture and sound both ways") {
      guard let media = phone.media else { return false }
      // 100 ms of the recording are listened to; they must be new.
      return media.pictures.count >= before + 5 && stage.speakerBytes >= soundBefore + 19_200
        && amplitude(of: Double(hertz), in: media.heard.suffix(9_600)) > 1_000
        && stage.speakerStrength(Stage.phoneTone) > 1_600
    }
    #expect(phone.media?.pictures.last?.width == width)
  }

  /// CALL was pressed and rings the administrator.
  static func ringing(_ settings: [String] = []) throws -> (Stage, Phone) {
    let stage = try Stage(settings: settings)
    let ann = try stage.administrator()
    try stage.box.press(.call)
    try ann.untilCall(.ringing)
    return (stage, ann)
  }

  /// A call of the box in which both are seen and heard.
  static func inCall() throws -> (Stage, Phone) {
    let (stage, ann) = try ringing()
    try ann.accept()
    try ann.untilCall(.connected)
    try proveMedia(ann, stage)
    return (stage, ann)
  }

  static func callingTheBox(_ settings: [String] = []) throws -> (Stage, Phone) {
    let stage = try Stage(settings: settings)
    let ann = try stage.administrator()
    try ann.callTheBox()
    return (stage, ann)
  }

  @Test("CALL rings with a live preview; accepted, picture and sound flow both ways; HANGUP ends it")
  func boxCalls() throws {
    let stage = try Stage()
    let ann = try stage.administrator()
    try stage.until("the lamps of a ready box") {
      stage.status.lamps == ["status": "blue", "call": "off", "talk": "off"]
    }
    stage.forgetLights()
    try stage.box.press(.call)
    try ann.untilCall(.ringing)
    #expect(ann.me?.administrator == true)
    #expect(ann.call?.direction == .incoming)
    try stage.until("the preview") { (ann.media?.pictures.count ?? 0) >= 5 }
    #expect(ann.call?.state == .ringing)
    // Whoever is watched sees TALK lit, before anybody has answered.
    #expect(stage.status.state == "calling" && stage.status.lamps["talk"] == "green")
    try stage.until("CALL to blink") { stage.callLights == ["amber", "off"] }
    try stage.until("the ringback") { stage.speakerStrength(425) > 1_600 }

    try ann.accept()
    try stage.untilState("inCall")
    try ann.untilCall(.connected)
    try Self.proveMedia(ann, stage)
    #expect(stage.status.lamps == ["status": "blue", "call": "amber", "talk": "green"])

    try stage.box.press(.hangUp)
    try ann.untilCall(.ended, .hungUp)
    try stage.untilState("ready")
    try stage.until("the devices to be let go") {
      stage.status.devices.values.allSatisfy { $0.state == "idle" } && stage.status.lamps["talk"] == "off"
    }
  }

  @Test("The phone hangs up, and the next call works") func phoneEnds() throws {
    let stage = try Stage()
    let ann = try stage.administrator()
    for _ in 0..<2 {
      try stage.box.press(.call)
      try ann.untilCall(.ringing)
      try ann.accept()
      try ann.untilCall(.connected)
      try Self.proveMedia(ann, stage)
      try ann.hangUp()
      try ann.untilCall(.ended, .hungUp)
      try stage.untilState("ready")
      ann.forget()
    }
  }

  @Test("Refused by the phone") func refused() throws {
    let (stage, ann) = try Self.ringing()
    try ann.reject()
    try ann.untilCall(.ended, .rejected)
    try stage.until("the sound of the end") { stage.speakerStrength(440) > 1_600 }
    try stage.untilState("ready")
  }

  @Test("Cancelled by HANGUP") func cancelled() throws {
    let (stage, ann) = try Self.ringing()
    try stage.box.press(.hangUp)
    try ann.untilCall(.ended, .cancelled)
    try stage.untilState("ready")
  }

  @Test("Nobody answers: preset after preset, then everyone, then ready again") func nobodyAnswers() throws {
    let stage = try Stage(settings: ["calls.presets=ann, bea", "calls.ring-seconds=1"])
    let ann = try stage.administrator("ann")
    let bea = try stage.phone("bea")
    let cem = try stage.phone("cem")
    stage.forgetLights()
    try stage.box.press(.call)
    try ann.untilCall(.ended, .timedOut)
    try bea.untilCall(.ended, .timedOut)
    try cem.untilCall(.ended, .timedOut)
    try stage.untilState("ready")
    #expect(stage.states == ["ready", "calling", "ready"])
  }

  @Test("The phone calls: CALL answers") func boxAnswers() throws {
    let stage = try Stage()
    let ann = try stage.administrator()
    stage.forgetLights()
    try ann.callTheBox()
    try stage.untilState("incoming")
    try stage.until("TALK to blink") { stage.talkLights == ["green", "off"] }
    try stage.until("the ring") { stage.speakerStrength(660) > 1_600 }
    #expect(ann.media?.pictures.isEmpty != false)
    try stage.box.press(.call)
    try stage.untilState("inCall")
    ann.talk()
    try ann.untilCall(.connected)
    try Self.proveMedia(ann, stage)
    #expect(stage.status.lamps == ["status": "blue", "call": "off", "talk": "green"])
    try ann.hangUp()
    try ann.untilCall(.ended, .hungUp)
    try stage.untilState("ready")
  }

  @Test("The phone calls: HANGUP refuses") func boxRefuses() throws {
    let (stage, ann) = try Self.callingTheBox()
    try stage.untilState("incoming")
    try stage.box.press(.hangUp)
    try ann.untilCall(.ended, .rejected)
    try stage.untilState("ready")
  }

  @Test("The phone calls and gives up") func callerCancels() throws {
    let (stage, ann) = try Self.callingTheBox()
    try stage.untilState("incoming")
    try ann.hangUp()
    try ann.untilCall(.ended, .cancelled)
    try stage.untilState("ready")
  }

  @Test("The phone calls and nobody is at the box") func boxDoesNotAnswer() throws {
    let (stage, ann) = try Self.callingTheBox(["calls.ring-seconds=1"])
    try ann.untilCall(.ended, .timedOut)
    try stage.untilState("ready")
  }

  @Test("A caller on the list is answered at once, with a triple beep") func autoAnswer() throws {
    let (stage, ann) = try Self.callingTheBox(["calls.auto-answer=ann"])
    try stage.untilState("inCall")
    #expect(!stage.states.contains("incoming"))
    try stage.until("the beep") { stage.speakerStrength(1_000) > 1_600 }
    ann.talk()
    try ann.untilCall(.connected)
  }

  @Test("A second caller hears that the box is busy") func busy() throws {
    let stage = try Stage()
    let ann = try stage.administrator()
    let bea = try stage.phone("bea")
    try ann.callTheBox()
    try stage.untilState("incoming")
    try bea.callTheBox()
    try bea.untilCall(.ended, .busy)
    try stage.box.press(.call)
    try ann.untilCall(.connected)
  }

  @Test("Media is killed in a call: the call goes on by itself, and so does the next") func mediaDies() throws {
    let (stage, ann) = try Self.inCall()
    let offers = ann.offers
    stage.forgetLights()
    kill(try stage.box.pid(of: "media"), SIGKILL)
    try stage.until("another offer") { ann.offers > offers }
    try Self.proveMedia(ann, stage)
    #expect(ann.call?.state == .connected)
    #expect(stage.status.state == "inCall")
    // Opening it again would take longer than the new process does.
    #expect(stage.cameraStates == ["running"])
    #expect(stage.status.children["media"]?.restarts == 1)
    try stage.box.press(.hangUp)
    try ann.untilCall(.ended, .hungUp)
    ann.forget()

    try stage.untilState("ready")
    try stage.box.press(.call)
    try ann.untilCall(.ringing)
    try stage.until("the preview") { (ann.media?.pictures.count ?? 0) >= 3 }
  }

  @Test("The server is killed in a call: sound and picture go on, and the call can be ended")
  func serverDies() throws {
    let (stage, ann) = try Self.inCall()
    let (offers, id) = (ann.offers, ann.call?.id)
    stage.forgetLights()
    kill(try stage.box.pid(of: "server"), SIGKILL)
    try stage.until("the end of the stream") { !ann.isStreamOpen }
    // Nobody listens before the server does: the socket is the supervisor's, so nothing is refused.
    try ann.openStream(resuming: true)
    try stage.until("the server to run again") { stage.status.children["server"]?.state == "running" }
    try Self.proveMedia(ann, stage)
    #expect(ann.call?.id == id && ann.call?.state == .connected)
    #expect(ann.offers == offers)
    try stage.untilState("inCall")
    // The picture never stopped, so the camera did not either.
    #expect(stage.cameraStates == ["running"])
    try stage.box.press(.hangUp)
    try ann.untilCall(.ended, .hungUp)
    try stage.untilState("ready")
    ann.forget()
    try stage.box.press(.call)
    try ann.untilCall(.ringing)
  }

  @Test("The server is killed while the box rings: it rings on, and is accepted") func serverDiesRinging() throws {
    let (stage, ann) = try Self.ringing()
    kill(try stage.box.pid(of: "server"), SIGKILL)
    try stage.until("the end of the stream") { !ann.isStreamOpen }
    try ann.openStream(resuming: true)
    try ann.accept()
    try ann.untilCall(.connected)
    try Self.proveMedia(ann, stage)
  }

  @Test("Both are killed in a call: it goes on with a new connection") func bothDie() throws {
    let (stage, ann) = try Self.inCall()
    let offers = ann.offers
    for child in ["server", "media"] { kill(try stage.box.pid(of: child), SIGKILL) }
    try stage.until("the end of the stream") { !ann.isStreamOpen }
    try ann.openStream(resuming: true)
    try stage.until("another offer") { ann.offers > offers }
    try Self.proveMedia(ann, stage)
    #expect(ann.call?.state == .connected)
  }

  @Test("The camera is pulled in a call and put back: said at once, healed by itself") func cameraPulled() throws {
    let (stage, ann) = try Self.inCall()
    try stage.box.plug(.camera, in: false)
    try stage.until("it to be said") { stage.status.devices["camera"]?.state == "gone" }
    #expect(stage.status.state == "inCall")
    func faultPictures() -> Int { stage.status.children["media"]?.counters["video.faultPictures"] ?? 0 }
    let before = ann.media?.pictures.count ?? 0
    try stage.until("pictures of the fault") { faultPictures() >= 2 && ann.media?.pictures.count ?? 0 >= before + 2 }
    try stage.box.plug(.camera, in: true)
    try stage.until("it to be back") { stage.status.devices["camera"]?.state == "running" }
    try Self.proveMedia(ann, stage)
  }
}
