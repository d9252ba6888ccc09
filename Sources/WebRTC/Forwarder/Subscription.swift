import Linux

/// What one peer gets of one kind: an unbroken stream whose source may change.
final class Subscription {
  let kind: MediaKind
  private unowned let peer: PeerConnection
  private(set) var source: Publisher?
  private var rewriter: StreamRewriter
  /// Set from the start of a source, or after the peer has lost too much, until a key frame passes.
  private(set) var waitsForKeyFrame = false
  /// When each packet that the source keeps was sent again last.
  private var resent: [(index: Int64, time: MonotonicTime)]
  private var budget = RetransmissionBudget()

  init(_ kind: MediaKind, of peer: PeerConnection, random: UInt64) {
    self.kind = kind
    self.peer = peer
    rewriter = StreamRewriter(clockRate: Int64(kind.clockRate), random: random)
    resent = Array(repeating: (-1, MonotonicTime(microseconds: 0)), count: Publisher.packetsKept(kind))
  }

  var isConnected: Bool { peer.isConnected }

  /// Changes the source. Packets flow once the peer is connected, see ``begin(now:out:)``.
  func follow(_ publisher: Publisher?) {
    guard publisher !== source else { return }
    source?.remove(self)
    source = publisher
    rewriter.end()
    waitsForKeyFrame = false
    publisher?.add(self)
  }

  /// Sends what makes the first picture possible at once: what the source has sent since its last key frame or, if that is
  /// too long ago, asks for one. To be called after ``follow(_:)`` and when the peer gets connected.
  func begin(now: MonotonicTime, out: DatagramQueue) {
    guard peer.isConnected, let source, !rewriter.begun, !waitsForKeyFrame, kind == .video else { return }
    guard let start = source.replayStart(now) else { return askForKeyFrame(now: now, out: out) }
    for index in start...source.newestIndex {
      guard let kept = source.packet(index) else { return }
      forward(kept.packet, kept.payload, now: now, out: out)
    }
  }

  func askForKeyFrame(now: MonotonicTime, out: DatagramQueue) {
    guard kind == .video, peer.isConnected, let source else { return }
    waitsForKeyFrame = true
    source.askForKeyFrame(now, out: out)
  }

  /// Sends a packet of the source to the peer under the peer's own numbers.
  func forward(_ packet: StoredPacket, _ payload: PacketView, now: MonotonicTime, out: DatagramQueue) {
    guard peer.isConnected else { return }
    if packet.startsKeyFrame { waitsForKeyFrame = false }
    let picture = packet.descriptor?.pictureID ?? 0
    let tl0 = packet.descriptor?.baseLayerIndex ?? 0
    if !rewriter.begun {
      guard kind == .audio || packet.startsKeyFrame else { return askForKeyFrame(now: now, out: out) }
      rewriter.begin(at: packet.index, timestamp: packet.timestamp, picture: picture, tl0: tl0, time: packet.time)
    }
    guard let head = head(of: packet) else { return }
    let sent = peer.send(kind, head, now: now, out: out) { write(packet, payload, to: $0) }
    guard sent else { return }
    rewriter.sent(packet.index, timestamp: packet.timestamp, picture: picture, tl0: tl0, time: packet.time)
  }

  /// The peer lost a packet: sends it again if it is still there (RFC 4588), at most once in a round trip and
  /// within the budget.
  func retransmit(_ sequence: UInt16, now: MonotonicTime, out: DatagramQueue) {
    guard let index = rewriter.index(of: sequence), let kept = source?.packet(index), let head = head(of: kept.packet)
    else { return }
    let slot = Int(index % Int64(resent.count))
    // A short round trip must not let a peer ask without end.
    let interval = max(peer.roundTrip, .milliseconds(5))
    if resent[slot].index == index, now - resent[slot].time < interval { return }
    guard budget.spend(now) else { return }
    resent[slot] = (index, now)
    peer.retransmit(kind, head, now: now, out: out) { write(kept.packet, kept.payload, to: $0) }
  }

  private func head(of packet: StoredPacket) -> OutgoingHead? {
    guard let sequence = rewriter.sequence(of: packet.index) else { return nil }
    return OutgoingHead(
      sequence: sequence, timestamp: rewriter.timestamp(of: packet.timestamp), marker: packet.marker,
      orientation: packet.orientation, time: packet.time)
  }

  /// The one copy on the way from the publisher to this subscriber.
  private func write(_ packet: StoredPacket, _ payload: PacketView, to slot: PacketView) -> Int {
    guard slot.copy(UnsafeRawBufferPointer(payload.raw), to: 0) else { return 0 }
    if var descriptor = packet.descriptor {
      descriptor.pictureID = descriptor.pictureID.map { rewriter.picture(of: $0) }
      descriptor.baseLayerIndex = descriptor.baseLayerIndex.map { rewriter.tl0(of: $0) }
      descriptor.write(into: slot)
    }
    return payload.count
  }
}
