import Linux
import TestSupport
import Testing

@testable import WebRTC

@Suite struct PeerFeedbackTests {
  /// What the box has sent to the phone, opened: kept aside by the phone's network.
  private func opened(_ plane: TestPlane, _ phone: TestPhone, _ kind: DatagramKind) throws -> [[UInt8]] {
    // A session of its own, so that nothing counts as replayed.
    let session = try SRTPSession(keys: try #require(phone.peer.dtls?.exportKeys()))
    return plane.network.sent.compactMap { datagram in
      guard datagram.from == plane.boxAddress else { return nil }
      let buffer = PacketBuffer(datagram.bytes)
      guard DatagramKind.classify(buffer.view) == kind else { return nil }
      let length = kind == .rtp ? try? session.unprotectRTP(buffer.view) : try? session.unprotectRTCP(buffer.view)
      return length.map { buffer.bytes($0) }
    }
  }

  @Test("Every packet of a picture, sent again or not, asks to be shown at once and names its section")
  func extensions() throws {
    let plane = try TestPlane(.init(name: "5 % loss", delay: .milliseconds(5), lostOfThousand: 50))
    let phone = try plane.call("a")
    try plane.route([.from(.local, to: .peer("a"))])
    _ = plane.film(for: .seconds(2))
    try plane.run(for: .seconds(2))
    let ids = phone.peer.video.extensions
    #expect(ids.playoutDelay != 0 && ids.mid != 0 && ids.absoluteSendTime != 0)
    var types: Set<UInt8> = []
    var numbers: [UInt16] = []
    for bytes in try opened(plane, phone, .rtp) {
      let buffer = PacketBuffer(bytes)
      let packet = try #require(RTPPacket(buffer.view))
      types.insert(packet.payloadType)
      #expect(packet.element(ids.playoutDelay)?.array == [0, 0, 0])
      #expect(packet.element(ids.mid)?.array == Array("1".utf8))
      #expect(packet.element(ids.absoluteSendTime)?.count == 3)
      numbers.append(try #require(packet.element(ids.transportSequence)?.u16(0)))
    }
    #expect(types == [96, 97], "pictures and their retransmissions")
    #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $1 == $0 &+ 1 }, "one number after the other for all")
  }

  @Test("On a path with jitter pictures are to be held back for about that, and on one that is clean again for nothing")
  func playoutDelay() throws {
    let plane = try TestPlane(.init(name: "60 ms jitter", delay: .milliseconds(5), jitter: .milliseconds(60)))
    let phone = try plane.call("a")
    try plane.route([.from(.local, to: .peer("a"))])
    _ = plane.film(for: .seconds(60), bytes: 1_000)
    try plane.run(for: .seconds(5))
    let peer = try #require(plane.box.members["a"]?.peer)
    #expect((2...8).contains(peer.playoutDelay.minimum) && peer.playoutDelay.maximum >= peer.playoutDelay.minimum)
    let ids = phone.peer.video.extensions
    let last = PacketBuffer(try #require(try opened(plane, phone, .rtp).last))
    #expect(try #require(RTPPacket(last.view)).element(ids.playoutDelay)?.array != [0, 0, 0])
    plane.network.conditions.jitter = .zero
    try plane.run(for: .seconds(40))
    #expect(peer.playoutDelay == .none)
  }

  @Test("A NACK for a stream that is not ours is passed over") func strangeNack() throws {
    let plane = try TestPlane()
    let phone = try plane.call("a")
    try plane.route([.from(.local, to: .peer("a"))])
    _ = plane.film(for: .seconds(1))
    try plane.run(for: .seconds(1))
    let sequence = try #require(phone.packets[.video]?.last).sequence
    let ours = try #require(plane.box.members["a"]?.peer)
    for (media, expected) in [(ours.audio.ssrc, 0), (ours.video.rtxSSRC, 0), (ours.video.ssrc, 1)] {
      phone.peer.sendControl(phone.out) { $0.nack(sender: 1, media: media, [sequence]) }
      try plane.run(for: .milliseconds(50))
      #expect(plane.box.peerCounters.retransmitted == expected)
    }
  }

  @Test("What is asked for many times within a round trip is sent again once") func impatientNack() throws {
    let plane = try TestPlane(.init(name: "20 ms", delay: .milliseconds(10)))
    let phone = try plane.call("a")
    try plane.route([.from(.local, to: .peer("a"))])
    _ = plane.film(for: .seconds(3))
    try plane.run(for: .seconds(3))
    let sequence = try #require(phone.packets[.video]?.last).sequence
    let media = plane.box.members["a"]?.peer.video.ssrc ?? 0
    for turn in 1...3 {
      for _ in 0..<20 { phone.peer.sendControl(phone.out) { $0.nack(sender: 1, media: media, [sequence]) } }
      try plane.run(for: .milliseconds(100))
      #expect(plane.box.peerCounters.retransmitted == turn)
    }
  }

  @Test("By its reports, sounds and pictures of one moment have one time, whatever the network did to them")
  func sourceClock() {
    var peer = PeerClock()
    var (audio, video) = (SourceClock(), SourceClock())
    // The peer's clock at our 100 s: NTP 5,000 s, sound 48,000 ticks, pictures 4,294,900,000 ticks.
    func report(_ seconds: Double, rate: Double, from start: UInt32) -> SenderInfo {
      SenderInfo(
        ssrc: 1, ntp: UInt64((5_000 + seconds) * 4_294_967_296),
        rtpTimestamp: start &+ UInt32(truncatingIfNeeded: Int64(seconds * rate)), packetCount: 0, octetCount: 0)
    }
    func ours(_ seconds: Double) -> MonotonicTime { MonotonicTime(microseconds: Int64((100 + seconds) * 1_000_000)) }
    #expect(audio.time(of: 48_000, clockRate: 48_000, now: ours(0)) == nil, "unknown before the first report")
    audio.receive(report(0, rate: 48_000, from: 48_000), clock: &peer, now: ours(0.030))
    video.receive(report(0.5, rate: 90_000, from: 4_294_900_000), clock: &peer, now: ours(0.900))
    for moment in [0.6, 1.0, 4.0] {
      let sound = audio.time(
        of: report(moment, rate: 48_000, from: 48_000).rtpTimestamp, clockRate: 48_000, now: ours(moment + 0.1))
      let picture = video.time(
        of: report(moment, rate: 90_000, from: 4_294_900_000).rtpTimestamp, clockRate: 90_000, now: ours(moment + 0.3))
      #expect(sound == ours(moment + 0.030))
      #expect(abs((picture?.microseconds ?? 0) - ours(moment + 0.030).microseconds) <= 20)
    }
    // A report that makes no sense is not believed.
    video.receive(
      SenderInfo(ssrc: 1, ntp: .max, rtpTimestamp: 7, packetCount: 0, octetCount: 0), clock: &peer, now: ours(5))
    #expect(video.time(of: 4_294_900_000, clockRate: 90_000, now: ours(5)) == nil)
  }

  @Test("Another source begins anew: nothing of it counts as lost, and its numbers go on for those who follow")
  func anotherSource() throws {
    let stream = IncomingStream(.video)
    let now = MonotonicTime(microseconds: 0)
    var last: Int64 = 0
    for (source, first) in [(1, 65_530), (2, 30_000), (3, 100)] as [(UInt32, UInt16)] {
      for number in 0..<10 as Range<UInt16> {
        let buffer = PacketBuffer(length: 20)
        _ = RTPWriter.write(
          RTPHeader(payloadType: 96, sequence: first &+ number, timestamp: 0, ssrc: source), into: buffer.view)
        if number == 0 { stream.begin(source) }
        let index = stream.count(try #require(RTPPacket(buffer.view)), asksAgain: true, now: now)
        #expect(number == 0 ? index > last : index == last + 1)
        last = index
      }
      #expect(stream.missing.missingCount == 0)
      #expect(stream.received?.ssrc == source && stream.received?.cumulativeLost == 0)
    }
  }

  @Test("Arrivals are reported to a peer that numbers its packets") func transportWide() throws {
    let plane = try TestPlane()
    let phone = try plane.call("a")
    try plane.run(for: .seconds(1))
    let srtp = try #require(phone.peer.srtp)
    var values = RTPExtensionValues()
    for number in 0..<20 as Range<UInt16> where number != 7 {
      plane.at(.milliseconds(Int64(number) * 5)) {
        let buffer = PacketBuffer(length: 200)
        values.transportSequence = 65_530 &+ number
        let header = RTPHeader(
          payloadType: 111, sequence: number, timestamp: UInt32(number) * 960, ssrc: phone.peer.audio.ssrc)
        let start = try #require(
          RTPWriter.write(header, values, ids: phone.peer.audio.extensions, into: buffer.view))
        plane.inject(buffer.bytes(try srtp.protectRTP(buffer.view, length: start + 10)), from: phone.address)
      }
    }
    try plane.run(for: .seconds(1))
    var reported: [UInt16: Int64?] = [:]
    for bytes in try opened(plane, phone, .rtcp) {
      let buffer = PacketBuffer(bytes)
      for case .transportWide(let feedback) in try #require(RTCPCompound(buffer.view)) {
        feedback.forEachPacket { reported.updateValue($1, forKey: $0) }
      }
    }
    #expect(reported.count == 20)
    #expect(reported[65_530 &+ 7] == .some(nil), "the one that never came is named as lost")
    let times = (0..<20 as Range<UInt16>).filter { $0 != 7 }.compactMap { reported[65_530 &+ $0] ?? nil }
    #expect(times.count == 19)
    #expect(try #require(times.last) - (times.first ?? 0) == 95_000, "in microseconds, to a quarter millisecond")
  }

  @Test("Where the viewer does not tell when packets came, the rate follows its own estimate, and its losses")
  func rate() throws {
    let plane = try TestPlane()
    let phone = try plane.call("a") { answer in
      answer.split(separator: "\r\n").filter { !$0.contains("transport-") }.map { $0 + "\r\n" }.joined()
    }
    try plane.route([.from(.local, to: .peer("a"))])
    _ = plane.film(for: .seconds(20))
    try plane.run(for: .seconds(1))
    #expect(plane.box.localDemand.videoBitsPerSecond == 1_500_000)
    func limit(_ bitsPerSecond: UInt64) throws {
      phone.peer.sendControl(phone.out) {
        $0.bitrateLimit(sender: 1, media: plane.box.members["a"]?.peer.video.ssrc ?? 0, bitsPerSecond: bitsPerSecond)
      }
      try plane.run(for: .milliseconds(10))
    }
    try limit(800_000)
    #expect(abs(plane.box.localDemand.videoBitsPerSecond - 800_000) < 1_000)
    try limit(50_000)
    #expect(plane.box.localDemand.videoBitsPerSecond == 300_000, "below that a picture is of no use")
    try limit(50_000_000)
    #expect(plane.box.localDemand.videoBitsPerSecond >= 1_500_000)
    plane.network.conditions.lostOfThousand = 400
    try plane.run(for: .seconds(8))
    #expect(plane.box.localDemand.videoBitsPerSecond < 1_200_000)
  }

  @Test("A viewer's own limit counts besides what the way to it takes") func receiverLimit() throws {
    let plane = try TestPlane()
    let phone = try plane.call("a")
    try plane.route([.from(.local, to: .peer("a"))])
    _ = plane.film(for: .seconds(5))
    try plane.run(for: .seconds(2))
    #expect(plane.box.localDemand.videoBitsPerSecond == 2_500_000)
    for (limit, expected) in [(800_000, 640_000...800_000), (50_000, 50_000...100_000)] as [(UInt64, ClosedRange<Int>)]
    {
      phone.peer.sendControl(phone.out) { $0.bitrateLimit(sender: 1, media: 1, bitsPerSecond: limit) }
      try plane.run(for: .milliseconds(10))
      #expect(expected.contains(plane.box.localDemand.videoBitsPerSecond))
    }
  }

  @Test("Two viewers get what the weaker one can take") func weakest() throws {
    let plane = try TestPlane()
    let phones = try ["a", "b"].map { try plane.call($0) }
    try plane.route(["a", "b"].map { .from(.local, to: .peer($0)) })
    try plane.run(for: .seconds(1))
    phones[1].peer.sendControl(phones[1].out) { $0.bitrateLimit(sender: 1, media: 1, bitsPerSecond: 600_000) }
    try plane.run(for: .milliseconds(10))
    #expect(abs(plane.box.localDemand.videoBitsPerSecond - 600_000) < 1_000)
    plane.box.close(peer: "b", out: plane.out)
    #expect(plane.box.localDemand.videoBitsPerSecond == 1_500_000)
  }

  @Test("Reports bind sound and picture of a camera to one clock") func senderReports() throws {
    let plane = try TestPlane()
    let phone = try plane.call("a")
    try plane.route([.from(.local, to: .peer("a"))])
    _ = plane.film(for: .seconds(4))
    var ticks: UInt32 = 0
    plane.every(.milliseconds(20), for: .seconds(4)) {
      let sound = PacketBuffer([1, 2, 3])
      plane.box.publish(audio: sound.view, timestamp: ticks, captured: plane.now, now: plane.now, out: plane.out)
      ticks += 960
    }
    try plane.run(for: .seconds(4))
    var infos: [UInt32: [SenderInfo]] = [:]
    for bytes in try opened(plane, phone, .rtcp) {
      let buffer = PacketBuffer(bytes)
      for case .senderReport(let report) in try #require(RTCPCompound(buffer.view)) {
        infos[report.info.ssrc, default: []].append(report.info)
      }
    }
    #expect(infos.count == 2)
    for (ssrc, reports) in infos {
      #expect(reports.count >= 3)
      let rate = ssrc == plane.box.members["a"]?.peer.audio.ssrc ? 48_000.0 : 90_000.0
      for (a, b) in zip(reports, reports.dropFirst()) {
        let seconds = Double(b.ntp &- a.ntp) / 4_294_967_296
        #expect(abs(Double(b.rtpTimestamp &- a.rtpTimestamp) - seconds * rate) <= 2, "drift of \(ssrc)")
      }
    }
  }
}
