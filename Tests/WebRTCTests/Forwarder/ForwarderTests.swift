import Linux
import TestSupport
import Testing

@testable import WebRTC

@Suite struct ForwarderTests {
  @Test("A picture and a sound of one phone reach the other as they were, under the box's own numbers")
  func forwards() throws {
    let plane = try TestPlane()
    let a = try plane.call("a")
    let b = try plane.call("b")
    try plane.route([.from(.peer("a"), to: .peer("b")), .from(.peer("b"), to: .peer("a"))])
    try plane.run(for: .seconds(1))
    var sent: [[UInt8]] = []
    plane.every(.microseconds(33_333), for: .seconds(2)) {
      let isKey = a.keyFramesAsked > 0 || sent.isEmpty
      let picture = TestPlane.picture(sent.count, isKey: isKey, bytes: 3_000)
      sent.append(picture)
      a.send(picture: picture, orientation: 1, now: plane.now)
      b.send(sound: [UInt8(truncatingIfNeeded: sent.count), 7], now: plane.now)
    }
    try plane.run(for: .milliseconds(2_100))
    #expect(sent.count == 60)
    #expect(b.pictures == sent)
    #expect(a.packets[.audio]?.map(\.payload) == (1...60).map { [UInt8($0), 7] })
    let packets = try #require(b.packets[.video])
    #expect(packets.allSatisfy { $0.orientation == 1 }, "a phone that is turned shows its picture upright")
    #expect(packets.first?.sequence != 65_530, "the sender's numbers stay with the box")
    #expect(zip(packets, packets.dropFirst()).allSatisfy { $1.sequence == $0.sequence &+ 1 })
    // The sender's numbers wrapped on the way.
    #expect(zip(packets, packets.dropFirst()).allSatisfy { !$1.timestamp.isNewer(than: $0.timestamp &+ 3_010) })
  }

