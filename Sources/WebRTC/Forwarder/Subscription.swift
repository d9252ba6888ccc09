import Linux

/// What one peer gets in one section: an unbroken stream whose source may change, from one track to another or from one of its
/// layers to another.
final class Subscription {
  let kind: MediaKind
  private unowned let peer: PeerConnection
  /// Of the peer.
  let section: Int
  private(set) var track: Track?
  private(set) var source: Publisher?
  /// Takes the source's place with its next key frame.
  private var next: Publisher?
  /// How large the picture is shown at most, in pixels; nil for as large as there is.
  var height: Int?
  /// The first layer that there is bandwidth for.
  var largest = 0
  private var rewriter: StreamRewriter
  /// Set from the start of a source, or after the peer has lost too much, until a key frame passes.
  private(set) var waitsForKeyFrame = false
  /// When each packet that the source keeps was sent again last.
  private var resent: [(index: Int64, time: MonotonicTime)]
  private var budget = RetransmissionBudget()

  init(_ kind: MediaKind, section: Int, of peer: PeerConnection, random: UInt64) {
    self.kind = kind
    self.section = section
    self.peer = peer
    rewriter = StreamRewriter(clockRate: Int64(kind.clockRate), random: random)
    resent = Array(repeating: (-1, MonotonicTime(microseconds: 0)), count: Publisher.packetsKept(kind))
  }

  var isConnected: Bool { peer.isConnected }

  /// Whether the peer takes what is sent in this section, as far as is known.
  var isTaken: Bool { peer.mayTake(section) }

  /// Changes the track. Packets flow once the peer is connected, see ``begin(now:out:)``.
  func follow(_ track: Track?) {
    guard track !== self.track else { return }
    self.track = track
    leave()
    source = track?.layers.first
    source?.add(self)
  }

  private func leave() {
    source?.remove(self)
    next?.remove(self)
    source = nil
    next = nil
    rewriter.end()
    waitsForKeyFrame = false
  }

  /// Looks whether another layer of the track fits better: goes over to it with its next key frame, so that no picture is missing.
  func choose(now: MonotonicTime, out: DatagramQueue) {
    guard let track, track.layers.count > 1, peer.isConnected else { return }
    let wanted = track.layer(height: height, largest: largest, now: now)
    guard wanted !== source else {
      next?.remove(self)
      next = nil
      return
    }
    if wanted !== next {
      next?.remove(self)
      next = wanted
      wanted.add(self)
    }
    wanted.askForKeyFrame(now, out: out)
  }

  /// The layer that is waited for has a key frame here.
  private func goOver(to publisher: Publisher) {
    source?.remove(self)
    source = publisher
    next = nil
    rewriter.end()
  }

  /// Sends what makes the first picture possible at once: what the source has sent since its last key frame or, if that is
  /// too long ago, asks for one. To be called after ``follow(_:)`` and when the peer gets connected.
  func begin(now: MonotonicTime, out: DatagramQueue) {
    guard peer.isConnected, let source, !rewriter.begun, !waitsForKeyFrame, kind == .video else { return }
    guard let start = source.replayStart(now) else { return askForKeyFrame(now: now, out: out) }
    for index in start...source.newestIndex {
      guard let kept = source.packet(index) else { return }
      forward(kept.packet, kept.payload, from: source, now: now, out: out)
    }
  }

  func askForKeyFrame(now: MonotonicTime, out: DatagramQueue) {
    guard kind == .video, peer.isConnected, let source else { return }
    waitsForKeyFrame = true
    source.askForKeyFrame(now, out: out)
  }

  /// Sends a packet of the source to the peer under the peer's own numbers.
  func forward(
    _ packet: StoredPacket, _ payload: PacketView, from publisher: Publisher, now: MonotonicTime, out: DatagramQueue
  ) {
    guard peer.isConnected else { return }
    if publisher !== source {
      guard publisher === next, packet.startsKeyFrame else { return }
      goOver(to: publisher)
    }
    if packet.startsKeyFrame { waitsForKeyFrame = false }
    let picture = packet.descriptor?.pictureID ?? 0
    let tl0 = packet.descriptor?.baseLayerIndex ?? 0
    if !rewriter.begun {
      guard kind == .audio || packet.startsKeyFrame else { return askForKeyFrame(now: now, out: out) }
      rewriter.begin(at: packet.index, timestamp: packet.timestamp, picture: picture, tl0: tl0, time: packet.time)
    }
    guard let head = head(of: packet) else { return }
    let sent = peer.send(section, head, now: now, out: out) { write(packet, payload, to: $0) }
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
    peer.retransmit(section, head, now: now, out: out) { write(kept.packet, kept.payload, to: $0) }
  }

  private func head(of packet: StoredPacket) -> OutgoingHead? {
    guard let sequence = rewriter.sequence(of: packet.index) else { return nil }
    return OutgoingHead(
      sequence: sequence, timestamp: rewriter.timestamp(of: packet.timestamp), marker: packet.marker,
      orientation: packet.orientation, audioLevel: packet.audioLevel, time: packet.time)
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
