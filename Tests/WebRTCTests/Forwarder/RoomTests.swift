import Linux
import TestSupport
import Testing

@testable import WebRTC

/// Many in one room: what goes into which section, and whose sound.
@Suite struct RoomTests {
  private func room(_ names: [String], shape: PeerShape, plane: TestPlane) throws -> [TestPhone] {
    let phones = try names.map { try plane.call($0, shape: shape) }
    try plane.route(
      names.flatMap { from in names.filter { $0 != from }.map { .from(.peer(from), to: .peer($0)) } })
    try plane.run(for: .seconds(1))
    return phones
  }

  @Test("The box's own microphone is told as somebody who speaks, and as silent after a while") func boxSpeaks() throws
  {
    let plane = try TestPlane()
    try plane.call("a")
    try plane.route([.from(.local, to: .peer("a"))])
    try plane.run(for: .seconds(1))
    let start = plane.now
    plane.every(.milliseconds(20), for: .seconds(1)) {
      let packet = PacketBuffer([UInt8](repeating: 1, count: 40))
      plane.box.publish(
        audio: packet.view, timestamp: 0, level: 20, captured: plane.now, now: plane.now, out: plane.out)
    }
    try plane.run(for: .seconds(3))
    let begun = try #require(plane.time(of: .speaking(of: .local, true)))
    let ended = try #require(plane.time(of: .speaking(of: .local, false)))
    #expect(begun - start < .milliseconds(300))
    #expect((.milliseconds(1_600) ... .milliseconds(1_900)).contains(ended - start))
  }

  @Test("Each gets the picture of each other in a section of its own, unbroken") func sections() throws {
    let plane = try TestPlane()
    let names = ["a", "b", "c", "d"]
    let phones = try room(names, shape: PeerShape(audio: 3, video: 3), plane: plane)
    var counts = [Int](repeating: 0, count: phones.count)
    plane.every(.microseconds(33_333), for: .seconds(2)) {
      for (index, phone) in phones.enumerated() {
        let isKey = counts[index] == 0 || phone.keyFramesAsked > 0
        phone.send(
          picture: TestPlane.picture(index * 1_000 + counts[index], isKey: isKey, bytes: 2_000), now: plane.now)
        phone.send(sound: [UInt8(index)], level: 20, now: plane.now)
        counts[index] += 1
      }
    }
    try plane.run(for: .seconds(3))
    for (index, phone) in phones.enumerated() {
      // The first section of each kind, and those that were added: sound 0, 2, 3; pictures 1, 4, 5.
      #expect(Set(phone.sections.keys) == [0, 1, 2, 3, 4, 5])
      var heard: Set<[UInt8]> = []
      for section in [0, 2, 3] {
        let payloads = Set(phone.sections[section, default: []].map(\.payload))
        #expect(payloads.count == 1, "one voice to a section while there is room for all")
        heard.formUnion(payloads)
      }
      #expect(heard == Set((0..<4).filter { $0 != index }.map { [UInt8($0)] }))
      for section in [1, 4, 5] {
        let packets = phone.sections[section, default: []]
        #expect(packets.count > 100)
        #expect(zip(packets, packets.dropFirst()).allSatisfy { $1.sequence == $0.sequence &+ 1 })
      }
    }
  }

  @Test("Who comes later is offered to the others in further sections, while their media goes on") func joins() throws {
    let plane = try TestPlane()
    let (a, b) = (try plane.call("a"), try plane.call("b"))
    let routes: [Route] = [.from(.peer("a"), to: .peer("b")), .from(.peer("b"), to: .peer("a"))]
    try plane.route(routes)
    try plane.run(for: .seconds(1))
    plane.every(.milliseconds(20), for: .seconds(4)) {
      for phone in [a, b] { phone.send(sound: [1], level: 20, now: plane.now) }
    }
    try plane.run(for: .seconds(1))
    let before = try #require(b.packets[.audio]?.count)

    let c = try plane.call("c", shape: PeerShape(audio: 2, video: 2))
    let offer = try plane.reshape(b, to: PeerShape(audio: 2, video: 2, hasScreen: true))
    #expect(offer.video == ["1", "3"] && offer.screen == "4")
    #expect(throws: Never.self) { try plane.reshape(b, to: PeerShape(audio: 2, video: 2)) }
    try plane.route(routes + [.from(.peer("c"), to: .peer("b")), .from(.peer("b"), to: .peer("c"))])
    var sent = 0
    plane.every(.microseconds(33_333), for: .seconds(2)) {
      c.send(picture: TestPlane.picture(sent, isKey: sent == 0 || c.keyFramesAsked > 0, bytes: 900), now: plane.now)
      sent += 1
    }
    try plane.run(for: .seconds(2))
    #expect(b.sections[3]?.isEmpty == false, "the picture of c in the section that was added")
    #expect(try #require(b.packets[.audio]?.count) >= before + 95, "a was heard all the time")
    #expect(b.events.count { $0.event == .connected } == 1)
    #expect(plane.box.peerCounters.tampered == 0)
  }

