import Links
import Linux
import Testing

@testable import Signaling

/// Calls of the box and to the box.
@Suite struct BoxCallTests {
  private func settings(presets: [String] = [], autoAnswer: [String] = []) -> Switchboard.Settings {
    var settings = Switchboard.Settings()
    settings.presets = presets.map { UserID($0) }
    settings.autoAnswer = Set(autoAnswer.map { UserID($0) })
    return settings
  }

  @Test func callRingsThePresetWithAPreview() throws {
    let stage = Stage(settings(presets: ["bob"]))
    let ann = try stage.join("ann")
    let bobs = [try stage.join("bob"), try stage.join("bob")]
    stage.press(.short(.call))
    #expect(stage.state == .calling)
    #expect(stage.phones[ann].living.isEmpty)
    #expect(stage.presence("box") == .busy)
    let ringing = try #require(stage.phones[bobs[0]].call)
    #expect(ringing.with == .init(id: .box, displayName: "fieldbox", kind: .box))
    #expect(ringing.preview)
    #expect(stage.routes == ["box>bob1 v", "box>bob2 v"], "the picture alone, to those who ring")
    try stage.act(.accept, bobs[0])
    #expect(stage.state == .inCall(boxCalled: true, autoAnswered: false))
    #expect(stage.routes == ["bob1>box av", "box>bob1 av"])
    #expect(stage.phones[bobs[0]].call?.state == .connected)
    #expect(stage.phones[bobs[0]].call?.preview == false)
    #expect(stage.phones[bobs[1]].reason == .answeredElsewhere)

    stage.press(.short(.call))
    #expect(stage.state == .inCall(boxCalled: true, autoAnswered: false), "CALL is ignored in a call")
    stage.press(.short(.hangUp))
    #expect(stage.state == .ready)
    #expect(stage.cues == [.ended])
    #expect(stage.phones[bobs[0]].reason == .hungUp)
    #expect(stage.media.peers.isEmpty)
    #expect(stage.routes.isEmpty)
  }

  @Test func nobodyAnswersThenTheNextPresetThenEveryone() throws {
    let stage = Stage(settings(presets: ["bob", "gone", "cid"]))
    let ann = try stage.join("ann")
    let bob = try stage.join("bob")
    let cid = try stage.join("cid")
    stage.press(.short(.call))
    #expect(stage.phones[bob].living.count == 1)
    #expect(stage.phones[cid].living.isEmpty)
    stage.wait(.seconds(30))
    #expect(stage.phones[bob].reason == .timedOut)
    #expect(stage.phones[cid].living.count == 1, "the preset that does not exist is passed over")
    #expect(stage.state == .calling)
    try stage.act(.reject, cid)
    #expect(stage.phones[ann].living.count == 1)
    #expect(stage.phones[bob].living.count == 1)
    #expect(stage.phones[cid].living.isEmpty, "who refused is left alone")
    try stage.act(.reject, ann)
    #expect(stage.phones[ann].reason == .rejected)
    #expect(stage.phones[bob].living.count == 1, "the others still ring")
    #expect(stage.presence("ann") == .online)
    stage.wait(.seconds(30))
    #expect(stage.state == .ready)
    #expect(stage.cues == [.nobodyAnswered])
    #expect(stage.states == [.nobodyReachable, .ready, .calling, .ready], "calling is one state, whoever rings")
    #expect(stage.media.peers.isEmpty)
  }

