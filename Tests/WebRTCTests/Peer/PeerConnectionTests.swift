import Linux
import TestSupport
import Testing

@testable import WebRTC

@Suite struct PeerConnectionTests {
  static let conditions: [NetworkEmulator.Conditions] = [
    .clean,
    .init(name: "slow and shaky", delay: .milliseconds(40), jitter: .milliseconds(30)),
    .init(name: "5 % loss", lostOfThousand: 50),
    .init(name: "20 % loss", delay: .milliseconds(5), lostOfThousand: 200),
    .init(name: "doubled", jitter: .milliseconds(5), doubledOfThousand: 500),
    .init(
      name: "all at once", delay: .milliseconds(20), jitter: .milliseconds(40), lostOfThousand: 100,
      doubledOfThousand: 100),
  ]

  @Test("A call gets up and pictures arrive whole, both ways", arguments: conditions, [1, 2] as [UInt64])
  func mediaFlows(_ conditions: NetworkEmulator.Conditions, _ seed: UInt64) throws {
    let plane = try TestPlane(conditions, seed: seed)
    let phone = try plane.call("a")
    try plane.route([.from(.local, to: .peer("a")), .from(.peer("a"), to: .local)])
    let filmed = plane.film(for: .seconds(5))
    plane.every(.microseconds(33_333), for: .seconds(5)) {
      phone.send(picture: TestPlane.picture(0, isKey: true, bytes: 2_500), now: plane.now)
    }
    try plane.run(for: .seconds(6))

    #expect(plane.has(.connected(peer: "a")))
    #expect(phone.has(.connected))
    #expect(plane.has(.receiving(peer: "a", audio: false, video: true)))
    // Every picture that arrived is one that was sent, in order.
    let sent = filmed()
    var rest = sent[...]
    for picture in phone.pictures {
      let index = rest.firstIndex(of: picture)
      #expect(index != nil, "a picture that was not sent, or out of order")
      if let index { rest = rest[(index + 1)...] }
    }
    // Retransmission mends nearly all; what it cannot, a key frame does.
    #expect(phone.pictures.count > sent.count * 8 / 10, "\(phone.pictures.count) of \(sent.count)")
    #expect(plane.box.counters.videoFramesReceived > 90)
    #expect(plane.box.peerCounters.tampered == 0)
  }

  @Test("The same seed gives the same call") func isDeterministic() throws {
    func run() throws -> [String] {
      let plane = try TestPlane(Self.conditions[5], seed: 99)
      let phone = try plane.call("a")
      try plane.route([.from(.local, to: .peer("a"))])
      _ = plane.film(for: .seconds(5))
      try plane.run(for: .seconds(6))
      return plane.events.map { "\($0.at.microseconds) \($0.event)" }
        + phone.events.map { "\($0.at.microseconds) \($0.event)" }
        + (phone.packets[.video] ?? []).map { "\($0.sequence) \($0.timestamp)" }
    }
    let first = try run()
    #expect(first.count > 500)
    #expect(try run() == first)
  }

  @Test("The handshake is over before the answer comes, but no media passes until it has come")
  func answerComesLate() throws {
    let plane = try TestPlane()
    let phone = try plane.call("a", answerAfter: .milliseconds(500))
    try plane.route([.from(.local, to: .peer("a"))])
    _ = plane.film(for: .seconds(1))
    plane.every(.milliseconds(20), for: .milliseconds(480)) { phone.send(sound: [1, 2, 3], now: plane.now) }
    try plane.run(for: .milliseconds(490))
    #expect(phone.has(.connected), "the phone has the box's fingerprint")
    #expect(!plane.has(.connected(peer: "a")))
    #expect(phone.packets.isEmpty)
    #expect(plane.box.peerCounters.early > 0)
    try plane.run(for: .milliseconds(510))
    let connected = try #require(plane.time(of: .connected(peer: "a")))
    #expect(connected == MonotonicTime(microseconds: 5_000_500_000), "at once, no further round trip")
    #expect(!phone.pictures.isEmpty)
  }

