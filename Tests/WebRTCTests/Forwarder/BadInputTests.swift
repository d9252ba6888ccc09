import Linux
import TestSupport
import Testing

@testable import WebRTC

/// What strangers and vandals send: no answer, a counter, and everything else goes on.
@Suite struct BadInputTests {
  let stranger = SocketAddress(ipv4: 0x0a00_0666, port: 666)

  private func running() throws -> (TestPlane, TestPhone) {
    let plane = try TestPlane()
    let phone = try plane.call("a")
    try plane.route([.from(.peer("a"), to: .local)])
    try plane.run(for: .seconds(1))
    phone.send(sound: [1, 2, 3, 4], now: plane.now)
    try plane.run(for: .milliseconds(10))
    #expect(plane.has(.receiving(peer: "a", audio: true, video: false)))
    return (plane, phone)
  }

  /// The last datagram of the phone that satisfies a condition.
  private func last(_ plane: TestPlane, _ phone: TestPhone, _ fits: ([UInt8]) -> Bool) throws -> [UInt8] {
    try #require(plane.network.sent.last { $0.from == phone.address && fits($0.bytes) }?.bytes)
  }

  private static func isRTP(_ bytes: [UInt8]) -> Bool {
    withPacket(bytes) { DatagramKind.classify($0) == .rtp }
  }
  private static func isRTCP(_ bytes: [UInt8]) -> Bool {
    withPacket(bytes) { DatagramKind.classify($0) == .rtcp }
  }
  private static func isSTUN(_ bytes: [UInt8]) -> Bool {
    withPacket(bytes) { DatagramKind.classify($0) == .stun }
  }

  @Test("A stranger gets no answer to anything") func silence() throws {
    let (plane, phone) = try running()
    var inputs: [[UInt8]] = [[], [0], [255], Array(repeating: 0x55, count: 2048)]
    inputs += plane.network.sent.filter { $0.from == phone.address }.map(\.bytes).filter { !Self.isSTUN($0) }
    // A check for a peer that does not exist, well made.
    let check = PacketBuffer(length: 200)
    var writer = STUNWriter(check.view, .request, transactionID: STUNTransactionID(high: 1, low: 2))
    writer.username(to: "AAAABBBB", from: "x")
    inputs.append(check.bytes(writer.finish(key: [1, 2, 3])))
    for input in inputs { plane.inject(input, from: stranger) }
    #expect(plane.out.count == 0)
    #expect(plane.box.counters.garbage == 4)
    #expect(plane.box.counters.strangerSTUN == 1)
    #expect(plane.box.counters.strangers == inputs.count - 5)
    try plane.run(for: .seconds(1))
    #expect(plane.box.peers.first?.isConnected == true)
  }

  @Test("A check with the right name and a wrong password gets no answer and moves nothing") func wrongPassword() throws
  {
    let (plane, _) = try running()
    let credentials = try #require(plane.box.members["a"]?.peer.localCredentials)
    let route = plane.box.members["a"]?.peer.route
    let check = PacketBuffer(length: 200)
    var writer = STUNWriter(check.view, .request, transactionID: STUNTransactionID(high: 1, low: 2))
    writer.username(to: credentials.ufrag, from: "x")
    writer.useCandidate()
    let bytes = check.bytes(writer.finish(key: Array("wrong".utf8)))
    plane.inject(bytes, from: stranger)
    #expect(plane.out.count == 0)
    #expect(plane.box.peerCounters.wrongCredentials == 1)
    #expect(plane.box.members["a"]?.peer.route == route)
  }

  @Test("A peer that claims another's address by forged senders, however often, does not mute it")
  func forgedSender() throws {
    let (plane, phone) = try running()
    try plane.call("vandal")
    try plane.run(for: .seconds(1))
    let credentials = try #require(plane.box.members["vandal"]?.peer.localCredentials)
    let before = plane.box.members["a"]?.peer.counters.packetsReceived ?? 0
    for number in 1...20 {
      let check = PacketBuffer(length: 200)
      var writer = STUNWriter(check.view, .request, transactionID: STUNTransactionID(high: 1, low: UInt64(number)))
      writer.username(to: credentials.ufrag, from: plane.phones[1].peer.localCredentials.ufrag)
      writer.iceControlling(tieBreaker: 1)
      writer.useCandidate()
      plane.inject(check.bytes(writer.finish(key: Array(credentials.password.utf8))), from: phone.address)
      #expect(plane.box.members["vandal"]?.peer.route?.remote == phone.address)
      phone.send(sound: [9], now: plane.now)
      try plane.run(for: .milliseconds(50))
      #expect(plane.box.members["a"]?.peer.counters.packetsReceived == before + number)
    }
  }

