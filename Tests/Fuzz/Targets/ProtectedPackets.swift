import Linux
import Synchronization
import WebRTC

extension FuzzTarget {
  /// Whatever a connected peer protects and sends, the box stays connected to it, answers in measure, and has nothing to do
  /// again and again.
  static let protected = FuzzTarget(
    "protected",
    seeds: {
      let head = RTPHeader(payloadType: 96, marker: true, sequence: 1, timestamp: 2, ssrc: 3)
      let rtp = { (payloadType: UInt8, payload: [UInt8]) in
        var header = head
        header.payloadType = payloadType
        return datagram { slot in
          guard let start = RTPWriter.write(header, into: slot) else { return 0 }
          for (index, byte) in payload.enumerated() { slot.set(start + index, byte) }
          return start + payload.count
        }
      }
      // A key frame with picture id and TL0PICIDX, the next frame, a retransmission, sound.
      let key: [UInt8] = [0x90, 0xe0, 0x81, 0x02, 0x03, 0x20, 0x10, 0, 0, 0x9d, 0x01, 0x2a]
      let packets = [
        rtp(96, key), rtp(96, [0x90, 0xe0, 0x81, 0x03, 0x04, 0x20, 0x11, 0]), rtp(97, [0, 9] + key),
        rtp(111, [0x78, 1, 2, 3]),
      ]
      let feedback = datagram { slot in
        var writer = RTCPWriter(slot)
        writer.receiverReport(ssrc: 3)
        writer.add(ReportBlock(ssrc: videoSource, fractionLost: 9))
        writer.nack(sender: 3, media: videoSource, 0..<40)
        writer.pictureLoss(sender: 3, media: videoSource)
        writer.bitrateLimit(sender: 3, media: videoSource, bitsPerSecond: 700_000)
        return writer.length
      }
      let lost = datagram { slot in
        var writer = RTCPWriter(slot)
        writer.nack(sender: 3, media: videoSource, [0, 1, 2, 7])
        return writer.length
      }
      return packets + [feedback, lost]
    },
    run: { view in
      call.lock.withLock { _ in call.ends.map { $0.complaint(view) } ?? "no call" }
    })

  private final class Call: @unchecked Sendable {
    let lock = Mutex(())
    /// Touched by who holds the lock.
    let ends = ProtectedCall()
  }
  private static let call = Call()
  private static let videoSource = call.lock.withLock { _ in call.ends?.videoSource ?? 0 }
}

/// A forwarder that sends a phone its own sound and pictures back, and the phone, of which there is no more than its keys.
private final class ProtectedCall {
  private let forwarder: Forwarder
  private let out = DatagramQueue(capacity: 1024)
  private let route = DatagramQueue.Route(
    remote: SocketAddress(ipv4: 0x0a00_0002, port: 1), local: SocketAddress(ipv4: 0x0a00_0001, port: 2))
  private let credentials: ICECredentials
  private let phone: SRTPSession
  /// What the box sends its pictures under.
  let videoSource: UInt32
  private var now = MonotonicTime(microseconds: 1_000_000)
  private var inputs = 0
  /// The number of the last picture's packet that came back.
  private var newest: UInt16 = 0

  init?() {
    var random = FuzzTarget.Steps()
    let ours = ICECredentials(ufrag: "phonephone", password: "abcdefghijklmnopqrstuvwx")
    guard let context = try? DTLSContext(certificate: Certificate(serial: 1)),
      let endpoint = try? DTLSEndpoint(context: context, role: .client)
    else { return nil }
    forwarder = Forwarder(context: context, clock: NTPClock(wall: WallTime(milliseconds: 0), at: now))
    let msid = MediaStreamID(stream: "phone", track: nil)
    let builder = DescriptionBuilder(
      transport: LocalTransport(
        credentials: ours, fingerprint: Fingerprint(algorithm: "sha-256", value: context.certificate.fingerprint),
        addresses: [route.remote]),
      sections: [
        LocalSection(kind: .audio, mid: "0", ssrc: 1, cname: "phone", msid: msid),
        LocalSection(kind: .video, mid: "1", ssrc: 2, rtxSSRC: 3, cname: "phone", msid: msid),
      ], sessionID: 1)
    guard let offer = try? forwarder.open(peer: "a", addresses: [route.local], now: now, random: &random),
      let description = try? SessionDescription.parse(offer.sdp),
      let source = description.media.last?.sources.first?.ssrc,
      let (answer, settled) = try? builder.answer(to: description),
      (try? forwarder.setAnswer(answer.description, peer: "a", now: now, out: out)) != nil
    else { return nil }
    videoSource = source
    credentials = settled.transport.credentials
    // The handshake, in which each side gets at once what the other says.
    Self.check(credentials, from: ours.ufrag, to: forwarder, route, now, out)
    let said = DatagramQueue(capacity: 64)
    var keys: SRTPKeys?
    _ = endpoint.start(route: route, now: now, out: said)
    for _ in 0..<10 where keys == nil {
      Self.deliver(said, to: forwarder, now, out)
      said.removeAll()
      for index in 0..<out.count {
        guard let (bytes, _) = out[index], DatagramKind.classify(bytes) == .dtls else { continue }
        if case .connected(let found) = endpoint.receive(bytes, route: route, now: now, out: said) { keys = found }
      }
      out.removeAll()
    }
    Self.deliver(said, to: forwarder, now, out)
    guard let keys, let session = try? SRTPSession(keys: keys) else { return nil }
    phone = session
    let feed = ForwarderFeed(audio: [.peer("a")], video: [ForwarderView(from: .peer("a"))])
    guard (try? forwarder.setFeed(feed, of: .peer("a"), now: now, out: out)) != nil,
      (try? forwarder.setFeed(feed, of: .local, now: now, out: out)) != nil, isUp
    else { return nil }
  }

