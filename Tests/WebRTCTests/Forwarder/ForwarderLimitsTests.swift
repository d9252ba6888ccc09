import Linux
import TestSupport
import Testing

@testable import WebRTC

/// Where the forwarder gives more, less, or nothing at all.
@Suite struct ForwarderLimitsTests {
  @Test("Who is seen by the box alone is asked for little, until somebody watches") func unwatched() throws {
    let plane = try TestPlane()
    let phone = try plane.call("a")
    _ = try plane.call("b")
    plane.every(.milliseconds(100), for: .seconds(9)) {
      phone.send(picture: TestPlane.picture(0, isKey: true, bytes: 500), now: plane.now)
    }
    try plane.route([.from(.peer("a"), to: .local)])
    try plane.run(for: .seconds(3))
    #expect(phone.peer.targetBitsPerSecond == 300_000)
    try plane.route([.from(.peer("a"), to: .local), .from(.peer("a"), to: .peer("b"))])
    try plane.run(for: .seconds(3))
    #expect(phone.peer.targetBitsPerSecond > 1_000_000)
    try plane.route([.from(.peer("a"), to: .local)])
    try plane.run(for: .seconds(3))
    #expect(phone.peer.targetBitsPerSecond == 300_000)
  }

  @Test("A camera that is off is asked for key frames less and less often, and seen at once when it is on again")
  func cameraOff() throws {
    let plane = try TestPlane()
    let phone = try plane.call("a")
    let viewer = try plane.call("b")
    try plane.route([.from(.peer("a"), to: .peer("b"))])
    try plane.run(for: .seconds(60))
    let asked = phone.keyFramesAsked
    try plane.run(for: .seconds(60))
    #expect(phone.keyFramesAsked - asked < 10, "in a minute: \(phone.keyFramesAsked - asked)")
    let picture = TestPlane.picture(0, isKey: true, bytes: 500)
    phone.send(picture: picture, now: plane.now)
    try plane.run(for: .milliseconds(20))
    #expect(viewer.pictures == [picture])
  }

  /// A viewer that has got one picture of 600 packets, and their numbers.
  private func watching() throws -> (plane: TestPlane, phone: TestPhone, sequences: [UInt16]) {
    let plane = try TestPlane(.init(name: "10 ms", delay: .milliseconds(10)))
    let phone = try plane.call("a")
    try plane.route([.from(.local, to: .peer("a"))])
    try plane.run(for: .seconds(1))
    plane.publish(picture: TestPlane.picture(0, isKey: true, bytes: 599 * (VP8Packetizer.longestPayload - 6)))
    try plane.run(for: .milliseconds(100))
    let sequences = try #require(phone.packets[.video]).map(\.sequence)
    #expect(sequences.count >= 512)
    return (plane, phone, sequences)
  }

  private func ask(_ plane: TestPlane, _ phone: TestPhone, for sequences: [UInt16]) {
    let media = plane.box.members["a"]?.peer.video.ssrc ?? 0
    phone.peer.sendControl(phone.out) { $0.nack(sender: 1, media: media, sequences) }
  }

  @Test("However they are asked for, two packets are sent again once in a round trip") func alternating() throws {
    let (plane, phone, sequences) = try watching()
    let first = sequences[sequences.count - 400]
    for _ in 0..<50 { for sequence in [first, first &+ 256] { ask(plane, phone, for: [sequence]) } }
    try plane.run(for: .milliseconds(50))
    #expect(plane.box.peerCounters.retransmitted == 2)
  }

  @Test("A peer that asks for everything all the time gets a burst and then 500 packets a second") func flood() throws {
    let (plane, phone, sequences) = try watching()
    let kept = Array(sequences.suffix(500))
    plane.every(.milliseconds(5), for: .seconds(1)) { ask(plane, phone, for: kept) }
    try plane.run(for: .milliseconds(1_100))
    let again = plane.box.peerCounters.retransmitted
    #expect((650...760).contains(again), "\(again)")
  }

  @Test("A key frame for twenty viewers does not fit the queue, and all of it arrives") func manyViewers() throws {
    let plane = try TestPlane()
    plane.out.whenFull = { [unowned plane] in plane.network.send($0, from: plane.boxAddress, now: plane.now) }
    let phones = try (0..<20).map { try plane.call("v\($0)") }
    try plane.route((0..<20).map { .from(.local, to: .peer("v\($0)")) })
    try plane.run(for: .seconds(1))
    let picture = TestPlane.picture(0, isKey: true, bytes: 60 * VP8Packetizer.longestPayload)
    plane.publish(picture: picture)
    try plane.run(for: .milliseconds(100))
    #expect(phones.allSatisfy { $0.pictures == [picture] })
    #expect(plane.out.dropped == 0 && plane.box.peerCounters.retransmitted == 0)
    #expect(plane.box.peerCounters.packetsSent > plane.out.capacity)
  }

  @Test("A new viewer does not catch up across what passed while nobody watched") func replaysNoHole() throws {
    let plane = try TestPlane()
    try plane.call("a")
    let second = try plane.call("b")
    try plane.route([.from(.local, to: .peer("a"))])
    try plane.run(for: .milliseconds(500))
    plane.publish(picture: TestPlane.picture(0, isKey: true, bytes: 4_000))
    try plane.route([])
    plane.publish(picture: TestPlane.picture(1, isKey: false, bytes: 4_000))
    try plane.route([.from(.local, to: .peer("b"))])
    plane.publish(picture: TestPlane.picture(2, isKey: false, bytes: 4_000))
    try plane.run(for: .milliseconds(100))
    #expect(second.packets[.video]?.count == nil)
    #expect(plane.box.localDemand.keyFrame)
  }
}
