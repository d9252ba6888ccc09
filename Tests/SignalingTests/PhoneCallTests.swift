import Links
import Linux
import Testing

@testable import Signaling

/// Calls between people.
@Suite struct PhoneCallTests {
  @Test func aCallFromRingToHangUp() throws {
    let stage = Stage()
    let ann = try stage.join("ann")
    let bob = try stage.join("bob")
    let started = try stage.call(ann, "bob")
    #expect(started.state == .ringing)
    #expect(started.direction == .outgoing)
    #expect(started.with == .init(id: UserID("bob"), displayName: "Bob", kind: .user))
    #expect(started.mine)
    #expect(started.ringMilliseconds == 30_000)
    let ringing = try #require(stage.phones[bob].call)
    #expect(ringing.id == started.id)
    #expect(ringing.state == .ringing)
    #expect(ringing.direction == .incoming)
    #expect(ringing.with == .init(id: UserID("ann"), displayName: "Ann", kind: .user))
    #expect(!ringing.mine)
    #expect(!ringing.preview)
    #expect(stage.media.peers.count == 2, "both peers are open before anyone accepts")
    #expect(stage.media.addresses.values.allSatisfy { $0 == ["192.168.4.1"] })
    #expect(stage.routes.isEmpty, "nothing flows before consent")
    #expect(stage.presence("ann") == .busy)
    #expect(stage.presence("bob") == .busy)

    stage.wait(.seconds(2))
    try stage.act(.accept, bob)
    #expect(stage.phones[ann].call?.state == .connected)
    #expect(stage.phones[bob].call?.state == .connected)
    #expect(stage.phones[bob].call?.mine == true)
    #expect(stage.phones[bob].call?.connectedAt == stage.now.wall.milliseconds)
    #expect(stage.routes == ["ann0>bob1 av", "bob1>ann0 av"])

    try stage.act(.hangUp, bob)
    #expect(stage.phones[ann].reason == .hungUp)
    #expect(stage.phones[bob].reason == .hungUp)
    #expect(stage.routes.isEmpty)
    #expect(stage.media.peers.isEmpty)
    #expect(stage.presence("bob") == .online)
    #expect(stage.states == [.nobodyReachable, .ready], "the box has nothing to do with it")
  }

  @Test func statesAreToldInOrder() throws {
    let stage = Stage()
    let ann = try stage.join("ann")
    let bob = try stage.join("bob")
    stage.media.manner = .silent
    try stage.call(ann, "bob")
    try stage.act(.accept, bob)
    #expect(stage.phones[ann].call?.state == .connecting)
    stage.media.manner = .prompt
    let waiting = stage.media.waiting
    stage.media.waiting = []
    for request in waiting { for event in stage.media.answer(request) { stage.hear(event) } }
    let states = stage.phones[ann].events.compactMap { if case .call(let view) = $0 { view.state } else { nil } }
    #expect(states == [.ringing, .connecting, .connected])
  }

  @Test func audioOnlyCallsOpenButRouteNoVideo() throws {
    let stage = Stage()
    let ann = try stage.join("ann")
    let bob = try stage.join("bob")
    try stage.call(ann, "bob", video: false)
    #expect(stage.phones[bob].call?.video == false)
    try stage.act(.accept, bob)
    #expect(stage.routes == ["ann0>bob1 a", "bob1>ann0 a"])
  }