  private var isUp: Bool { forwarder.peers.first?.isConnected == true }

  private static func check(
    _ credentials: ICECredentials, from name: String, to forwarder: Forwarder, _ route: DatagramQueue.Route,
    _ now: MonotonicTime, _ out: DatagramQueue
  ) {
    let bytes = datagram { slot in
      var writer = STUNWriter(
        slot, .request, transactionID: STUNTransactionID(high: 1, low: UInt64(bitPattern: now.microseconds)))
      writer.username(to: credentials.ufrag, from: name)
      writer.iceControlling(tieBreaker: 1)
      writer.useCandidate()
      return writer.finish(key: Array(credentials.password.utf8))
    }
    receive(bytes, forwarder, route, now, out)
  }

  private static func deliver(
    _ said: DatagramQueue, to forwarder: Forwarder, _ now: MonotonicTime, _ out: DatagramQueue
  ) {
    for index in 0..<said.count {
      guard let (bytes, route) = said[index] else { continue }
      forwarder.receive(bytes, route: route, now: now, out: out)
    }
  }

  private static func receive(
    _ bytes: [UInt8], _ forwarder: Forwarder, _ route: DatagramQueue.Route, _ now: MonotonicTime, _ out: DatagramQueue
  ) {
    var bytes = bytes
    bytes.withUnsafeMutableBytes { forwarder.receive(PacketView($0), route: route, now: now, out: out) }
  }

  func complaint(_ view: PacketView) -> String? {
    inputs += 1
    now = now + .milliseconds(1 + Int64(view.count & 15))
    // Consent.
    if inputs % 500 == 0 { Self.check(credentials, from: "phonephone", to: forwarder, route, now, out) }
    out.removeAll()
    let before = forwarder.peerCounters
    let bytes = protect(view)
    if !bytes.isEmpty { Self.receive(bytes, forwarder, route, now, out) }
    for step in 0..<3 as Range<Int64> {
      forwarder.poll(now: now, out: out)
      if let next = forwarder.nextTimeout, next <= now { return "due again at once, after \(step) steps" }
      now = now + .milliseconds(5)
    }
    for index in 0..<out.count {
      guard let (bytes, _) = out[index], bytes.u8(1).map({ $0 & 0x7f }) == 96, let number = bytes.u16(2) else {
        continue
      }
      newest = number
    }
    let after = forwarder.peerCounters
    if after.tampered != before.tampered || after.early != before.early { return "the keys do not fit" }
    if out.dropped > 0 || out.count > 512 { return "\(out.count) datagrams for one" }
    while let event = forwarder.nextEvent() { if case .closed = event { return "the peer is gone" } }
    return isUp ? nil : "no longer connected"
  }

  /// The input as a packet of one of four sources, with a number near that of the last, protected. Empty if it cannot be.
  private func protect(_ view: PacketView) -> [UInt8] {
    guard view.count >= 12, view.count <= 1_400, let type = view.u8(1), let low = view.u8(3) else { return [] }
    let isControl = (192...223).contains(type)
    return datagram { slot in
      guard slot.copy(UnsafeRawBufferPointer(view.raw), to: 0) else { return 0 }
      slot.set(0, 0x80 | (view.u8(0) ?? 0) & 0x3f)
      let source = isControl ? 4 : 8
      slot.set(source, UInt32(1) + UInt32(type & 3))
      // What is asked for again was sent not long ago.
      if type == 205, let number = view.u16(12) { slot.set(12, newest &- number) }
      if isControl { return (try? phone.protectRTCP(slot, length: view.count)) ?? 0 }
      slot.set(2, UInt16(truncatingIfNeeded: inputs) &+ UInt16(low & 0x3f))
      return (try? phone.protectRTP(slot, length: view.count)) ?? 0
    }
  }
}
