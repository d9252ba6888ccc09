import Linux

/// A peer among the others: what it publishes, and what it is subscribed to.
final class Member: PeerDelegate {
  let name: String
  /// Never used for another member.
  let number: Int
  let peer: PeerConnection
  let audio = Publisher(.audio)
  let video = Publisher(.video)
  let audioSubscription: Subscription
  let videoSubscription: Subscription
  /// Whether its sound and picture are routed to the box itself.
  var isHeard = false
  var isSeen = false {
    didSet { if !isSeen { frames = nil } }
  }
  private unowned let forwarder: Forwarder
  /// Only while its picture is routed to the box.
  private var frames: VP8FrameAssembler?

  init(
    _ name: String, number: Int, peer: PeerConnection, forwarder: Forwarder, random: inout some RandomNumberGenerator
  ) {
    self.name = name
    self.number = number
    self.peer = peer
    self.forwarder = forwarder
    audioSubscription = Subscription(.audio, of: peer, random: random.next())
    videoSubscription = Subscription(.video, of: peer, random: random.next())
    audio.member = self
    video.member = self
  }

  func publisher(_ kind: MediaKind) -> Publisher { kind == .audio ? audio : video }
  func subscription(_ kind: MediaKind) -> Subscription { kind == .audio ? audioSubscription : videoSubscription }

  /// When the peer, or a wish for a key frame of it, has something to do.
  var nextTimeout: MonotonicTime? {
    guard let wish = video.nextTimeout else { return peer.nextTimeout }
    return peer.nextTimeout.map { min($0, wish) } ?? wish
  }

  /// Asks it for a key frame.
  func requestKeyFrame(now: MonotonicTime, out: DatagramQueue) {
    peer.requestKeyFrame(now: now, out: out)
    forwarder.reschedule()
  }

  /// Begins the subscriptions that have a source.
  func begin(now: MonotonicTime, out: DatagramQueue) {
    audioSubscription.begin(now: now, out: out)
    videoSubscription.begin(now: now, out: out)
  }

  // MARK: PeerDelegate

  func received(_ packet: IncomingPacket, now: MonotonicTime, out: DatagramQueue) {
    switch packet.kind {
    case .audio:
      if isHeard {
        forwarder.localSubscriber?.receive(
          audio: packet.payload, index: packet.index, timestamp: packet.timestamp,
          level: packet.audioLevel.map { $0 & 0x7f }, from: number, now: now)
      }
      guard !audio.subscriptions.isEmpty else { return }
      let stored = StoredPacket(
        index: packet.index, timestamp: packet.timestamp, marker: packet.marker, time: packet.time)
      audio.publish(stored, payload: packet.payload, now: now, out: out)
    case .video:
      if isSeen { count(packet, now: now, out: out) }
      guard !video.subscriptions.isEmpty else { return }
      let parsed = VP8Descriptor.parse(packet.payload)
      let rest = parsed.flatMap { packet.payload.dropFirst($0.length) }
      let stored = StoredPacket(
        index: packet.index, timestamp: packet.timestamp, marker: packet.marker,
        startsKeyFrame: parsed?.descriptor.startsFrame == true && rest.map(VP8Frame.isKeyFrame) == true,
        descriptor: parsed?.descriptor, orientation: packet.orientation, time: packet.time)
      video.publish(stored, payload: packet.payload, now: now, out: out)
    }
  }

  /// The box has no screen: its pictures are only counted, whole ones in order.
  private func count(_ packet: IncomingPacket, now: MonotonicTime, out: DatagramQueue) {
    let frames = frames ?? VP8FrameAssembler(keepsPayload: false)
    self.frames = frames
    frames.insert(packet.packet)
    while frames.nextFrame() != nil { forwarder.counters.videoFramesReceived &+= 1 }
    if frames.needsKeyFrame, packet.marker { video.askForKeyFrame(now, out: out) }
  }

  func asked(forPacket sequence: UInt16, kind: MediaKind, now: MonotonicTime, out: DatagramQueue) {
    subscription(kind).retransmit(sequence, now: now, out: out)
  }

  func askedForKeyFrame(now: MonotonicTime, out: DatagramQueue) {
    videoSubscription.askForKeyFrame(now: now, out: out)
  }
}