  @Test("Of a peer that comes from ever new addresses the last few are known") func manyAddresses() throws {
    let (plane, phone) = try running()
    let credentials = try #require(plane.box.members["a"]?.peer.localCredentials)
    let addresses = (0..<30).map { SocketAddress(ipv4: 0x0a00_0200 + $0, port: 9) }
    for (number, address) in addresses.enumerated() {
      let check = PacketBuffer(length: 200)
      var writer = STUNWriter(check.view, .request, transactionID: STUNTransactionID(high: 1, low: UInt64(number)))
      writer.username(to: credentials.ufrag, from: phone.peer.localCredentials.ufrag)
      writer.iceControlling(tieBreaker: 1)
      writer.useCandidate()
      plane.inject(check.bytes(writer.finish(key: Array(credentials.password.utf8))), from: address)
      #expect(plane.box.members["a"]?.peer.route?.remote == address)
    }
    let before = plane.box.counters.strangers
    let bytes: [UInt8] = [0x80, 111] + Array(repeating: 0, count: 40)
    for address in addresses { plane.inject(bytes, from: address) }
    #expect(plane.box.counters.strangers - before >= 22)
    #expect(plane.box.peerCounters.tampered >= 1, "the last one is known")
  }

  @Test("Replayed and tampered packets are counted and dropped") func replayed() throws {
    let (plane, phone) = try running()
    let before = plane.box.peerCounters
    let rtp = try last(plane, phone, Self.isRTP)
    plane.inject(rtp, from: phone.address)
    #expect(plane.box.peerCounters.replayed == before.replayed + 1)
    for bit in stride(from: 8 * 12, to: rtp.count * 8, by: 37) {
      phone.send(sound: [1, 2, 3, 4], now: plane.now)
      let (bytes, _) = try #require(phone.out[phone.out.count - 1])
      var tampered = bytes.array
      phone.out.removeAll()
      tampered[bit / 8] ^= 1 << UInt8(bit % 8)
      plane.inject(tampered, from: phone.address)
    }
    let count = stride(from: 8 * 12, to: rtp.count * 8, by: 37).underestimatedCount
    #expect(plane.box.peerCounters.tampered == before.tampered + count)
    try plane.run(for: .seconds(2))
    let rtcp = try last(plane, phone, Self.isRTCP)
    plane.inject(rtcp, from: phone.address)
    #expect(plane.box.peerCounters.replayed == before.replayed + 2)
    #expect(plane.box.peers.first?.isConnected == true)
  }

  @Test("RTCP that cannot be read is counted, also from a friend") func malformedRTCP() throws {
    let (plane, phone) = try running()
    let srtp = try #require(phone.peer.srtp)
    for bytes in [[0x80, 200, 0, 9, 1, 2, 3, 4], [0xa0, 201, 0, 1, 1, 2, 3, 99]] as [[UInt8]] {
      let buffer = PacketBuffer(bytes, room: 64)
      let length = try srtp.protectRTCP(buffer.view, length: bytes.count)
      plane.inject(buffer.bytes(length), from: phone.address)
    }
    #expect(plane.box.peerCounters.malformedRTCP == 2)
    #expect(plane.box.peers.first?.isConnected == true)
  }

  @Test("Any bytes from a friend's address leave the call standing", arguments: [1, 2, 3] as [UInt64])
  func noise(_ seed: UInt64) throws {
    let (plane, phone) = try running()
    var random = SeededGenerator(seed: seed)
    let real = plane.network.sent.filter { $0.from == phone.address }.map(\.bytes)
    for _ in 0..<2_000 {
      var bytes = real[Int.random(in: 0..<real.count, using: &random)]
      for _ in 0..<Int.random(in: 1...8, using: &random) where !bytes.isEmpty {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      bytes.removeLast(Int.random(in: 0...bytes.count, using: &random))
      plane.inject(bytes, from: phone.address)
      plane.out.removeAll()
    }
    // An alert in clear may end a handshake that is under way, never one that is over.
    try plane.run(for: .seconds(2))
    phone.send(sound: [5], now: plane.now)
    try plane.run(for: .milliseconds(10))
    #expect(plane.box.peers.first?.isConnected == true)
  }
}