  @Test func ofEveryoneTheFirstHasIt() throws {
    let stage = Stage(settings(presets: ["everyone"]))
    let phones = [try stage.join("ann"), try stage.join("bob"), try stage.join("cid")]
    stage.press(.short(.call))
    for phone in phones { #expect(stage.phones[phone].call?.state == .ringing) }
    try stage.act(.accept, phones[1])
    #expect(stage.phones[phones[0]].reason == .answeredElsewhere)
    #expect(stage.phones[phones[2]].reason == .answeredElsewhere)
    #expect(stage.routes == ["bob1>box av", "box>bob1 av"])
    #expect(stage.presence("cid") == .online)
    #expect(stage.presence("bob") == .busy)
  }

  @Test func everyoneMeansWhoIsFree() throws {
    let stage = Stage(settings(presets: ["bob"]))
    let ann = try stage.join("ann")
    let bob = try stage.join("bob")
    try stage.call(ann, "bob")
    try stage.act(.accept, bob)
    stage.press(.short(.call))
    #expect(stage.cues == [.busy], "the preset is in a call, and so is everyone")
    #expect(stage.state == .ready)
    let cid = try stage.join("cid")
    stage.press(.short(.call))
    #expect(stage.state == .calling)
    #expect(stage.phones[cid].call?.preview == true)
    stage.press(.short(.hangUp))
    #expect(stage.phones[cid].reason == .cancelled)
    #expect(stage.cues == [.busy, .ended])
    #expect(stage.phones[ann].call?.state == .connected, "their call goes on")
  }

  @Test func nobodyThere() throws {
    let stage = Stage()
    #expect(stage.state == .nobodyReachable)
    stage.press(.short(.call))
    #expect(stage.cues == [.nobodyAnswered])
    let ann = try stage.join("ann")
    #expect(stage.state == .ready)
    stage.close(ann)
    stage.wait(.seconds(10))
    #expect(stage.state == .nobodyReachable)
  }

  @Test func whoeverTheBoxRingsVanishes() throws {
    let stage = Stage(settings(presets: ["bob"]))
    let bob = try stage.join("bob")
    let ann = try stage.join("ann")
    stage.press(.short(.call))
    stage.close(bob)
    stage.wait(.seconds(10))
    #expect(stage.phones[ann].living.count == 1, "the next stage begins as soon as nobody is left to answer")
    #expect(stage.presence("bob", by: ann) == .offline)
  }

  @Test func aPhoneCallsTheBoxAndCallAnswers() throws {
    let stage = Stage()
    let ann = try stage.join("ann")
    let started = try stage.call(ann, "box")
    #expect(started.state == .ringing)
    #expect(started.with.kind == .box)
    #expect(stage.state == .incoming)
    #expect(stage.routes.isEmpty, "the camera waits for the answer")
    stage.press(.held(.call))
    #expect(stage.state == .incoming)
    stage.press(.short(.call))
    #expect(stage.state == .inCall(boxCalled: false, autoAnswered: false))
    #expect(stage.phones[ann].call?.state == .connected)
    #expect(stage.routes == ["ann0>box av", "box>ann0 av"])
    try stage.act(.hangUp, ann)
    #expect(stage.state == .ready)
    #expect(stage.cues == [.ended])
  }

  @Test func hangUpRefuses() throws {
    let stage = Stage()
    let ann = try stage.join("ann")
    try stage.call(ann, "box")
    stage.press(.short(.hangUp))
    #expect(stage.phones[ann].reason == .rejected)
    #expect(stage.state == .ready)
    #expect(stage.cues.isEmpty)
  }

  @Test func nobodyIsAtTheBox() throws {
    let stage = Stage()
    let ann = try stage.join("ann")
    try stage.call(ann, "box")
    stage.wait(.seconds(30))
    #expect(stage.phones[ann].reason == .timedOut)
    #expect(stage.state == .ready)
  }

  @Test func callersOnTheListAreAnsweredAtOnce() throws {
    let stage = Stage(settings(autoAnswer: ["bob"]))
    let ann = try stage.join("ann")
    let bob = try stage.join("bob")
    let started = try stage.call(bob, "box")
    #expect(started.state == .connecting)
    #expect(stage.state == .inCall(boxCalled: false, autoAnswered: true))
    #expect(stage.phones[bob].call?.state == .connected)
    #expect(!stage.states.contains(.incoming))
    #expect(try stage.call(ann, "box").reason == .busy)
    try stage.act(.hangUp, bob)
    try stage.call(ann, "box")
    #expect(stage.state == .incoming)
  }

  @Test func theCallerGivesUp() throws {
    let stage = Stage()
    let ann = try stage.join("ann")
    try stage.call(ann, "box")
    try stage.act(.hangUp, ann)
    #expect(stage.state == .ready)
    #expect(stage.cues.isEmpty)
    stage.press(.short(.call))
    #expect(stage.phones[ann].call?.with.kind == .box, "CALL now calls")
  }

  @Test func theBoxHearsThatTheLongestTimeIsNear() throws {
    var settings = settings(presets: ["ann"])
    settings.longestCall = .seconds(60)
    let stage = Stage(settings)
    let ann = try stage.join("ann")
    stage.press(.short(.call))
    try stage.act(.accept, ann)
    stage.wait(.seconds(49))
    #expect(stage.cues.isEmpty)
    stage.wait(.seconds(1))
    #expect(stage.cues == [.endsSoon])
    stage.wait(.seconds(10))
    #expect(stage.cues == [.endsSoon, .ended])
    #expect(stage.phones[ann].reason == .timedOut)
    #expect(stage.state == .ready)
  }

  // MARK: The first administrator

  private func register(_ stage: Stage, _ user: String) {
    stage.board.update(
      Account(id: UserID(user), displayName: user, administrator: false, registered: stage.now.monotonic),
      now: stage.now)
    stage.pump()
  }

  @Test func aPressWithinAMinuteOfRegisteringMakesTheFirstAdministrator() throws {
    let stage = Stage(users: [])
    register(stage, "dora")
    let dora = try stage.join("dora")
    stage.wait(.seconds(60))
    stage.press(.short(.call))
    #expect(stage.promoted == [UserID("dora")])
    #expect(stage.phones[dora].call?.with.kind == .box, "and the same press rings them")
    #expect(stage.phones[dora].people[UserID("dora")]?.administrator == true)
    #expect(stage.phones[dora].events.contains(.me(Me(id: UserID("dora"), displayName: "dora", administrator: true))))
    stage.press(.short(.hangUp))

    register(stage, "eve")
    let eve = try stage.join("eve")
    stage.press(.short(.call))
    #expect(stage.promoted == [UserID("dora")], "there is one already")
    #expect(stage.phones[eve].living.isEmpty)
    #expect(stage.phones[dora].living.count == 1, "who is the preset while none is configured")
  }

  @Test func afterAMinuteThePressProvesNothing() throws {
    let stage = Stage(users: [])
    register(stage, "dora")
    let dora = try stage.join("dora")
    stage.wait(.milliseconds(60_001))
    stage.press(.short(.call))
    #expect(stage.promoted.isEmpty)
    #expect(stage.phones[dora].call != nil, "CALL rings everyone then")
  }

  @Test func onlyAShortPressOfCallThatMeansSomethingPromotes() throws {
    let stage = Stage(settings(presets: ["ann"]))
    let ann = try stage.join("ann")
    stage.press(.short(.call))
    register(stage, "dora")
    for press in [Press.short(.call), .short(.hangUp), .held(.call), .held(.hangUp), .bothHeld, .stuck(.call)] {
      stage.press(press)
    }
    #expect(stage.promoted.isEmpty, "ignored while calling; the others never")
    let dora = try stage.join("dora")
    stage.press(.short(.call))
    #expect(stage.promoted == [UserID("dora")])
    #expect(stage.phones[dora].living.count == 1, "rung before the configured preset")
    #expect(stage.phones[ann].living.isEmpty)
  }

  @Test func ofSeveralTheFirstAccount() throws {
    let stage = Stage(users: ["ann"])
    register(stage, "dora")
    register(stage, "eve")
    stage.press(.short(.call))
    #expect(stage.promoted == [UserID("dora")], "ann registered before the start")
  }
}
