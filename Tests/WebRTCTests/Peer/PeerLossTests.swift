import Linux
import TestSupport
import Testing

@testable import WebRTC

/// What a peer does about packets that do not come to it.
@Suite struct PeerLossTests {
  /// Payload type of an RTP packet, whose head is in clear.
  private static func type(_ bytes: [UInt8]) -> UInt8? {
    withPacket(bytes) { DatagramKind.classify($0) == .rtp ? $0.u8(1).map { $0 & 0x7f } : nil }
  }

  /// A phone on the line, whose packets of pictures, and their retransmissions, pass if `passes` says so of their number.
  private func running(
    edit: (String) -> String = { $0 }, passes: @escaping (_ number: Int, _ isRepetition: Bool, _ bytes: [UInt8]) -> Bool
  ) throws -> (TestPlane, TestPhone) {
    let plane = try TestPlane()
    let phone = try plane.call("a", edit: edit)
    try plane.run(for: .seconds(1))
    var (number, repetitions) = (0, 0)
    plane.network.filter = { bytes, from in
      guard from == phone.address, let type = Self.type(bytes), type == 96 || type == 97 else { return true }
      if type == 97 {
        repetitions += 1
        return passes(repetitions - 1, true, bytes)
      }
      number += 1
      return passes(number - 1, false, bytes)
    }
    return (plane, phone)
  }

  @Test("A loss is passed over where the peer cannot be asked") func withoutNack() throws {
    let (plane, phone) = try running {
      $0.replacing("a=rtcp-fb:96 nack\r\n", with: "")
    } passes: { number, _, _ in
      number != 5
    }
    plane.every(.milliseconds(10), for: .milliseconds(200)) {
      phone.send(picture: TestPlane.picture(0, isKey: true, bytes: 500), now: plane.now)
    }
    try plane.run(for: .seconds(1))
    let peer = try #require(plane.box.members["a"]?.peer)
    #expect(plane.network.lost == 1 && peer.video.received?.cumulativeLost == 1)
    #expect(peer.video.missing.missingCount == 0 && phone.peer.counters.retransmitted == 0)
  }

  struct Loss: Sendable {
    let spacing: Interval
    let packets: Int
    let passes: @Sendable (Int) -> Bool
    let asked: ClosedRange<Int>
  }

  static let losses: [Loss] = [
    // One packet that never comes, however often it is asked for.
    Loss(spacing: .milliseconds(10), packets: 100, passes: { $0 != 20 }, asked: 1...1),
    // More than can be asked for.
    Loss(spacing: .milliseconds(1), packets: 400, passes: { !(20..<320).contains($0) }, asked: 1...1),
    // One such gap behind the other for 1.5 s.
    Loss(spacing: .microseconds(500), packets: 3_000, passes: { $0 % 300 == 0 }, asked: 4...6),
  ]

  @Test("What cannot be mended asks for a key frame, in measure", arguments: losses.indices)
  func keyFrame(_ index: Int) throws {
    let loss = Self.losses[index]
    let (plane, phone) = try running { number, isRepetition, _ in !isRepetition && loss.passes(number) }
    plane.every(loss.spacing, for: loss.spacing * Int64(loss.packets)) {
      phone.send(picture: TestPlane.picture(0, isKey: true, bytes: 500), now: plane.now)
    }
    try plane.run(for: .seconds(2))
    #expect(loss.asked.contains(phone.keyFramesAsked), "\(phone.keyFramesAsked)")
  }

  @Test("A copy that comes before its loss has shown stands in for the packet, and the packet itself is then too much")
  func copyInAdvance() throws {
    var late: [UInt8] = []
    let (plane, phone) = try running { number, isRepetition, bytes in
      guard number == 2, !isRepetition else { return true }
      late = bytes
      return false
    }
    let viewer = try plane.call("b")
    try plane.route([.from(.peer("a"), to: .peer("b")), .from(.peer("a"), to: .local)])
    try plane.run(for: .seconds(1))
    let pictures = (0..<5).map { TestPlane.picture($0, isKey: $0 == 0, bytes: 500) }
    for (number, picture) in pictures.enumerated() {
      phone.send(picture: picture, now: plane.now)
      if number == 2 {
        // The first packet has the number 65,530.
        phone.asked(forPacket: 65_532, section: 1, now: plane.now, out: phone.out)
      }
      try plane.run(for: .milliseconds(20))
    }
    #expect(phone.peer.counters.retransmitted == 1 && !late.isEmpty)
    #expect(viewer.pictures == pictures)
    plane.inject(late, from: phone.address)
    try plane.run(for: .milliseconds(20))
    #expect(viewer.packets[.video]?.count == pictures.count)
    #expect(plane.box.counters.videoFramesReceived == pictures.count)
  }

  @Test("Reports that find no room wait for it") func fullQueue() throws {
    let plane = try TestPlane()
    let phone = try plane.call("a")
    try plane.run(for: .seconds(1))
    let srtp = try #require(phone.peer.srtp)
    var values = RTPExtensionValues()
    for number in 0..<20 as Range<UInt16> {
      let buffer = PacketBuffer(length: 200)
      values.transportSequence = number
      let header = RTPHeader(payloadType: 111, sequence: number, timestamp: 0, ssrc: phone.peer.audio.ssrc)
      let start = try #require(RTPWriter.write(header, values, ids: phone.peer.audio.extensions, into: buffer.view))
      plane.inject(buffer.bytes(try srtp.protectRTP(buffer.view, length: start + 10)), from: phone.address)
    }
    let peer = try #require(plane.box.members["a"]?.peer)
    let due = try #require(peer.arrivals.nextTimeout)
    let queue = DatagramQueue(capacity: 1)
    queue.append(to: try #require(peer.route)) { $0.set(0, 1 as UInt8) ? 1 : 0 }
    peer.poll(now: due, out: queue)
    #expect(queue.dropped > 0 && peer.arrivals.nextTimeout == due)
    queue.removeAll()
    peer.poll(now: due, out: queue)
    #expect(queue.count == 1 && peer.arrivals.nextTimeout == nil)
  }
}
