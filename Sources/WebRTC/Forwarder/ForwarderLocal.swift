import Linux

/// The box's own camera and microphone as a publisher, and its speaker as a subscriber.
extension Forwarder {
  /// Where the numbers of the box's own streams stand.
  struct LocalPublishing {
    var nextVideoIndex: Int64 = 0
    var nextAudioIndex: Int64 = 0
    var picture: UInt16 = 0
    /// Where one payload is put together.
    let payload = PacketSlab(slots: 1, slotBytes: VP8Packetizer.longestPayload)
  }

  /// What the box's devices are needed for.
  public struct LocalDemand: Equatable, Sendable {
    /// A peer that is open is routed to see the camera: it is to run.
    public var camera = false
    /// Such a peer has been heard of, so pictures are worth encoding; from then on so that the first is ready in time.
    public var encoder = false
    /// A viewer cannot go on without a key frame.
    public var keyFrame = false
    /// A peer that is open is routed to hear the microphone: it is to run.
    public var microphone = false
    /// A connected peer is routed to be heard by the box.
    public var speaker = false
    /// The lowest rate of all viewers; `Int.max` while there are none.
    public var videoBitsPerSecond = Int.max

    public init() {}
  }

  public var localDemand: LocalDemand {
    var demand = LocalDemand()
    // Asked for after each batch of packets, and in most rooms the box is not.
    guard localVideo.isFollowed || !localAudio.listeners.isEmpty || !localFeed.audio.isEmpty else { return demand }
    var lowest = Int.max
    for member in ordered {
      if let view = member.views.first(where: { $0.track === localVideo && $0.isTaken }) {
        demand.camera = true
        if member.peer.route != nil { demand.encoder = true }
        if member.peer.isConnected {
          lowest = min(lowest, member.peer.targetBitsPerSecond, view.allotted.bitsPerSecond)
        }
      }
      // Who could hear it may at any time: that it is loud shows only while it runs.
      if member.listener.tracks.contains(where: { $0 === localAudio }), member.listener.slots.contains(where: \.isTaken)
      {
        demand.microphone = true
      }
      if member.isHeard, member.peer.isConnected { demand.speaker = true }
    }
    demand.keyFrame = localVideo.layers[0].isKeyFrameWanted
    demand.videoBitsPerSecond = lowest
    return demand
  }

  /// Whether a connected peer hears the microphone.
  public var isMicrophoneHeard: Bool {
    localAudio.layers[0].subscriptions.contains { $0.isConnected }
      || localAudio.listeners.contains { $0.slots.contains { $0.isConnected } }
  }

  /// Sends one encoded VP8 picture of the box's camera to all who watch: cut into packets once, protected for each.
  public func publish(
    video frame: PacketView, isKeyFrame: Bool, captured: MonotonicTime, now: MonotonicTime, out: DatagramQueue
  ) {
    var descriptor = VP8Descriptor()
    descriptor.pictureID = localPublishing.picture
    localPublishing.picture = (localPublishing.picture &+ 1) & 0x7fff
    let timestamp = UInt32(truncatingIfNeeded: captured.microseconds &* 9 / 100)
    var packetizer = VP8Packetizer(frame: frame, descriptor: descriptor)
    var startsFrame = true
    while let room = localPublishing.payload[0], let length = packetizer.next(into: room),
      let payload = room.prefix(length)
    {
      descriptor.startsPartition = startsFrame
      let packet = StoredPacket(
        index: localPublishing.nextVideoIndex, timestamp: timestamp, marker: packetizer.remaining == 0,
        startsKeyFrame: startsFrame && isKeyFrame, descriptor: descriptor, time: captured)
      localPublishing.nextVideoIndex += 1
      startsFrame = false
      localVideo.layers[0].publish(packet, payload: payload, now: now, out: out)
    }
  }

  /// Sends one Opus packet of the box's microphone to all who listen.
  /// - Parameter level: how loud it is, in decibels below overload; nil if that is not known.
  public func publish(
    audio packet: PacketView, timestamp: UInt32, level: UInt8? = nil, captured: MonotonicTime, now: MonotonicTime,
    out: DatagramQueue
  ) {
    if localAudio.loudness.receive(level, now: now) {
      happened(.speaking(of: .local, localAudio.loudness.isSpeaking))
      reschedule()
    }
    _ = localAudio.layers[0].noteArrival(bytes: packet.count, now)
    for listener in localAudio.listeners { listener.prepare(localAudio, now: now) }
    let stored = StoredPacket(
      index: localPublishing.nextAudioIndex, timestamp: timestamp, marker: false, audioLevel: level, time: captured)
    localPublishing.nextAudioIndex += 1
    localAudio.layers[0].publish(stored, payload: packet, now: now, out: out)
  }
}
