import Linux

/// Reports and feedback, both ways (RFC 3550 section 6, RFC 4585).
extension PeerConnection {
  static let reportInterval = Interval.seconds(1)
  static let shortestReportInterval = Interval.milliseconds(100)
  /// More than any network here carries, in bits per second.
  static let noLimit: UInt64 = 1_000_000_000
  /// A compound of reports takes no further section when it has got so long, in bytes.
  private static let longCompound = 900
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
        guard let section = videoSection(nack.media) else { continue }
        nack.forEachSequence { delegate.asked(forPacket: $0, section: section, now: now, out: out) }
      case .pictureLoss(_, let media):
        if let section = videoSection(media) { delegate.askedForKeyFrame(section: section, now: now, out: out) }
      case .fullIntraRequest(let request):
        request.forEachEntry { ssrc, _ in
          if let section = videoSection(ssrc) { delegate.askedForKeyFrame(section: section, now: now, out: out) }
        }
      case .bitrateLimit(let limit):
        bitrate.receive(limit: limit.bitsPerSecond)
        delegate.hasLessBandwidth(now: now, out: out)
      case .transportWide(let feedback):
        if bandwidth.receive(feedback, now: now) { delegate.hasLessBandwidth(now: now, out: out) }
      case .sourceDescription, .goodbye, .unknown:
        break
      }
    }
  }

  /// The section of pictures that we send as this source.
  private func videoSection(_ ssrc: UInt32) -> Int? { streams.firstIndex { $0.ssrc == ssrc && $0.kind == .video } }

  private func receive(_ info: SenderInfo, now: MonotonicTime) {
    guard let source = sources.first(where: { $0.ssrc == info.ssrc && !$0.isRTX }) else { return }
    streams[source.section].layers[source.layer].receive(info, clock: &peerClock, now: now)
  }

  private func receive(_ blocks: ReportBlocks, now: MonotonicTime) {
    for block in blocks {
      guard let section = streams.firstIndex(where: { $0.ssrc == block.ssrc }) else { continue }
      counters.lostBehind &+= Self.more(block, than: streams[section].sent.lastBlock)
      streams[section].sent.receive(block, clock: clock, now: now)
      if streams[section].kind == .video {
        bitrate.receive(fractionLost: streams[section].sent.fractionLost, now: now)
      }
    }
  }

  /// Sends the reports and the feedback that are due.
  func pollControl(now: MonotonicTime, out: DatagramQueue) {
    for section in streams.indices where streams[section].asksAgain {
      for layer in streams[section].layers.indices { askForMissing(section, layer, now: now, out: out) }
    }
    sendTransportFeedback(now: now, out: out)
    guard now >= nextReport else { return }
    nextReport = now + Self.reportInterval
    lastReport = now
    // Several sections to a compound, and several compounds where there are many.
    var next = 0
    while next < streams.count {
      let first = next
      sendControl(out) { writer in
        repeat {
          report(streams[next], &writer, now: now)
          next += 1
        } while next < streams.count && writer.length < Self.longCompound
        if next == streams.count { limit(&writer) }
      }
      // Without room in the queue nothing is written, and the rest waits for its next turn.
      guard next > first else { break }
    }
  }

  /// Repeats the limit with each report, since one may be lost, and lifts it once.
  private func limit(_ writer: inout RTCPWriter) {
    let stream = streams[first(.video)]
    guard wantedLimit != nil || isLimited, let source = stream.layers.first?.ssrc,
      stream.feedback.contains(.receiverEstimate)
    else { return }
    isLimited = wantedLimit != nil
    writer.bitrateLimit(sender: stream.ssrc, media: source, bitsPerSecond: wantedLimit ?? Self.noLimit)
  }

  private func report(_ stream: PeerStream, _ writer: inout RTCPWriter, now: MonotonicTime) {
    guard stream.payloadType != nil else { return }
    let info = stream.maySend ? stream.sent.report(clock: clock, now: now) : nil
    // A section in which nothing goes has nothing to say.
    guard info != nil || stream.layers.contains(where: { $0.ssrc != nil }) else { return }
    if let info { writer.senderReport(info) } else { writer.receiverReport(ssrc: stream.ssrc) }
    for layer in stream.layers.indices {
      guard let block = stream.layers[layer].report(now: now) else { continue }
      counters.lostBefore &+= Self.more(block, than: stream.layers[layer].reported)
      stream.layers[layer].reported = block
      writer.add(block)
    }
    if let canonicalName { writer.sourceDescription(ssrc: stream.ssrc, canonicalName: canonicalName) }
  }

  /// Packets that were lost from one report to the next; those that came late after all count as lost.
  private static func more(_ block: ReportBlock, than before: ReportBlock?) -> Int {
    max(0, Int(block.cumulativeLost) - Int(max(0, before?.cumulativeLost ?? 0)))
  }

  private func sendTransportFeedback(now: MonotonicTime, out: DatagramQueue) {
    guard let due = arrivals.nextTimeout, now >= due else { return }
    let media = sources.first?.ssrc ?? 0
    var more = true
    while more {
      // Without room in the queue nothing is written, and the rest waits.
      more = false
      sendControl(out) { writer in
        more = arrivals.write(into: &writer, sender: streams[first(.video)].ssrc, media: media, now: now)
      }
    }
  }

  /// Asks at once for packets whose gap has just shown, and again for those that did not come (RFC 4585 section 6.2.1); for a
  /// key frame in place of those that are given up.
  func askForMissing(_ section: Int, _ layer: Int, now: MonotonicTime, out: DatagramQueue) {
    guard layer < streams[section].layers.count, let source = streams[section].layers[layer].ssrc,
      streams[section].layers[layer].missing.missingCount > 0 || streams[section].layers[layer].missing.needsKeyFrame
    else { return }
    if streams[section].layers[layer].missing.collect(roundTrip: roundTrip, now: now) {
      sendControl(out) {
        $0.nack(sender: streams[section].ssrc, media: source, streams[section].layers[layer].missing.due)
      }
    }
    guard streams[section].layers[layer].missing.needsKeyFrame else { return }
    if let asked = streams[section].layers[layer].keyFrameAsked, now - asked < Self.keyFrameInterval { return }
    streams[section].layers[layer].missing.needsKeyFrame = false
    streams[section].layers[layer].keyFrameAsked = now
    requestKeyFrame(section, layer: layer, now: now, out: out)
  }

  /// The last that was measured, or what a LAN usually has.
  public var roundTrip: Interval {
    for section in streams.indices.reversed() {
      if let measured = streams[section].sent.roundTrip { return measured }
    }
    return .milliseconds(20)
  }
}
