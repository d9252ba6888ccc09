import Linux

extension PeerConnection {
  /// Takes one datagram that belongs to this peer. It is opened in place.
  public func receive(
    _ view: PacketView, route from: DatagramQueue.Route, now: MonotonicTime, out: DatagramQueue,
    delegate: some PeerDelegate
  ) {
    guard phase != .closed else { return }
    switch DatagramKind.classify(view) {
    case .stun: receiveSTUN(view, from, now: now, out: out)
    case .dtls: receiveDTLS(view, from, now: now, out: out)
    case .rtp: receiveRTP(view, now: now, out: out, delegate: delegate)
    case .rtcp: receiveRTCP(view, now: now, out: out, delegate: delegate)
    case .unknown: break
    }
  }

  private func receiveSTUN(
    _ view: PacketView, _ from: DatagramQueue.Route, now: MonotonicTime, out: DatagramQueue
  ) {
    let event =
      controlling?.receive(view, route: from, now: now, out: out)
      ?? lite.receive(view, route: from, now: now, out: out)
    switch event {
    case .none:
      // Said again, in case another peer has claimed this address in between.
      if from == route { happened(.reachable(from.remote)) }
    case .ignored(.queueFull): break
    case .ignored(.fingerprint), .ignored(.integrity), .ignored(.username): counters.wrongCredentials &+= 1
    case .ignored(.malformed), .ignored(.unexpected): counters.malformedSTUN &+= 1
    case .valid(let route), .selected(let route):
      self.route = route
      happened(.reachable(route.remote))
      startDTLS(now: now, out: out)
    }
  }

  private func receiveDTLS(
    _ view: PacketView, _ from: DatagramQueue.Route, now: MonotonicTime, out: DatagramQueue
  ) {
    // Only over a path that ICE has proved.
    guard route != nil else { return }
    if dtls == nil, negotiation?.transport.isDTLSClient != true { _ = newEndpoint(.server) }
    guard let dtls else { return }
    handle(dtls.receive(view, route: from, now: now, out: out), now: now)
  }

  private func receiveRTP(
    _ view: PacketView, now: MonotonicTime, out: DatagramQueue, delegate: some PeerDelegate
  ) {
    guard let srtp else {
      counters.early &+= 1
      return
    }
    guard let plain = opened(view, { view throws(SRTPError) in try srtp.unprotectRTP(view) }) else { return }
    guard let packet = RTPPacket(plain) else {
      counters.malformedRTP &+= 1
      return
    }
    counters.packetsReceived &+= 1
    noteArrival(packet, now: now)
    let type = packet.payloadType
    if type == audio.payloadType {
      let index = audio.count(packet, now: now)
      deliver(packet, index, .audio, now: now, out: out, delegate: delegate)
    } else if type == video.payloadType {
      let index = video.count(packet, now: now)
      deliver(packet, index, .video, now: now, out: out, delegate: delegate)
    } else if let rtx = video.rtxPayloadType, type == rtx, let payloadType = video.payloadType {
      // Without a payload it only probes the network. Before the first packet of the stream nothing can be missing.
      guard let source = video.remoteSSRC,
        let original = RTX.decapsulate(packet, payloadType: payloadType, ssrc: source),
        video.restores(original.sequence, now: now)
      else { return }
      deliver(original, video.index(of: original.sequence), .video, now: now, out: out, delegate: delegate)
    } else {
      counters.unknownPayloadType &+= 1
    }
    askForMissing(now: now, out: out)
  }

  private func deliver(
    _ packet: RTPPacket, _ index: Int64, _ kind: MediaKind, now: MonotonicTime, out: DatagramQueue,
    delegate: some PeerDelegate
  ) {
    guard kind == .audio ? audio.mayReceive : video.mayReceive else { return }
    if kind == .audio ? audio.isFirst() : video.isFirst() { happened(.receiving(kind)) }
    let orientation = kind == .video ? packet.element(video.extensions.videoOrientation)?.u8(0) : nil
    let level = kind == .audio ? packet.element(audio.extensions.audioLevel)?.u8(0) : nil
    let time =
      (kind == .audio ? audio.clock : video.clock)
      .time(of: packet.timestamp, clockRate: kind.clockRate, now: now) ?? now
    delegate.received(
      IncomingPacket(
        kind: kind, index: index, timestamp: packet.timestamp, packet: packet, orientation: orientation,
        audioLevel: level, time: time),
      now: now, out: out)
  }

  /// Opens a packet in place, and counts why it could not be.
  func opened(_ view: PacketView, _ open: (PacketView) throws(SRTPError) -> Int) -> PacketView? {
    do {
      return view.prefix(try open(view))
    } catch .replayed {
      counters.replayed &+= 1
    } catch .authentication {
      counters.tampered &+= 1
    } catch {
      counters.malformedRTP &+= 1
    }
    return nil
  }
}
