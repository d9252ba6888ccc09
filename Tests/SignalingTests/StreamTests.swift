import Links
import Linux
import Testing

@testable import Signaling

/// Event streams and devices: coming, going, coming back.
@Suite struct StreamTests {
  @Test func helloTellsEverything() throws {
    let stage = Stage()
    let ann = try stage.join("ann")
    guard case .hello(let hello) = stage.phones[ann].events.first else {
      Issue.record("no hello")
      return
    }
    #expect(hello.me == Me(id: UserID("ann"), displayName: "Ann", administrator: false))
    #expect(hello.people.map(\.id.rawValue) == ["box", "ann", "bob", "cid"])
    #expect(hello.people.map(\.presence) == [.online, .online, .offline, .offline])
    #expect(hello.serverTime == stage.now.wall.milliseconds)
    #expect(hello.device.rawValue.count == 32)
    #expect(stage.phones[ann].last == EventID(device: hello.device, number: UInt64(stage.phones[ann].events.count)))
  }

  @Test func presenceFollowsDevices() throws {
    let stage = Stage()
    let ann = try stage.join("ann")
    #expect(stage.presence("bob") == .offline)
    let bob = try stage.join("bob")
    #expect(stage.presence("bob") == .online)
    try sleep(stage, bob)
    #expect(stage.presence("bob") == .asleep)
    let second = try stage.join("bob")
    #expect(stage.presence("bob") == .online)
    stage.close(second)
    #expect(stage.presence("bob") == .online, "a gap in the network is no absence")
    stage.wait(.seconds(10))
    #expect(stage.presence("bob") == .asleep)
    stage.close(bob)
    stage.wait(.seconds(10))
    #expect(stage.presence("bob", by: ann) == .offline)
  }

  private func sleep(_ stage: Stage, _ phone: Int, _ state: Wakefulness = .asleep) throws {
    try stage.board.presence(
      PresenceRequest(device: stage.phones[phone].device, state: state), from: stage.phones[phone].identity,
      now: stage.now)
    stage.pump()
  }

  @Test func aPageThatIsLeftEndsItsStreamAndMayComeBack() throws {
    let stage = Stage()
    let ann = try stage.join("ann")
    let bob = try stage.join("bob")
    let device = stage.phones[bob].device
    let heard = stage.phones[bob].events.count
    try stage.board.presence(
      PresenceRequest(device: device, state: .gone), from: stage.phones[bob].identity, now: stage.now)
    let closed = stage.board.drain().contains { if case .closeStream = $0 { true } else { false } }
    #expect(closed)
    #expect(refusal { try sleep(stage, bob, .gone) } == nil, "said twice")
    stage.wait(.seconds(10))
    #expect(stage.presence("bob", by: ann) == .offline)
    #expect(stage.phones[bob].events.count == heard)
    try stage.open(bob, resume: stage.phones[bob].last)
    #expect(stage.phones[bob].device == device)
    #expect(stage.presence("bob", by: ann) == .online)
  }

  @Test func aSleepingPhoneIsInvitedAndRingsWhenItWakes() throws {
    let stage = Stage()
    let ann = try stage.join("ann")
    let bob = try stage.join("bob")
    try sleep(stage, bob)
    #expect(try stage.call(ann, "bob").state == .inviting)
    #expect(stage.phones[bob].call?.state == .inviting)
    try sleep(stage, bob, .awake)
    #expect(stage.phones[ann].call?.state == .ringing)
    #expect(stage.phones[bob].call?.state == .ringing)
  }

  @Test func aHiddenPageStaysAsleepWhenItsStreamResumes() throws {
    let stage = Stage()
    let ann = try stage.join("ann")
    let bob = try stage.join("bob")
    try sleep(stage, bob)
    stage.close(bob)
    try stage.open(bob, resume: stage.phones[bob].last)
    #expect(stage.presence("bob", by: ann) == .asleep)
    #expect(try stage.call(ann, "bob").state == .inviting)
    #expect(stage.phones[ann].call?.state == .inviting)
    // A page that begins anew is shown.
    try stage.open(bob, resume: EventID(device: stage.phones[bob].device, number: 0))
    #expect(stage.phones[ann].call?.state == .ringing)
    try stage.act(.reject, bob)
    #expect(stage.presence("bob", by: ann) == .online)
  }

