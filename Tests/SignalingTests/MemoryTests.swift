import Links
import Linux
import Testing

@testable import Signaling

/// A server dies, and the next one goes on with its calls.
@Suite struct MemoryTests {
  /// Ann is in a call with the box.
  private static func inCall() throws -> Stage {
    let stage = Stage()
    _ = try stage.join("ann")
    stage.press(.short(.call))
    try stage.act(.accept, 0)
    #expect(stage.phones[0].call?.state == .connected)
    return stage
  }

  @Test func aRunningCallIsNotTouched() throws {
    let stage = try Self.inCall()
    let (feeds, peers) = (stage.media.feeds, stage.media.peers)
    let heard = stage.phones[0].events.count
    try stage.restartServer()
    #expect(stage.state == .inCall(boxCalled: true, autoAnswered: false))
    #expect(stage.media.feeds == feeds)
    #expect(stage.media.peers == peers)
    try stage.resume(0)
    // It has missed nothing, so it hears nothing: no hello, no offer.
    #expect(stage.phones[0].events.count == heard)
    try stage.act(.hangUp, 0)
    #expect(stage.phones[0].reason == .hungUp)
    #expect(stage.media.peers.isEmpty)
    #expect(stage.state == .ready)
  }

  @Test func aRingingCallRingsOn() throws {
    let stage = Stage()
    for user in ["ann", "bob"] { _ = try stage.join(user) }
    let call = try stage.call(0, "bob")
    stage.wait(.seconds(10))
    try stage.restartServer()
    for phone in 0..<2 { try stage.resume(phone) }
    #expect(stage.phones[1].call?.state == .ringing)
    // By the time it has rung already.
    stage.wait(.seconds(19))
    #expect(stage.phones[1].call?.id == call.id)
    try stage.act(.accept, 1)
    #expect(stage.phones[0].call?.state == .connected)
  }

  @Test func itStillRingsNoLongerThanItsTime() throws {
    let stage = Stage()
    for user in ["ann", "bob"] { _ = try stage.join(user) }
    try stage.call(0, "bob")
    stage.wait(.seconds(20))
    try stage.restartServer()
    for phone in 0..<2 { try stage.resume(phone) }
    stage.wait(.seconds(11))
    #expect(stage.phones[0].reason == .timedOut)
  }

  /// Nobody knows whether an offer arrived that nobody had answered.
  @Test func anOfferThatWasNotAnsweredIsMadeAnew() throws {
    let stage = Stage()
    for user in ["ann", "bob"] { _ = try stage.join(user) }
    stage.phones[1].answers = false
    try stage.call(0, "bob")
    let first = try #require(stage.phones[1].offers.first)
    stage.phones[1].answers = true
    try stage.restartServer()
    for phone in 0..<2 { try stage.resume(phone) }
    #expect(stage.phones[1].offers.last?.peer != first.peer)
    #expect(stage.media.peers[first.peer.rawValue] == nil)
    try stage.act(.accept, 1)
    #expect(stage.phones[0].call?.state == .connected)
  }

  @Test func mediaThatDiedTooIsBuiltAnew() throws {
    let stage = try Self.inCall()
    let offers = stage.phones[0].offers.count
    try stage.restartServer(mediaToo: true)
    try stage.resume(0)
    #expect(stage.phones[0].offers.count == offers + 1)
    #expect(stage.phones[0].call?.state == .connected)
    #expect(stage.routes == ["ann0>box av", "box>ann0 av"])
  }

  /// Its page had heard of something that this server does not know of.
  @Test func aPageThatKnowsMoreIsToldEverythingAndKeepsItsConnection() throws {
    let stage = try Self.inCall()
    let offers = stage.phones[0].offers.count
    try stage.restartServer()
    let device = stage.phones[0].device
    try stage.open(0, resume: EventID(device: device, number: 10_000))
    #expect(stage.phones[0].device == device)
    #expect(stage.phones[0].call?.state == .connected)
    #expect(stage.phones[0].offers.count == offers)
  }

  @Test func aPageThatWasReloadedGetsANewOffer() throws {
    let stage = try Self.inCall()
    let offers = stage.phones[0].offers.count
    try stage.restartServer()
    try stage.open(0, resume: EventID(device: stage.phones[0].device, number: 0))
    #expect(stage.phones[0].offers.count == offers + 1)
  }

  @Test func whoDoesNotComeBackIsGoneAfterTheGrace() throws {
    let stage = try Self.inCall()
    try stage.restartServer()
    stage.wait(.seconds(11))
    #expect(stage.board.calls.isEmpty)
    #expect(stage.media.peers.isEmpty)
    #expect(stage.state == .nobodyReachable)
  }

  @Test func aSessionThatEndedMeanwhileTakesItsCallAlong() throws {
    let stage = try Self.inCall()
    try stage.restartServer(ended: [stage.phones[0].identity.session])
    #expect(stage.board.calls.isEmpty)
    #expect(stage.media.peers.isEmpty)
  }

  @Test func whatIsNoMemoryIsNotTaken() throws {
    #expect(SwitchboardMemory([]) == nil)
    #expect(SwitchboardMemory(Array("{}".utf8)) == nil)
    let bytes = try Self.inCall().board.memory.encoded()
    #expect(SwitchboardMemory(Array(bytes.dropLast())) == nil)
    let other = String(decoding: bytes, as: UTF8.self).split(separator: "\"version\":\(SwitchboardMemory.version)")
    #expect(other.count == 2)
    #expect(SwitchboardMemory(Array(other.joined(separator: "\"version\":1").utf8)) == nil)
  }
}