  @Test func everyDeviceRingsAndTheFirstToAcceptHasIt() throws {
    let stage = Stage()
    let ann = try stage.join("ann")
    let bobs = [try stage.join("bob"), try stage.join("bob"), try stage.join("bob")]
    try stage.call(ann, "bob")
    for bob in bobs { #expect(stage.phones[bob].call?.state == .ringing) }
    #expect(stage.media.peers.count == 4)
    let call = try #require(stage.phones[ann].call?.id)
    try stage.act(.accept, bobs[1])
    #expect(stage.phones[bobs[1]].call?.mine == true)
    for bob in [bobs[0], bobs[2]] {
      #expect(stage.phones[bob].reason == .answeredElsewhere)
      #expect(refusal { try stage.act(.accept, bob, call) } == .wrongState, "the second answer is too late")
      #expect(refusal { try stage.act(.hangUp, bob, call) } == .wrongState, "nor may it end the call")
    }
    #expect(stage.media.peers.count == 2, "the other devices' peers are closed")
    #expect(stage.routes == ["ann0>bob2 av", "bob2>ann0 av"])
  }

  @Test func aDeviceThatComesWhileItRingsRingsToo() throws {
    let stage = Stage()
    let ann = try stage.join("ann")
    _ = try stage.join("bob")
    try stage.call(ann, "bob")
    let second = try stage.join("bob")
    guard case .hello(let hello) = stage.phones[second].events.first else { return #expect(Bool(false), "no hello") }
    #expect(hello.calls.map(\.state) == [.ringing])
    #expect(stage.phones[second].offers.count == 1)
    try stage.act(.accept, second)
    #expect(stage.phones[ann].call?.state == .connected)
  }

  @Test func refusingIsForAllDevices() throws {
    let stage = Stage()
    let ann = try stage.join("ann")
    let bobs = [try stage.join("bob"), try stage.join("bob")]
    try stage.call(ann, "bob")
    try stage.act(.reject, bobs[0])
    for phone in bobs + [ann] { #expect(stage.phones[phone].reason == .rejected) }
    #expect(stage.media.peers.isEmpty)
  }

  @Test func theCallerMayCancel() throws {
    let stage = Stage()
    let ann = try stage.join("ann")
    let bob = try stage.join("bob")
    let call = try stage.call(ann, "bob").id
    #expect(refusal { try stage.act(.hangUp, bob) } == .wrongState, "who is rung rejects")
    try stage.act(.hangUp, ann)
    #expect(stage.phones[bob].reason == .cancelled)
    #expect(refusal { try stage.act(.accept, bob, call) } == .notFound, "an ended call is not known")
  }

  @Test func ringTimeEnds() throws {
    var settings = Switchboard.Settings()
    settings.ring = .milliseconds(250)
    let stage = Stage(settings)
    let ann = try stage.join("ann")
    let bob = try stage.join("bob")
    try stage.call(ann, "bob")
    stage.wait(.milliseconds(249))
    #expect(stage.phones[bob].call != nil)
    stage.wait(.milliseconds(1))
    #expect(stage.phones[ann].reason == .timedOut)
    #expect(stage.phones[bob].reason == .timedOut)
  }

  @Test func busyAndUnreachable() throws {
    let stage = Stage()
    let ann = try stage.join("ann")
    let bob = try stage.join("bob")
    let second = try stage.join("bob")
    #expect(try stage.call(ann, "cid").reason == .unreachable)
    #expect(stage.media.peers.isEmpty)
    try stage.call(ann, "bob")
    let cid = try stage.join("cid")
    let busy = try stage.call(cid, "bob")
    #expect(busy.state == .ended)
    #expect(busy.reason == .busy)
    #expect(stage.phones[second].calls.count == 1, "a busy callee hears nothing of it")
    #expect(refusal { try stage.call(ann, "cid") } == .busy)
    #expect(refusal { try stage.call(bob, "cid") } == .busy, "being rung is busy too")
    try stage.act(.accept, bob)
    #expect(refusal { try stage.call(second, "cid") } == .busy, "on another device as well")
    #expect(try stage.call(cid, "ann").reason == .busy)
  }

  @Test func strangersAndOutOfOrder() throws {
    let stage = Stage()
    let ann = try stage.join("ann")
    let bob = try stage.join("bob")
    let cid = try stage.join("cid")
    let call = try stage.call(ann, "bob").id
    for act in [Stage.Act.accept, .reject, .hangUp, .reconnect] {
      #expect(refusal { try stage.act(act, cid, call) } == .notFound)
      #expect(refusal { try stage.act(act, ann, CallID("__proto__")) } == .notFound)
    }
    #expect(refusal { try stage.act(.accept, ann, call) } == .wrongState)
    #expect(refusal { try stage.act(.reject, ann, call) } == .wrongState)
    let offer = try #require(stage.phones[bob].offers.first)
    #expect(refusal { try stage.answer(cid, offer) } == .notFound, "nobody answers for another")
    #expect(refusal { try stage.answer(ann, offer) } == .wrongState, "nor from the other end")
    #expect(refusal { try stage.answer(bob, offer) } == .wrongState, "one answer for one offer")
    // Another's device id does not help, nor does an unknown one.
    let stolen = CallRequest(device: stage.phones[bob].device, call: call)
    let stranger = stage.phones[cid].identity
    let now = stage.now
    #expect(refusal { try stage.board.accept(stolen, from: stranger, now: now) } == .notFound)
    let nowhere = StartCallRequest(device: DeviceID("x"), callee: UserID("bob"), audio: true, video: true)
    #expect(refusal { _ = try stage.board.start(nowhere, from: stranger, now: now) } == .notFound)
    // Another session of the same user is another device's owner.
    let sibling = Identity(user: stranger.user, session: SessionID("other"))
    let own = StartCallRequest(device: stage.phones[cid].device, callee: UserID("bob"), audio: true, video: true)
    #expect(refusal { _ = try stage.board.start(own, from: sibling, now: now) } == .notFound)
    #expect(stage.phones[ann].call?.state == .ringing, "and nothing of it changed the call")
    try stage.act(.accept, bob)
    #expect(refusal { try stage.act(.accept, bob, call) } == .wrongState)
    #expect(refusal { try stage.act(.reject, bob, call) } == .wrongState)
  }

  @Test func whoCannotBeCalled() throws {
    let stage = Stage()
    let ann = try stage.join("ann")
    #expect(refusal { try stage.call(ann, "ann") } == .invalid)
    #expect(refusal { try stage.call(ann, "nobody") } == .notFound)
    #expect(refusal { try stage.call(ann, "everyone") } == .notFound)
    #expect(refusal { try stage.call(ann, "bob", audio: false, video: false) } == .invalid)
  }

  @Test func muteAndCameraOffAreTold() throws {
    let stage = Stage()
    let ann = try stage.join("ann")
    let bob = try stage.join("bob")
    let call = try stage.call(ann, "bob").id
    try stage.act(.accept, bob)
    try stage.send(bob, call, audio: false, video: true)
    #expect(stage.phones[ann].call?.theirMedia == .init(audio: false, video: true))
    #expect(stage.phones[bob].call?.theirMedia == .init(audio: true, video: true))
  }

  @Test func nobodySendsSoundInACallWithout() throws {
    let stage = Stage()
    let ann = try stage.join("ann")
    let bob = try stage.join("bob")
    let call = try stage.call(ann, "bob", audio: false).id
    try stage.act(.accept, bob)
    for sends in [false, true] {
      try stage.send(bob, call, audio: sends, video: sends)
      #expect(stage.phones[ann].call?.theirMedia == .init(audio: false, video: sends))
      #expect(stage.phones[ann].call?.audio == false)
    }
  }

  @Test func theLongestCallTime() throws {
    var settings = Switchboard.Settings()
    settings.longestCall = .seconds(60)
    let stage = Stage(settings)
    let ann = try stage.join("ann")
    let bob = try stage.join("bob")
    try stage.call(ann, "bob")
    stage.wait(.seconds(5))
    try stage.act(.accept, bob)
    stage.wait(.seconds(59))
    #expect(stage.phones[ann].call?.state == .connected)
    stage.wait(.seconds(1))
    #expect(stage.phones[bob].reason == .timedOut)
    #expect(stage.cues.isEmpty, "the box is no part of it")
  }

  @Test func soManyCalls() throws {
    var settings = Switchboard.Settings()
    settings.mostCalls = 1
    let stage = Stage(settings)
    let ann = try stage.join("ann")
    let bob = try stage.join("bob")
    let cid = try stage.join("cid")
    try stage.call(ann, "bob")
    #expect(refusal { try stage.call(cid, "box") } == .rateLimited)
    try stage.act(.reject, bob)
    #expect(refusal { try stage.call(cid, "box") } == nil)
  }

  /// Length and first line are looked at here; the media plane reads the rest.
  @Test func aDescriptionThatCanBeNone() throws {
    let longest = "v=0\n" + String(repeating: "a", count: API.largestDescriptionBytes - 4)
    let cases: [(sdp: String, refused: ErrorCode?)] = [
      ("", .invalid), ("v=0", .invalid), ("v=1\r\n", .invalid), (" v=0\r\n", .invalid), ("v=0 \r\n", .invalid),
      (String(repeating: "x", count: 20_000), .invalid), (longest + "a", .invalid),
      ("v=0\n", nil), ("v=0\r\n", nil), ("v=0\r\nm=video 9 X 96\r\n", nil), (longest, nil),
    ]
    for (sdp, refused) in cases {
      let stage = Stage()
      let ann = try stage.join("ann")
      let bob = try stage.join("bob")
      stage.phones[ann].answers = false
      try stage.call(ann, "box")
      let offer = try #require(stage.phones[ann].offers.first)
      #expect(refusal { try stage.answer(ann, offer, sdp: sdp) } == refused, "\(sdp.prefix(20))")
      #expect(refusal { try stage.answer(bob, offer, sdp: sdp) } == .notFound, "somebody else's call")
    }
  }
}
