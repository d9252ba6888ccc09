import Linux

/// Reports and feedback, both ways (RFC 3550 section 6, RFC 4585).
extension PeerConnection {
  static let reportInterval = Interval.seconds(1)
  /// More than any network here carries, in bits per second.
  static let noLimit: UInt64 = 1_000_000_000
  /// Losses that cannot be mended ask for a key frame once in this time.
  static let keyFrameInterval = Interval.milliseconds(300)

  func receiveRTCP(
    _ view: PacketView, now: MonotonicTime, out: DatagramQueue, delegate: some PeerDelegate
  ) {
    guard let srtp else {
      counters.early &+= 1
      return
    }
    guard let plain = opened(view, { view throws(SRTPError) in try srtp.unprotectRTCP(view) }) else { return }
    guard let compound = RTCPCompound(plain) else {
      counters.malformedRTCP &+= 1
      return
    }
    for packet in compound {
      switch packet {
      case .senderReport(let report):
        receive(report.info, now: now)
        receive(report.blocks, now: now)
      case .receiverReport(let report):
        receive(report.blocks, now: now)
      case .nack(let nack):
        guard nack.media == video.ssrc else { continue }
        nack.forEachSequence { delegate.asked(forPacket: $0, kind: .video, now: now, out: out) }
      case .pictureLoss(_, let media):
        if media == video.ssrc { delegate.askedForKeyFrame(now: now, out: out) }
      case .fullIntraRequest(let request):
        var isOurs = false
        request.forEachEntry { ssrc, _ in isOurs = isOurs || ssrc == video.ssrc }
        if isOurs { delegate.askedForKeyFrame(now: now, out: out) }
      case .bitrateLimit(let limit):
        bitrate.receive(limit: limit.bitsPerSecond)
      case .sourceDescription, .goodbye, .transportWide, .unknown:
        break
      }
    }
  }

  private func receive(_ info: SenderInfo, now: MonotonicTime) {
    if info.ssrc == audio.remoteSSRC {
      audio.received?.receive(info, now: now)
      audio.clock.receive(info, clock: &peerClock, now: now)
    } else if info.ssrc == video.remoteSSRC {
      video.received?.receive(info, now: now)
      video.clock.receive(info, clock: &peerClock, now: now)
    }
  }

  private func receive(_ blocks: ReportBlocks, now: MonotonicTime) {
    for block in blocks {
      if block.ssrc == audio.ssrc {
        counters.lostBehind &+= Self.more(block, than: audio.sent.lastBlock)
        audio.sent.receive(block, clock: clock, now: now)
      } else if block.ssrc == video.ssrc {
        counters.lostBehind &+= Self.more(block, than: video.sent.lastBlock)
        video.sent.receive(block, clock: clock, now: now)
        bitrate.receive(fractionLost: video.sent.fractionLost, now: now)
      }
    }
  }

  /// Sends the reports and the feedback that are due.
  func pollControl(now: MonotonicTime, out: DatagramQueue) {
    askForMissing(now: now, out: out)
    sendTransportFeedback(now: now, out: out)
    guard now >= nextReport else { return }
    nextReport = now + Self.reportInterval
    sendControl(out) { writer in
      report(&audio, &writer, now: now)
      report(&video, &writer, now: now)
      limit(&writer)
    }
  }

  /// Repeats the limit with each report, since one may be lost, and lifts it once.
  private func limit(_ writer: inout RTCPWriter) {
    guard wantedLimit != nil || isLimited, let source = video.remoteSSRC, video.feedback.contains(.receiverEstimate)
    else { return }
    isLimited = wantedLimit != nil
    writer.bitrateLimit(sender: video.ssrc, media: source, bitsPerSecond: wantedLimit ?? Self.noLimit)
  }

  private func report(_ stream: inout PeerStream, _ writer: inout RTCPWriter, now: MonotonicTime) {
    guard stream.payloadType != nil else { return }
    if let info = stream.sent.report(clock: clock, now: now) {
      writer.senderReport(info)
    } else {
      writer.receiverReport(ssrc: stream.ssrc)
    }
    if let block = stream.received?.reportBlock(now: now) {
      counters.lostBefore &+= Self.more(block, than: stream.reported)
      stream.reported = block
      writer.add(block)
    }
    if let canonicalName { writer.sourceDescription(ssrc: stream.ssrc, canonicalName: canonicalName) }
  }

  /// Packets that were lost from one report to the next; those that came late after all count as lost.
  private static func more(_ block: ReportBlock, than before: ReportBlock?) -> Int {
    max(0, Int(block.cumulativeLost) - Int(max(0, before?.cumulativeLost ?? 0)))
  }

  /// Notes when a packet arrived, under its number on the transport.
  func noteArrival(_ packet: RTPPacket, now: MonotonicTime) {
    // One id for all sections of a bundle.
    let id = max(video.extensions.transportSequence, audio.extensions.transportSequence)
    if let sequence = packet.element(id)?.u16(0) { arrivals.receive(sequence, now: now) }
  }

  private func sendTransportFeedback(now: MonotonicTime, out: DatagramQueue) {
    guard let due = arrivals.nextTimeout, now >= due else { return }
    let media = video.remoteSSRC ?? audio.remoteSSRC ?? 0
    var more = true
    while more {
      // Without room in the queue nothing is written, and the rest waits.
      more = false
      sendControl(out) { writer in
        more = arrivals.write(into: &writer, sender: video.ssrc, media: media, now: now)
      }
    }
  }

  /// Asks at once for packets whose gap has just shown, and again for those that did not come (RFC 4585 section 6.2.1); for a
  /// key frame in place of those that are given up.
  func askForMissing(now: MonotonicTime, out: DatagramQueue) {
    guard video.missing.missingCount > 0 || video.missing.needsKeyFrame, let source = video.remoteSSRC else { return }
    if video.missing.collect(roundTrip: roundTrip, now: now) {
      sendControl(out) { $0.nack(sender: video.ssrc, media: source, video.missing.due) }
    }
    guard video.missing.needsKeyFrame else { return }
    if let asked = keyFrameAsked, now - asked < Self.keyFrameInterval { return }
    video.missing.needsKeyFrame = false
    keyFrameAsked = now
    requestKeyFrame(now: now, out: out)
  }

  /// The last that was measured, or what a LAN usually has.
  public var roundTrip: Interval { video.sent.roundTrip ?? audio.sent.roundTrip ?? .milliseconds(20) }
}
