import Links
import Linux
import Testing

@testable import Signaling

/// What two devices in a call tell each other about the direct way between them.
@Suite struct SignalTests {
  private static let sdp = "v=0\r\ns=-\r\n"
  private static let address = "candidate:1 1 udp 2113937151 0b1c.local 5000 typ host"

  /// Ann has called bob, who has a second device, and cid is there too.
  private func stage(_ settings: Switchboard.Settings = .init(), accepted: Bool = true) throws -> Stage {
    let stage = Stage(settings)
    for user in ["ann", "bob", "bob", "cid"] { _ = try stage.join(user) }
    try stage.call(0, "bob")
    if accepted { try stage.act(.accept, 1) }
    return stage
  }

  @Test func theOtherDeviceOfTheCallHearsItAndNobodyElse() throws {
    let stage = try stage()
    let call = try #require(stage.phones[0].call?.id)
    try stage.signal(.offer, 0, sdp: Self.sdp)
    try stage.signal(.answer, 1, sdp: Self.sdp)
    try stage.signal(.candidate, 0, candidate: Self.address, mid: "0")
    try stage.signal(.receiving, 1)
    try stage.signal(.lost, 0)
    #expect(
      stage.phones[1].signals == [
        .init(call: call, attempt: 1, kind: .offer, sdp: Self.sdp),
        .init(call: call, attempt: 1, kind: .candidate, candidate: Self.address, mid: "0"),
        .init(call: call, attempt: 1, kind: .lost),
      ])
    #expect(
      stage.phones[0].signals == [
        .init(call: call, attempt: 1, kind: .answer, sdp: Self.sdp), .init(call: call, attempt: 1, kind: .receiving),
      ])
    #expect(stage.phones[2].signals.isEmpty, "the callee's other device")
    #expect(stage.phones[3].signals.isEmpty)
  }

  @Test func whatDoesNotBelongToAKindIsNotHandedOn() throws {
    let stage = try stage()
    let call = try #require(stage.phones[0].call?.id)
    try stage.signal(.lost, 0, attempt: 7, sdp: Self.sdp, candidate: Self.address, mid: "0")
    #expect(stage.phones[1].signals == [.init(call: call, attempt: 7, kind: .lost)])
  }

  @Test func refusedBeforeTheCallIsConnectedAndAfterItsEnd() throws {
    let stage = try stage(accepted: false)
    let call = try #require(stage.phones[0].call?.id)
    for phone in 0...1 { #expect(refusal { try stage.signal(.lost, phone) } == .wrongState, "it rings") }
    stage.media.manner = .silent
    try stage.act(.reconnect, 0)
    try stage.act(.accept, 1)
    #expect(stage.phones[0].call?.state == .connecting)
    #expect(refusal { try stage.signal(.lost, 0) } == .wrongState, "it connects")
    try stage.act(.hangUp, 0)
    #expect(refusal { try stage.signal(.lost, 0, call) } == .notFound, "it is over")
    #expect(stage.phones.allSatisfy { $0.signals.isEmpty })
  }

  @Test func refusedFromWhomTheCallIsNotTalkingWith() throws {
    let stage = try stage()
    let call = try #require(stage.phones[0].call?.id)
    #expect(refusal { try stage.signal(.lost, 2, call) } == .wrongState, "the callee's other device")
    #expect(refusal { try stage.signal(.lost, 3, call) } == .notFound, "a stranger")
    #expect(refusal { try stage.signal(.lost, 0, call, device: stage.phones[1].device) } == .notFound)
    #expect(refusal { try stage.signal(.lost, 0, CallID("made up")) } == .notFound)
    #expect(stage.phones.allSatisfy { $0.signals.isEmpty })
  }

  @Test func refusedInACallWithTheBox() throws {
    var settings = Switchboard.Settings()
    settings.autoAnswer = [UserID("ann")]
    let stage = Stage(settings)
    let ann = try stage.join("ann")
    try stage.call(ann, "box")
    #expect(stage.phones[ann].call?.state == .connected)
    #expect(refusal { try stage.signal(.offer, ann, sdp: Self.sdp) } == .wrongState)
  }

  @Test func whatIsMissingOrTooLongIsRefused() throws {
    let stage = try stage()
    let long = Self.sdp + String(repeating: "a", count: API.largestDescriptionBytes)
    #expect(refusal { try stage.signal(.offer, 0) } == .badRequest)
    #expect(refusal { try stage.signal(.answer, 0, sdp: "hello") } == .invalid)
    #expect(refusal { try stage.signal(.offer, 0, sdp: long) } == .invalid)
    #expect(refusal { try stage.signal(.candidate, 0, mid: "0") } == .badRequest)
    #expect(refusal { try stage.signal(.candidate, 0, candidate: Self.address) } == .badRequest)
    let candidates = [
      "", "a=candidate:1", "candidate:1\r\na=x", "candidate:王", "candidate:" + String(repeating: "1", count: 1_015),
    ]
    for candidate in candidates {
      #expect(refusal { try stage.signal(.candidate, 0, candidate: candidate, mid: "0") } == .invalid, "\(candidate)")
    }
    for mid in ["", "0\n", String(repeating: "0", count: 33)] {
      #expect(refusal { try stage.signal(.candidate, 0, candidate: Self.address, mid: mid) } == .invalid, "\(mid)")
    }
    for attempt in [Int.min, 0, 1_000_001, Int.max] {
      #expect(refusal { try stage.signal(.lost, 0, attempt: attempt) } == .invalid, "\(attempt)")
    }
    #expect(stage.phones[1].signals.isEmpty)
  }

  @Test func whoeverIsAwayJustThenNeverHearsIt() throws {
    let stage = try stage()
    try stage.signal(.lost, 0, attempt: 1)
    stage.close(1)
    try stage.signal(.lost, 0, attempt: 2)
    try stage.resume(1)
    try stage.signal(.lost, 0, attempt: 3)
    #expect(stage.phones[1].signals.map(\.attempt) == [1, 3])
    // A stream that resumes behind a signal has missed nothing else.
    stage.close(1)
    let heard = stage.phones[1].events.count
    try stage.act(.hangUp, 0)
    try stage.resume(1)
    let missed = stage.phones[1].events[heard...]
    #expect(!missed.contains { if case .hello = $0 { true } else { false } })
    #expect(stage.phones[1].reason == .hungUp)
    #expect(stage.phones[1].signals.count == 2)
  }

  @Test func theyGoOnWhenMediaOrServerAreStartedAnew() throws {
    let stage = try stage()
    stage.restartMedia()
    try stage.signal(.lost, 0, attempt: 1)
    try stage.restartServer()
    for phone in [0, 1] { try stage.resume(phone) }
    try stage.signal(.lost, 0, attempt: 2)
    #expect(stage.phones[1].signals.map(\.attempt) == [1, 2])
  }
}
