/// What we offer and take: Opus (RFC 7587), VP8 (RFC 7741) with retransmissions (RFC 4588), and header extensions.
enum OurCodecs {
  static let opus = CodecDescription(
    payloadType: 111, name: "opus", clockRate: 48000, channels: 2, parameters: "minptime=10;useinbandfec=1",
    feedback: ["transport-cc"])
  static let vp8 = CodecDescription(
    payloadType: 96, name: "VP8", clockRate: 90000,
    feedback: ["goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"])
  static let rtx = CodecDescription(payloadType: 97, name: "rtx", clockRate: 90000, parameters: "apt=96")

  static func codecs(_ kind: MediaKind) -> [CodecDescription] { kind == .audio ? [opus] : [vp8, rtx] }

  /// One id for each extension in all sections, as a bundle wants it (RFC 9143 section 9.2), below 15 for one-byte headers.
  /// - Parameter isSimulcast: whether layers are told apart by their names.
  static func extensions(_ kind: MediaKind, isSimulcast: Bool) -> [HeaderExtensionDescription] {
    let ids: [(UInt8, HeaderExtension)] =
      switch kind {
      case .audio: [(1, .audioLevel), (2, .absoluteSendTime), (3, .transportSequence), (4, .mid)]
      case .video:
        [(2, .absoluteSendTime), (3, .transportSequence), (4, .mid), (5, .playoutDelay), (6, .orientation)]
          + (isSimulcast ? [(7, .rid), (8, .repairedRID)] : [])
      }
    return ids.map { HeaderExtensionDescription(id: $0.0, uri: $0.1.rawValue) }
  }
}
