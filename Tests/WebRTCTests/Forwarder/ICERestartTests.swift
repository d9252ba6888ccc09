import Linux
import TestSupport
import Testing

@testable import WebRTC

@Suite struct ICERestartTests {
  private func restart(_ plane: TestPlane, _ phone: TestPhone) throws {
    let offer = try plane.box.reshape(peer: phone.name, to: PeerShape(), restartsICE: true, random: &plane.random)
    let answer = try phone.peer.acceptOffer(offer.sdp, now: plane.now, out: phone.out, random: &plane.random)
    try plane.box.setAnswer(answer, peer: phone.name, now: plane.now, out: plane.out)
  }

  @Test("A phone that came to another network finds the box again: the same connection, and its pictures go on")
  func findsAgain() throws {
    let plane = try TestPlane()
    let phone = try plane.call("a")
    try plane.route([.from(.local, to: .peer("a"))])
    _ = plane.film(for: .seconds(20))
    try plane.run(for: .seconds(2))
    let credentials = try #require(plane.box.members["a"]?.peer.localCredentials)
    let before = phone.pictures.count
    #expect(before > 40)

    // Its address is another now, and nothing comes to or from the old one.
    let old = phone.address
    phone.address = SocketAddress(ipv4: 0x0a00_0777, port: 50_000)
    phone.peer.addresses = [phone.address]
    try plane.run(for: .seconds(3))
    let lost = phone.pictures.count
    try restart(plane, phone)
    try plane.run(for: .seconds(2))
    #expect(phone.pictures.count > lost + 30)
    #expect(plane.box.members["a"]?.peer.route?.remote == phone.address && old != phone.address)
    #expect(plane.box.members["a"]?.peer.localCredentials != credentials)
    #expect(phone.events.count { $0.event == .connected } == 1, "no second handshake")
    #expect(!plane.has(.closed(peer: "a", reason: .silent)))
  }

  @Test("While it looks nothing is interrupted, and again and again it may") func uninterrupted() throws {
    let plane = try TestPlane()
    let phone = try plane.call("a")
    try plane.route([.from(.local, to: .peer("a"))])
    let film = plane.film(for: .seconds(45))
    try plane.run(for: .seconds(1))
    for _ in 0..<5 {
      try restart(plane, phone)
      try plane.run(for: .seconds(1))
    }
    // The answer is late, and the checks of before are still consent.
    let offer = try plane.box.reshape(peer: "a", to: PeerShape(), restartsICE: true, random: &plane.random)
    try plane.run(for: .seconds(35))
    let answer = try phone.peer.acceptOffer(offer.sdp, now: plane.now, out: phone.out, random: &plane.random)
    try plane.box.setAnswer(answer, peer: "a", now: plane.now, out: plane.out)
    try plane.run(for: .seconds(5))
    #expect(phone.pictures == film() && plane.box.peers.count == 1)
    #expect(phone.events.count { $0.event == .connected } == 1)
  }

  @Test("Checks under credentials from two restarts before are a stranger's") func old() throws {
    let plane = try TestPlane()
    let phone = try plane.call("a")
    try plane.run(for: .seconds(1))
    let first = try #require(plane.network.sent.first { $0.from == phone.address && $0.bytes[0] < 2 })
    try restart(plane, phone)
    try plane.run(for: .seconds(1))
    let before = plane.box.counters.strangerSTUN
    plane.inject(first.bytes, from: phone.address)
    #expect(plane.box.counters.strangerSTUN == before, "once it is still known")
    try restart(plane, phone)
    try plane.run(for: .seconds(1))
    plane.inject(first.bytes, from: phone.address)
    #expect(plane.box.counters.strangerSTUN == before + 1)
  }
}
