import Linux

extension PeerConnection {
  /// Whether the peer takes what we send in a section; also true while it has not answered yet.
  func mayTake(_ section: Int) -> Bool {
    !hasAnswered || section < streams.count && streams[section].maySend
  }

  /// Sends one packet in a section: header and extensions, then what `payload` writes into the rest of the slot, protected in place.
  /// False if nothing was sent.
  @discardableResult
  public func send(
    _ section: Int, _ head: OutgoingHead, now: MonotonicTime, out: DatagramQueue, payload: (PacketView) -> Int
  ) -> Bool {
    guard section < streams.count else { return false }
    guard streams[section].maySend, let payloadType = streams[section].payloadType else { return false }
    let header = RTPHeader(
      payloadType: payloadType, marker: head.marker, sequence: head.sequence, timestamp: head.timestamp,
      ssrc: streams[section].ssrc)
    let values = streams[section].values(head, number: bandwidth.sent.next, delay: playoutDelay, now: now)
    let length = write(header, values, streams[section].extensions, now: now, to: out, payload)
    guard length > 0 else { return false }
    streams[section].sent.sent(timestamp: head.timestamp, payloadBytes: length, capturedAt: head.time)
    counters.packetsSent &+= 1
    return true
  }

  /// Sends a packet again in the stream of retransmissions (RFC 4588 section 4). A peer without one gets nothing: protecting a
  /// number twice would repeat an AES-GCM nonce (RFC 7714 section 8.1), and libsrtp refuses it.
  @discardableResult
  public func retransmit(
    _ section: Int, _ head: OutgoingHead, now: MonotonicTime, out: DatagramQueue, payload: (PacketView) -> Int
  ) -> Bool {
    guard section < streams.count, streams[section].maySend, let rtxPayloadType = streams[section].rtxPayloadType
    else { return false }
    let header = RTPHeader(
      payloadType: rtxPayloadType, marker: head.marker, sequence: streams[section].nextRTXSequence,
      timestamp: head.timestamp, ssrc: streams[section].rtxSSRC)
    let values = streams[section].values(head, number: bandwidth.sent.next, delay: playoutDelay, now: now)
    let length = write(header, values, streams[section].extensions, isRepair: true, now: now, to: out) { slot in
      // The number under which the packet was sent first.
      guard slot.set(0, head.sequence), let rest = slot.dropFirst(2) else { return 0 }
      let length = payload(rest)
      return length > 0 ? length + 2 : 0
    }
    guard length > 0 else { return false }
    counters.retransmitted &+= 1
    repeated.add(bytes: length, now: now)
    streams[section].nextRTXSequence &+= 1
    return true
  }

  /// Writes and protects one packet. Returns the length of its payload, 0 if nothing was sent.
  private func write(
    _ header: RTPHeader, _ values: RTPExtensionValues, _ ids: RTPExtensions, isRepair: Bool = false,
    now: MonotonicTime, to out: DatagramQueue, _ payload: (PacketView) -> Int
  ) -> Int {
    guard let srtp, let route else { return 0 }
    var written = 0
    out.append(to: route) { slot in
      guard let headLength = RTPWriter.write(header, values, ids: ids, into: slot),
        let rest = slot.dropFirst(headLength)
      else { return 0 }
      let length = payload(rest)
      guard length > 0, let protected = try? srtp.protectRTP(slot, length: headLength + length) else { return 0 }
      written = length
      bandwidth.left(
        bytes: protected, isNumbered: values.transportSequence != nil, isRepair: isRepair, now: now)
      return protected
    }
    return written
  }

  /// Writes, protects and sends one RTCP compound.
  func sendControl(_ out: DatagramQueue, _ body: (inout RTCPWriter) -> Void) {
    guard let srtp, let route else { return }
    out.append(to: route) { slot in
      var writer = RTCPWriter(slot)
      body(&writer)
      guard writer.length > 0, !writer.overflowed else { return 0 }
      return (try? srtp.protectRTCP(slot, length: writer.length)) ?? 0
    }
  }

  /// Asks the peer for a key frame of a layer of what it sends in a section (RFC 4585 section 6.3.1).
  public func requestKeyFrame(_ section: Int, layer: Int = 0, now: MonotonicTime, out: DatagramQueue) {
    guard section < streams.count, layer < streams[section].layers.count,
      let source = streams[section].layers[layer].ssrc
    else { return }
    counters.keyFramesAsked &+= 1
    sendControl(out) { $0.pictureLoss(sender: streams[section].ssrc, media: source) }
  }
}

extension MediaKind {
  /// Ticks of the RTP clock in a second.
  var clockRate: UInt32 { self == .audio ? 48_000 : 90_000 }
}
