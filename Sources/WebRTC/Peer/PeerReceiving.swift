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
    if let sequence = packet.element(bundleExtensions.transportSequence)?.u16(0) {
      arrivals.receive(sequence, now: now)
    }
    guard let source = source(of: packet) else {
      counters.unknownPayloadType &+= 1
      return
    }
    let (section, layer) = (source.section, source.layer)
    if source.isRTX {
      restore(packet, section, layer, now: now, out: out, delegate: delegate)
    } else {
      let index = streams[section].layers[layer].count(packet, asksAgain: streams[section].asksAgain, now: now)
      deliver(packet, index, section, layer, now: now, out: out, delegate: delegate)
    }
    askForMissing(section, layer, now: now, out: out)
  }

  /// A packet that was sent again. Without a payload it only probes the network. Before the first packet of the stream nothing
  /// can be missing.
  private func restore(
    _ packet: RTPPacket, _ section: Int, _ layer: Int, now: MonotonicTime, out: DatagramQueue,
    delegate: some PeerDelegate
  ) {
    guard streams[section].asksAgain, let payloadType = streams[section].payloadType,
      let ssrc = streams[section].layers[layer].ssrc,
      let original = RTX.decapsulate(packet, payloadType: payloadType, ssrc: ssrc),
      streams[section].layers[layer].missing.receive(original.sequence, isRepeated: true, now: now) != .old
    else { return }
    let index = streams[section].layers[layer].index(of: original.sequence)
    deliver(original, index, section, layer, now: now, out: out, delegate: delegate)
  }

  private func deliver(
    _ packet: RTPPacket, _ index: Int64, _ section: Int, _ layer: Int, now: MonotonicTime, out: DatagramQueue,
    delegate: some PeerDelegate
  ) {
    let kind = streams[section].kind
    guard streams[section].mayReceive else { return }
    if streams[section].isFirst() { happened(.receiving(kind)) }
    let extensions = streams[section].extensions
    let orientation = kind == .video ? packet.element(extensions.videoOrientation)?.u8(0) : nil
    let level = kind == .audio ? packet.element(extensions.audioLevel)?.u8(0) : nil
    let time =
      streams[section].layers[layer].clock.time(of: packet.timestamp, clockRate: kind.clockRate, now: now) ?? now
    delegate.received(
      IncomingPacket(
        kind: kind, section: section, layer: layer, index: index, timestamp: packet.timestamp, packet: packet,
        orientation: orientation, audioLevel: level, time: time),
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