  @Test("A change of source shows as one unbroken stream that goes on with a key frame") func changesSource() throws {
    let plane = try TestPlane()
    let phones = try ["a", "b", "c"].map { try plane.call($0) }
    let (a, b, c) = (phones[0], phones[1], phones[2])
    try plane.run(for: .seconds(1))
    for (index, phone) in [a, b].enumerated() {
      var count = 0
      plane.every(.microseconds(33_333), for: .seconds(6)) {
        let isKey = phone.keyFramesAsked > 0 || count == 0
        phone.send(picture: TestPlane.picture(count + 1000 * index, isKey: isKey, bytes: 1_500), now: plane.now)
        phone.send(sound: [UInt8(index)], now: plane.now)
        count += 1
      }
    }
    for (second, source) in ["a", "b", "a", "b", "a", "b"].enumerated() {
      plane.at(.milliseconds(Int64(second) * 1000 + 1)) {
        try plane.route([.from(.peer(source), to: .peer("c"))])
      }
    }
    try plane.run(for: .seconds(7))
    for kind in MediaKind.allCases {
      let packets = try #require(c.packets[kind])
      #expect(packets.count > 150)
      #expect(zip(packets, packets.dropFirst()).allSatisfy { $1.sequence == $0.sequence &+ 1 }, "\(kind)")
      #expect(zip(packets, packets.dropFirst()).allSatisfy { !$0.timestamp.isNewer(than: $1.timestamp) }, "\(kind)")
    }
    // Time goes on with the clock, so sound and picture stay together: 6 s at 90 kHz.
    let stamps = try #require(c.packets[.video]?.map(\.timestamp))
    let elapsed = try #require(stamps.last) &- (stamps.first ?? 0)
    #expect(abs(Int(elapsed) - 6 * 90_000) < 20_000, "\(elapsed)")
    let descriptors = try #require(c.packets[.video]).map { packet in
      withPacket(packet.payload) { VP8Descriptor.parse($0)?.descriptor }
    }
    let layers = descriptors.map(\.?.baseLayerIndex)
    #expect(
      zip(layers, layers.dropFirst()).allSatisfy { a, b in
        guard let a, let b else { return false }
        return b == a || b == a &+ 1
      })
    let identifiers = descriptors.map(\.?.pictureID)
    #expect(
      zip(identifiers, identifiers.dropFirst()).allSatisfy { a, b in
        guard let a, let b else { return false }
        return b == a || b == (a &+ 1) & 0x7fff
      })
    #expect(c.keyFramesAsked == 0 && a.keyFramesAsked >= 2 && b.keyFramesAsked >= 3)
    #expect(c.frames.needsKeyFrame == false)
  }

  @Test("Many wishes for a key frame reach the sender as one in 300 ms, and again until one comes") func keyFrames()
    throws
  {
    let plane = try TestPlane()
    let source = try plane.call("a")
    let viewers = try (1...4).map { try plane.call("v\($0)") }
    try plane.route((1...4).map { .from(.peer("a"), to: .peer("v\($0)")) })
    // A sender that never obeys.
    plane.every(.milliseconds(20), for: .seconds(4)) {
      source.send(picture: TestPlane.picture(1, isKey: false, bytes: 500), now: plane.now)
    }
    plane.every(.milliseconds(20), for: .seconds(4)) {
      for viewer in viewers { viewer.peer.requestKeyFrame(1, now: plane.now, out: viewer.out) }
    }
    try plane.run(for: .seconds(4))
    #expect((10...14).contains(source.keyFramesAsked), "\(source.keyFramesAsked)")
    #expect(viewers.allSatisfy { $0.packets[.video] == nil }, "nothing can be shown without a key frame")
  }

  @Test("The box's own encoder is asked while a viewer waits, and no longer") func localKeyFrame() throws {
    let plane = try TestPlane()
    let phone = try plane.call("a")
    try plane.route([.from(.local, to: .peer("a"))])
    try plane.run(for: .milliseconds(500))
    #expect(plane.box.localDemand.keyFrame)
    #expect(plane.box.localDemand.encoder)
    plane.publish(picture: TestPlane.picture(0, isKey: false, bytes: 100))
    #expect(plane.box.localDemand.keyFrame)
    plane.publish(picture: TestPlane.picture(1, isKey: true, bytes: 100))
    #expect(!plane.box.localDemand.keyFrame)
    try plane.run(for: .milliseconds(100))
    #expect(phone.pictures.count == 1)
    phone.peer.sendControl(phone.out) {
      $0.fullIntraRequest(sender: 1, media: plane.box.members["a"]?.peer.video.ssrc ?? 0, number: 1)
    }
    try plane.run(for: .milliseconds(100))
    #expect(plane.box.localDemand.keyFrame, "FIR counts as PLI does")
  }

  @Test("A new viewer gets the last key frame at once, and all since") func replays() throws {
    let plane = try TestPlane()
    let first = try plane.call("a")
    try plane.route([.from(.local, to: .peer("a"))])
    try plane.run(for: .milliseconds(500))
    let pictures = (0..<4).map { TestPlane.picture($0, isKey: $0 == 0, bytes: 4_000) }
    for picture in pictures {
      plane.publish(picture: picture)
      try plane.run(for: .milliseconds(33))
    }
    let second = try plane.call("b")
    try plane.route([.from(.local, to: .peer("a")), .from(.local, to: .peer("b"))])
    try plane.run(for: .milliseconds(60))
    #expect(second.pictures == pictures)
    #expect(!plane.box.localDemand.keyFrame, "nobody else has to pay for it")
    #expect(first.pictures == pictures)

    try plane.run(for: .milliseconds(400))
    let third = try plane.call("c")
    try plane.route(["a", "b", "c"].map { .from(.local, to: .peer($0)) })
    try plane.run(for: .milliseconds(60))
    #expect(third.pictures.isEmpty, "what is too old is not shown")
    #expect(plane.box.localDemand.keyFrame)
  }

  @Test("Lost packets are sent again from what the publisher keeps, once for each time they are missed")
  func retransmits() throws {
    let plane = try TestPlane(.init(name: "10 ms", delay: .milliseconds(10)))
    let phone = try plane.call("a")
    try plane.route([.from(.local, to: .peer("a"))])
    let filmed = plane.film(for: .seconds(3))
    try plane.run(for: .seconds(1))
    var count = 0
    plane.network.filter = { bytes, from in
      guard from == plane.boxAddress, bytes[0] >> 6 == 2, bytes.count > 500 else { return true }
      count += 1
      // Each seventh packet, never its repetition.
      return count % 7 != 0 || bytes[1] & 0x7f == 97
    }
    try plane.run(for: .milliseconds(2_500))
    #expect(phone.pictures == filmed())
    let again = plane.box.peerCounters.retransmitted
    #expect(again >= plane.network.lost && again <= plane.network.lost + 5, "\(again) for \(plane.network.lost)")
    #expect(plane.network.lost > 20)
  }

  @Test("The routes say what devices are needed for") func demand() throws {
    let plane = try TestPlane()
    #expect(plane.box.localDemand == Forwarder.LocalDemand())
    try plane.route([.from(.local, to: .peer("a"), audio: false), .from(.peer("a"), to: .local, video: false)])
    #expect(!plane.box.localDemand.camera, "there is no such peer yet")
    try plane.call("a")
    #expect(plane.box.localDemand.camera)
    #expect(!plane.box.localDemand.microphone)
    #expect(!plane.box.localDemand.encoder && !plane.box.localDemand.speaker, "it has not been heard of yet")
    try plane.run(for: .seconds(1))
    #expect(plane.box.localDemand.encoder && plane.box.localDemand.speaker)
    #expect(plane.box.localDemand.videoBitsPerSecond == 1_500_000)
    try plane.route([.from(.local, to: .peer("a"), video: false)])
    #expect(plane.box.localDemand.microphone && plane.box.isMicrophoneHeard)
    #expect(!plane.box.localDemand.camera && !plane.box.localDemand.encoder && !plane.box.localDemand.speaker)
    plane.box.close(peer: "a", out: plane.out)
    #expect(plane.box.localDemand == Forwarder.LocalDemand())
  }

  @Test("For a peer that refuses pictures the camera does not run") func soundOnly() throws {
    let plane = try TestPlane()
    try plane.route([.from(.local, to: .peer("a"))])
    let phone = try plane.call("a") { $0.replacing("m=video 40001", with: "m=video 0") }
    #expect(!plane.box.localDemand.camera && plane.box.localDemand.microphone)
    try plane.run(for: .seconds(1))
    #expect(plane.box.isMicrophoneHeard && !plane.box.localDemand.encoder)
    let sound = PacketBuffer([1, 2, 3])
    plane.box.publish(audio: sound.view, timestamp: 0, captured: plane.now, now: plane.now, out: plane.out)
    plane.publish(picture: TestPlane.picture(0, isKey: true, bytes: 100))
    try plane.run(for: .milliseconds(100))
    #expect(phone.packets[.audio]?.map(\.payload) == [[1, 2, 3]])
    #expect(phone.packets[.video] == nil)
  }

  @Test("The sound of a phone that is routed to the box comes out there, and ends when the route does")
  func localSound() throws {
    final class Ears: LocalSubscriber {
      var heard: [[UInt8]] = []
      var ended: [Int] = []
      func receive(
        audio payload: PacketView, index: Int64, timestamp: UInt32, level: UInt8?, from source: Int, now: MonotonicTime
      ) { heard.append(payload.array) }
      func end(source: Int) { ended.append(source) }
    }
    let ears = Ears()
    let plane = try TestPlane()
    plane.box.localSubscriber = ears
    let phone = try plane.call("a")
    try plane.run(for: .seconds(1))
    phone.send(sound: [1], now: plane.now)
    try plane.run(for: .milliseconds(100))
    #expect(ears.heard.isEmpty)
    try plane.route([.from(.peer("a"), to: .local)])
    phone.send(sound: [2], now: plane.now)
    try plane.run(for: .milliseconds(100))
    #expect(ears.heard == [[2]])
    try plane.route([])
    #expect(ears.ended == [1])
    phone.send(sound: [3], now: plane.now)
    try plane.run(for: .milliseconds(100))
    #expect(ears.heard == [[2]])
    #expect(plane.has(.receiving(peer: "a", audio: true, video: false)))
    try plane.route([.from(.peer("a"), to: .local)])
    phone.peer.close(out: phone.out)
    try plane.run(for: .milliseconds(100))
    #expect(ears.ended == [1, 1])
  }

  @Test("Pictures for the box are counted from the next key frame, which is asked for") func counts() throws {
    let plane = try TestPlane()
    let phone = try plane.call("a")
    try plane.run(for: .seconds(1))
    var sent = 0
    plane.every(.milliseconds(20), for: .seconds(2)) {
      let isKey = sent == 0 || phone.keyFramesAsked > 0
      phone.send(picture: TestPlane.picture(sent, isKey: isKey, bytes: 1_500), now: plane.now)
      sent += 1
    }
    try plane.run(for: .seconds(1))
    #expect(plane.box.counters.videoFramesReceived == 0 && phone.keyFramesAsked == 0)
    try plane.route([.from(.peer("a"), to: .local)])
    try plane.run(for: .milliseconds(1_100))
    #expect(phone.keyFramesAsked == 1)
    #expect((48...50).contains(plane.box.counters.videoFramesReceived), "\(plane.box.counters.videoFramesReceived)")
  }

  @Test("A peer that may not send is not listened to") func receiveOnly() throws {
    let plane = try TestPlane()
    let phone = try plane.call("a") { $0.replacing("a=sendrecv", with: "a=recvonly") }
    try plane.route([.from(.local, to: .peer("a"))])
    try plane.run(for: .seconds(1))
    phone.send(sound: [1], now: plane.now)
    plane.publish(picture: TestPlane.picture(0, isKey: true, bytes: 100))
    try plane.run(for: .milliseconds(100))
    #expect(!plane.has(.receiving(peer: "a", audio: true, video: false)))
    #expect(phone.pictures.count == 1)
  }

  @Test("A peer may hear and see itself") func echo() throws {
    let plane = try TestPlane()
    let phone = try plane.call("a")
    try plane.route([.from(.peer("a"), to: .peer("a"))])
    try plane.run(for: .seconds(1))
    let picture = TestPlane.picture(0, isKey: true, bytes: 3_000)
    phone.send(picture: picture, now: plane.now)
    try plane.run(for: .milliseconds(50))
    #expect(phone.pictures == [picture])
  }

  @Test("Requests that do not fit are refused and change nothing") func refusals() throws {
    let plane = try TestPlane()
    try plane.call("a")
    #expect(throws: ForwarderError.wrongState("a peer of the name 'a' is open")) {
      try plane.box.open(peer: "a", addresses: [], now: plane.now, random: &plane.random)
    }
    #expect(throws: ForwarderError.noSuchPeer("x")) {
      try plane.box.setAnswer("", peer: "x", now: plane.now, out: plane.out)
    }
    #expect {
      try plane.box.setAnswer("v=0\r\n", peer: "a", now: plane.now, out: plane.out)
    } throws: { if case .wrongState = $0 as? ForwarderError { true } else { false } }
    _ = try plane.box.open(peer: "b", addresses: [], now: plane.now, random: &plane.random)
    for text in ["", "v=0\r\n", "nonsense", String(repeating: "a", count: 70_000)] {
      #expect {
        try plane.box.setAnswer(text, peer: "b", now: plane.now, out: plane.out)
      } throws: { if case .badDescription = $0 as? ForwarderError { true } else { false } }
    }
    plane.box.close(peer: "b", out: plane.out)
    #expect(plane.box.peers.map(\.name) == ["a"])
    for number in 0..<(Forwarder.mostPeers - 1) {
      _ = try plane.box.open(peer: "p\(number)", addresses: [], now: plane.now, random: &plane.random)
    }
    #expect(throws: ForwarderError.tooMany("128 peers are open")) {
      try plane.box.open(peer: "one more", addresses: [], now: plane.now, random: &plane.random)
    }
  }
}
