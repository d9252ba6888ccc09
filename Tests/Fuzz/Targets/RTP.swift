import Linux
import WebRTC

extension FuzzTarget {
  /// A packet's parts add up to the packet, reading leaves it alone, and as a retransmission it brings what it holds.
  static let rtp = FuzzTarget(
    "rtp",
    seeds: {
      [false, true].map { twoByte in
        datagram { slot in
          guard let start = RTPWriter.write(header, values, ids: twoByte ? wideIDs : ids, into: slot) else { return 0 }
          for index in 0..<40 { slot.set(start + index, UInt8(index)) }
          return start + 40
        }
      } + [
        // Two contributing sources and three bytes of padding.
        [0xa2, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 1, 1, 1, 1, 2, 2, 2, 2, 0xaa, 0xbb, 0, 0, 3]
      ]
    },
    run: { view in
      let before = view.array
      guard let packet = RTPPacket(view) else { return nil }
      if packet.headerLength + packet.payload.count + packet.paddingLength != view.count {
        return "parts do not add up"
      }
      var size = 0
      packet.extensions.visit { _, data in size += data.count }
      if size > packet.headerLength - 12 { return "elements are longer than the header" }
      for id in 0...255 { _ = packet.element(UInt8(id)) }
      _ = OpusPayload.samples(packet.payload)
      _ = OpusPayload.hasForwardErrorCorrection(packet.payload)
      if view.array != before { return "reading changed the bytes" }
      return complaintAboutRetransmission(packet)
    })

  private static func complaintAboutRetransmission(_ packet: RTPPacket) -> String? {
    let (number, payload) = (packet.payload.u16(0), packet.payload.array)
    guard let original = RTX.decapsulate(packet, payloadType: 97, ssrc: 9) else {
      return payload.count > 2 ? "a retransmission is not taken" : nil
    }
    let isSame =
      original.sequence == number && original.payload.array == Array(payload.dropFirst(2))
      && original.payloadType == 97 && original.ssrc == 9
    return isSame ? nil : "a retransmission brings something else"
  }

  private static let header = RTPHeader(payloadType: 96, marker: true, sequence: 1, timestamp: 2, ssrc: 3)

  private static let values: RTPExtensionValues = {
    var values = RTPExtensionValues()
    values.mid = ShortText("video")
    values.transportSequence = 7
    values.absoluteSendTime = 8
    values.playoutDelay = PlayoutDelay.none
    return values
  }()

  private static let ids = extensionIDs(from: 1)
  private static let wideIDs = extensionIDs(from: 20)

  private static func extensionIDs(from first: UInt8) -> RTPExtensions {
    var ids = RTPExtensions()
    ids.mid = first
    ids.transportSequence = first + 1
    ids.absoluteSendTime = first + 2
    ids.audioLevel = first + 3
    ids.videoOrientation = first + 4
    ids.playoutDelay = first + 5
    return ids
  }
}
