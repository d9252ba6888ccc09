import Linux

/// Whose packets an SSRC marks.
struct PeerSource {
  var ssrc: UInt32
  var section: Int
  var layer: Int
  /// Retransmissions of that layer.
  var isRTX: Bool
}

extension PeerConnection {
  /// Where a packet belongs: by its source or, for one that was not here before, by what it says of itself: its section (RFC 9143
  /// section 9.2) and its layer (RFC 8852). Without that it belongs to the first section of its payload type. Nil if to none.
  func source(of packet: RTPPacket) -> PeerSource? {
    let type = packet.payloadType
    let ssrc = packet.ssrc
    for index in sources.indices where sources[index].ssrc == ssrc {
      let stream = sources[index].section
      guard type == (sources[index].isRTX ? streams[stream].rtxPayloadType : streams[stream].payloadType) else {
        return nil
      }
      return sources[index]
    }
    return learn(packet)
  }

  private func learn(_ packet: RTPPacket) -> PeerSource? {
    let type = packet.payloadType
    func fits(_ stream: PeerStream) -> Bool { stream.payloadType == type || stream.rtxPayloadType == type }
    let name = packet.element(bundleExtensions.mid)
    let named = name.flatMap { name in streams.firstIndex { $0.mid?.matches(name) == true } }
    guard let section = named ?? streams.firstIndex(where: fits), fits(streams[section]) else { return nil }
    let isRTX = streams[section].payloadType != type
    guard let layer = streams[section].layer(of: packet, isRTX: isRTX) else { return nil }
    // Another source takes the place of the one before.
    sources.removeAll { $0.section == section && $0.layer == layer && $0.isRTX == isRTX }
    let source = PeerSource(ssrc: packet.ssrc, section: section, layer: layer, isRTX: isRTX)
    sources.append(source)
    if !isRTX { streams[section].layers[layer].begin(packet.ssrc) }
    return source
  }
}

extension RTPExtensions {
  /// Takes over what the whole bundle shares.
  mutating func merge(_ other: RTPExtensions) {
    mid = max(mid, other.mid)
    transportSequence = max(transportSequence, other.transportSequence)
  }
}