  @Test func aStreamThatResumesHearsWhatItMissedAndKeepsItsCall() throws {
    let stage = Stage()
    let ann = try stage.join("ann")
    let bob = try stage.join("bob")
    stage.close(bob)
    #expect(try stage.call(ann, "bob").state == .inviting, "not shown yet")
    stage.wait(.seconds(9))
    let device = stage.phones[bob].device
    let heard = stage.phones[bob].events.count
    try stage.open(bob, resume: stage.phones[bob].last)
    #expect(stage.phones[bob].device == device)
    let missed = stage.phones[bob].events[heard...]
    #expect(!missed.contains { if case .hello = $0 { true } else { false } })
    #expect(stage.phones[bob].call?.state == .ringing)
    #expect(stage.phones[ann].call?.state == .ringing)
    #expect(stage.phones[bob].offers.count == 1)
    try stage.act(.accept, bob)
    stage.close(bob)
    stage.wait(.seconds(9))
    try stage.open(bob, resume: stage.phones[bob].last)
    stage.wait(.seconds(30))
    #expect(stage.phones[bob].call?.state == .connected)
  }

  /// Numbers go up by one, without a gap, across streams of one device.
  @Test func eventsAreNumbered() throws {
    let stage = Stage()
    let ann = try stage.join("ann")
    var numbers: [UInt64] = []
    stage.board.update(Account(id: UserID("bob"), displayName: "Robert", administrator: false), now: stage.now)
    for case .event(_, let id, _) in stage.board.drain() { numbers.append(id.number) }
    let first = try #require(numbers.first)
    #expect(numbers == Array(first..<first + UInt64(numbers.count)))
    stage.close(ann)
    stage.board.update(Account(id: UserID("bob"), displayName: "Bobby", administrator: false), now: stage.now)
    stage.pump()
    try stage.board.attach(
      stream: StreamID(99), identity: stage.phones[ann].identity,
      resume: EventID(device: stage.phones[ann].device, number: first), localAddress: "10.0.0.1", now: stage.now)
    let replayed = stage.board.drain().compactMap {
      if case .event(_, let id, let event) = $0 { (id.number, event) } else { nil }
    }
    #expect(replayed.map(\.0) == [first + 1])
    guard case .person(let person)? = replayed.first?.1 else {
      Issue.record("expected the person")
      return
    }
    #expect(person.displayName == "Bobby")
  }

  @Test func afterTheGraceTheCallIsOver() throws {
    let stage = Stage()
    let ann = try stage.join("ann")
    let bob = try stage.join("bob")
    try stage.call(ann, "bob")
    try stage.act(.accept, bob)
    stage.close(bob)
    stage.wait(.milliseconds(9_999))
    #expect(stage.phones[ann].call?.state == .connected)
    stage.wait(.milliseconds(1))
    #expect(stage.phones[ann].reason == .mediaFailed)
    #expect(stage.media.peers.isEmpty)
    #expect(stage.presence("bob", by: ann) == .offline)
    // It may still come back, and hears how it ended.
    try stage.open(bob, resume: stage.phones[bob].last)
    #expect(stage.phones[bob].reason == .mediaFailed)
    #expect(stage.presence("bob", by: ann) == .online)
  }

  @Test func aCallerWhoVanishesWhileItRingsCancels() throws {
    let stage = Stage()
    let ann = try stage.join("ann")
    let bob = try stage.join("bob")
    try stage.call(ann, "bob")
    stage.close(ann)
    stage.wait(.seconds(10))
    #expect(stage.phones[bob].reason == .cancelled)
  }

  @Test func aCalleeWhoseLastDeviceVanishesIsUnreachable() throws {
    let stage = Stage()
    let ann = try stage.join("ann")
    let bobs = [try stage.join("bob"), try stage.join("bob")]
    try stage.call(ann, "bob")
    stage.close(bobs[0])
    stage.wait(.seconds(10))
    #expect(stage.phones[ann].call?.state == .ringing)
    #expect(stage.media.peers.count == 2)
    stage.close(bobs[1])
    stage.wait(.seconds(10))
    #expect(stage.phones[ann].reason == .unreachable)
  }

  @Test func whatIsTooOldIsToldAnew() throws {
    let stage = Stage()
    let ann = try stage.join("ann")
    let device = stage.phones[ann].device
    let last = stage.phones[ann].last
    for n in 0..<EventLog.capacity + 1 {
      stage.board.update(Account(id: UserID("bob"), displayName: "\(n)", administrator: false), now: stage.now)
      stage.pump()
    }
    try stage.open(ann, resume: last)
    #expect(stage.phones[ann].device == device, "the same device")
    guard case .hello(let hello) = stage.phones[ann].events.last else {
      Issue.record("no hello")
      return
    }
    #expect(hello.people.contains { $0.displayName == "\(EventLog.capacity)" })
  }

