import Linux
import WebRTC

extension FuzzTarget {
  /// Walking through a compound ends, visits no more than it can hold, and leaves it alone.
  static let rtcp = FuzzTarget(
    "rtcp",
    seeds: {
      let report = datagram { slot in
        var writer = RTCPWriter(slot)
        writer.senderReport(SenderInfo(ssrc: 1, ntp: 2, rtpTimestamp: 3, packetCount: 4, octetCount: 5))
        writer.add(ReportBlock(ssrc: 6, fractionLost: 7, cumulativeLost: -8))
        if let name = ShortText("fieldbox") { writer.sourceDescription(ssrc: 1, canonicalName: name) }
        writer.goodbye(ssrc: 1)
        return writer.length
      }
      let feedback = datagram { slot in
        var writer = RTCPWriter(slot)
        writer.receiverReport(ssrc: 1)
        writer.nack(sender: 1, media: 2, [1, 2, 17, 18, 40])
        writer.pictureLoss(sender: 1, media: 2)
        writer.fullIntraRequest(sender: 1, media: 2, number: 3)
        writer.bitrateLimit(sender: 1, media: 2, bitsPerSecond: 1_000_000)
        return writer.length
      }
      let arrivals = datagram { slot in
        var recorder = TransportWideRecorder()
        for index in 0..<60 where index % 5 != 3 {
          recorder.receive(UInt16(index), now: MonotonicTime(microseconds: Int64(index * index * 900)))
        }
        var writer = RTCPWriter(slot)
        _ = recorder.write(into: &writer, sender: 1, media: 2, now: MonotonicTime(microseconds: 0))
        return writer.length
      }
      return [report, feedback, arrivals]
    },
    run: { view in
      let before = view.array
      guard let compound = RTCPCompound(view) else { return nil }
      var packets = 0
      for packet in compound {
        packets += 1
        if let complaint = complaint(about: packet, bytes: view.count) { return complaint }
      }
      if packets == 0 || packets > view.count / 4 { return "\(packets) packets in \(view.count) bytes" }
      return view.array == before ? nil : "reading changed the bytes"
    })

  private static func complaint(about packet: RTCPPacket, bytes: Int) -> String? {
    var visits = 0
    var bound = bytes / 4
    switch packet {
    case .senderReport(let report): visits = Array(report.blocks).count
    case .receiverReport(let report):
      visits = Array(report.blocks).count
      if visits != report.blocks.count { return "a report without its blocks" }
    case .nack(let nack):
      nack.forEachSequence { _ in visits += 1 }
      bound = bytes / 4 * 17
    case .fullIntraRequest(let request): request.forEachEntry { _, _ in visits += 1 }
    case .bitrateLimit(let limit): visits = (0..<limit.sourceCount).compactMap(limit.source).count
    case .transportWide(let feedback):
      let whole = feedback.forEachPacket { _, _ in visits += 1 }
      if whole, visits != feedback.statusCount { return "\(visits) of \(feedback.statusCount) packets visited" }
      bound = feedback.statusCount
    case .pictureLoss, .sourceDescription, .goodbye, .unknown: break
    }
    return visits > bound ? "\(visits) visits, at most \(bound) are possible" : nil
  }
}