  @Test("No second offer before the first is answered") func unanswered() throws {
    let plane = try TestPlane()
    _ = try plane.box.open(peer: "a", addresses: [plane.boxAddress], now: plane.now, random: &plane.random)
    #expect(throws: ForwarderError.wrongState("'a' has not answered the last offer")) {
      try plane.box.reshape(peer: "a", to: PeerShape(video: 2), random: &plane.random)
    }
  }

  @Test(
    "Of many voices the three loudest are heard, and a louder one takes the place of the quietest", arguments: [1, 2])
  func loudest(_ seed: UInt64) throws {
    let plane = try TestPlane(seed: seed)
    let names = (0..<7).map { "p\($0)" }
    let phones = try room(names, shape: PeerShape(audio: 3, video: 6), plane: plane)
    // 3 speaks softly all the time; 4, 5, 6 louder; then 1 begins, louder than all, and 4 falls silent.
    func level(_ index: Int, _ second: Double) -> UInt8 {
      switch index {
      case 1: second < 2 ? 127 : 10
      case 3: 45
      case 4: second < 2 ? 30 : 127
      case 5, 6: 25
      default: 127
      }
    }
    let start = plane.now
    plane.every(.milliseconds(20), for: .seconds(4)) {
      for (index, phone) in phones.enumerated() {
        phone.send(sound: [UInt8(index)], level: level(index, (plane.now - start).seconds), now: plane.now)
      }
    }
    func heard(_ phone: TestPhone, since: Int) -> [UInt8: Int] {
      (phone.packets[.audio] ?? []).dropFirst(since).reduce(into: [:]) { $0[$1.payload.first ?? 255, default: 0] += 1 }
    }
    try plane.run(for: .seconds(1))
    let first = phones[0].packets[.audio]?.count ?? 0
    try plane.run(for: .milliseconds(900))
    #expect(Set(heard(phones[0], since: first).keys) == [4, 5, 6], "silence and whispers go nowhere")
    try plane.run(for: .milliseconds(1_000))
    let later = phones[0].packets[.audio]?.count ?? 0
    try plane.run(for: .milliseconds(1_000))
    #expect(Set(heard(phones[0], since: later).keys) == [1, 5, 6])
    // Each section is one stream without a gap, whoever is in it.
    for section in [0, 2, 3] {
      let packets = phones[0].sections[section, default: []]
      #expect(zip(packets, packets.dropFirst()).allSatisfy { $1.sequence == $0.sequence &+ 1 })
      #expect(zip(packets, packets.dropFirst()).allSatisfy { $1.timestamp.isNewer(than: $0.timestamp) })
    }
    #expect(plane.has(.speaking(of: .peer("p1"), true)) && plane.has(.speaking(of: .peer("p4"), false)))
    #expect(!plane.has(.speaking(of: .peer("p0"), true)))
    #expect(try #require(plane.time(of: .speaking(of: .peer("p1"), true))) - start < .milliseconds(2_200))
  }

  @Test("Nobody's picture is sent where it is not shown") func unseen() throws {
    let plane = try TestPlane()
    let phones = try room(["a", "b", "c"], shape: PeerShape(audio: 2, video: 2), plane: plane)
    let feed = ForwarderFeed(audio: [.peer("b"), .peer("c")], video: [nil, ForwarderView(from: .peer("c"))])
    try plane.box.setFeed(feed, of: .peer("a"), now: plane.now, out: plane.out)
    for (index, phone) in phones.enumerated() {
      phone.send(picture: TestPlane.picture(index, isKey: true, bytes: 800), now: plane.now)
    }
    try plane.run(for: .milliseconds(100))
    #expect(phones[0].sections[1] == nil)
    #expect(phones[0].sections[3]?.count == 1)
    #expect(throws: ForwarderError.noSuchPeer("x")) {
      try plane.box.setFeed(ForwarderFeed(), of: .peer("x"), now: plane.now, out: plane.out)
    }
  }
}