  @Test func aForgottenOrForeignDeviceIsNotResumed() throws {
    let stage = Stage()
    let ann = try stage.join("ann")
    let bob = try stage.join("bob")
    let device = stage.phones[ann].device
    let resume = try #require(stage.phones[ann].last)
    try stage.open(bob, resume: resume)
    #expect(stage.phones[bob].device != device, "another session's")
    stage.close(ann)
    stage.wait(.seconds(60))
    try stage.open(ann, resume: resume)
    #expect(stage.phones[ann].device != device)
    try stage.open(ann, resume: EventID(device: stage.phones[ann].device, number: 1_000_000))
    guard case .hello = stage.phones[ann].events.last else {
      Issue.record("a number that never was gives a hello")
      return
    }
  }

  @Test func aReloadedPageGetsItsCallBack() throws {
    let stage = Stage()
    let ann = try stage.join("ann")
    let bob = try stage.join("bob")
    try stage.call(ann, "bob")
    try stage.act(.accept, bob)
    let old = Set(stage.media.peers.keys)
    stage.close(bob)
    try stage.open(bob, resume: EventID(device: stage.phones[bob].device, number: 0))
    #expect(stage.phones[bob].call?.mine == true)
    #expect(stage.phones[bob].offers.count == 2, "a new offer for the new page")
    #expect(stage.phones[bob].call?.state == .connected)
    #expect(stage.media.peers.count == 2)
    #expect(Set(stage.media.peers.keys).subtracting(old).count == 1)
    #expect(stage.routes == ["ann0>bob1 av", "bob1>ann0 av"])
    #expect(stage.phones[ann].offers.count == 1)
  }

  @Test func aNewStreamReplacesTheOlderOne() throws {
    let stage = Stage()
    let ann = try stage.join("ann")
    try stage.board.attach(
      stream: StreamID(77), identity: stage.phones[ann].identity, resume: stage.phones[ann].last,
      localAddress: "10.0.0.1", now: stage.now)
    #expect(stage.board.drain().contains(.closeStream(StreamID(1))))
    // That the old one ends now means nothing.
    stage.board.detach(stream: StreamID(1), now: stage.now)
    #expect(stage.board.nextTimeout == nil)
    stage.board.detach(stream: StreamID(77), now: stage.now)
    #expect(stage.board.nextTimeout == stage.now.monotonic + .seconds(10))
  }

  @Test func anEndedSessionTakesItsDevicesAndCalls() throws {
    let stage = Stage()
    let ann = try stage.join("ann", session: "s1")
    let bob = try stage.join("bob")
    try stage.call(ann, "bob")
    try stage.act(.accept, bob)
    stage.board.endSession(SessionID("s1"), now: stage.now)
    stage.pump()
    #expect(stage.phones[ann].events.last == .sessionEnded)
    #expect(stage.phones[ann].living.isEmpty, "it has heard before how its call ended")
    #expect(stage.phones[ann].stream == nil)
    #expect(stage.phones[bob].reason == .hungUp)
    #expect(stage.presence("ann", by: bob) == .offline)
    #expect(stage.board.nextTimeout == nil)
    #expect(refusal { try stage.call(ann, "bob") } == .notFound)
  }

  @Test func aRemovedAccountIsGone() throws {
    let stage = Stage()
    let ann = try stage.join("ann")
    let bob = try stage.join("bob")
    try stage.call(ann, "bob")
    stage.board.remove(UserID("bob"), now: stage.now)
    stage.pump()
    #expect(stage.phones[bob].events.last == .sessionEnded)
    #expect(stage.phones[ann].reason == .unreachable)
    #expect(refusal { try stage.call(ann, "bob") } == .notFound)
    #expect(refusal { try stage.open(bob, resume: nil) } == .notSignedIn)
    #expect(!stage.board.people.contains { $0.id == UserID("bob") })
  }

  @Test func eventIDs() {
    #expect(EventID("abc.12") == EventID(device: DeviceID("abc"), number: 12))
    #expect(EventID("a.b.0")?.device == DeviceID("a.b"))
    for bad in [
      "", ".", "abc", "abc.", ".1", "abc.-1", "abc.x", "abc.99999999999999999999",
      String(repeating: "a", count: 65) + ".1",
    ] {
      #expect(EventID(bad) == nil, "\(bad)")
    }
    #expect(EventID(device: DeviceID("abc"), number: 7).description == "abc.7")
  }
}