  @Test("A certificate that is not the one of the description ends the peer") func wrongFingerprint() throws {
    let plane = try TestPlane()
    let real = try TestPlane.phoneContext.get().certificate.fingerprint
    let other = try TestPlane.strangerContext.get().certificate.fingerprint
    let phone = try plane.call("a") { $0.replacing(real, with: other) }
    try plane.route([.from(.local, to: .peer("a"))])
    _ = plane.film(for: .seconds(1))
    try plane.run(for: .seconds(1))
    #expect(plane.has(.closed(peer: "a", reason: .failed)))
    #expect(!plane.has(.connected(peer: "a")))
    #expect(phone.packets.isEmpty)
    #expect(plane.box.peers.isEmpty)
  }

  @Test("The peer may leave the start of the handshake to the box") func passivePeer() throws {
    let plane = try TestPlane()
    let phone = try plane.call("a") { $0.replacing("a=setup:active", with: "a=setup:passive") }
    phone.peer.negotiation?.transport.isDTLSClient = false
    try plane.run(for: .seconds(1))
    #expect(plane.has(.connected(peer: "a")))
    #expect(phone.has(.connected))
  }

  @Test("A peer that falls silent ends after 30 s, and not before") func consentExpires() throws {
    let plane = try TestPlane()
    try plane.call("a")
    try plane.run(for: .seconds(60))
    #expect(plane.has(.connected(peer: "a")))
    #expect(!plane.has(.closed(peer: "a", reason: .silent)), "its checks are its consent")
    plane.network.filter = { _, from in from == plane.boxAddress }
    let cut = plane.now
    try plane.run(for: .seconds(40))
    let closed = try #require(plane.time(of: .closed(peer: "a", reason: .silent)))
    // The last check was at most 6 s before the cut, and one may have been under way.
    #expect(closed - cut > .seconds(23) && closed - cut <= .seconds(31))
    #expect(plane.box.peers.isEmpty)
  }

  @Test("A peer that never comes ends after 30 s") func neverComes() throws {
    let plane = try TestPlane()
    plane.network.filter = { _, _ in false }
    try plane.call("a")
    let start = plane.now
    try plane.run(for: .seconds(40))
    #expect(try #require(plane.time(of: .closed(peer: "a", reason: .silent))) - start == .seconds(30))
  }

  @Test("A goodbye ends the other side at once") func goodbye() throws {
    let plane = try TestPlane()
    let phone = try plane.call("a")
    try plane.run(for: .seconds(1))
    phone.peer.close(out: phone.out)
    try plane.run(for: .milliseconds(10))
    #expect(plane.has(.closed(peer: "a", reason: .closed)))

    let second = try plane.call("b")
    try plane.run(for: .seconds(1))
    plane.box.close(peer: "b", out: plane.out)
    try plane.run(for: .milliseconds(10))
    #expect(second.has(.closed(.closed)))
    #expect(!plane.has(.closed(peer: "b", reason: .closed)), "who asked for it is not told")
  }

  @Test("Reports measure the round trip") func roundTrip() throws {
    let plane = try TestPlane(.init(name: "25 ms each way", delay: .milliseconds(25)))
    let phone = try plane.call("a")
    try plane.route([.from(.local, to: .peer("a"))])
    _ = plane.film(for: .seconds(5))
    try plane.run(for: .seconds(5))
    let measured = try #require(plane.box.members["a"]?.peer.video.sent.roundTrip)
    #expect(abs(measured.microseconds - 50_000) < 2_000, "\(measured.microseconds) µs")
    #expect(phone.peer.video.received?.cumulativeLost == 0)
  }

  @Test("The time of a picture by sender reports is when it was captured, not when it arrived") func sourceClock()
    throws
  {
    let plane = try TestPlane(.init(name: "shaky", delay: .milliseconds(30), jitter: .milliseconds(30)))
    let phone = try plane.call("a")
    let other = try plane.call("b")
    try plane.route([.from(.peer("a"), to: .peer("b"))])
    plane.every(.milliseconds(20), for: .seconds(5)) { phone.send(sound: [9, 9, 9], now: plane.now) }
    try plane.run(for: .seconds(6))
    // Forwarded timestamps keep their spacing whatever the network did in between.
    let stamps = (other.packets[.audio] ?? []).sorted { $0.sequence.isNewer(than: $1.sequence) == false }.map(
      \.timestamp)
    #expect(stamps.count > 230)
    #expect(zip(stamps, stamps.dropFirst()).allSatisfy { $1 &- $0 == 960 })
  }
}
