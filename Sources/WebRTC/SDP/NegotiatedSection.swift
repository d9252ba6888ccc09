extension NegotiatedSection {
  /// What our section and the peer's have in common; nil if that is not enough for media.
  init?(_ local: LocalSection, number: Int, remote: MediaDescription) {
    guard !remote.isRejected, remote.kind == local.kind.section, remote.isRTCPMultiplexed,
      remote.proto.hasSuffix("RTP/SAVPF"),
      let ours = OurCodecs.codecs(local.kind).first, let codec = remote.codecs.first(where: { $0.matches(ours) })
    else { return nil }
    self.local = number
    mid = remote.mid
    kind = local.kind
    isAccepted = true
    direction = MediaDirection(
      sends: local.direction.sends && remote.direction.receives,
      receives: local.direction.receives && remote.direction.sends)
    payloadType = codec.payloadType
    let rtx = remote.codecs.first { $0.repeatedPayloadType == codec.payloadType }
    rtxPayloadType = local.kind == .video ? rtx?.payloadType : nil

    extensions = NegotiatedExtensions()
    for offered in OurCodecs.extensions(local.kind, isSimulcast: !local.rids.isEmpty) {
      guard let item = remote.extensions.first(where: { $0.uri == offered.uri }),
        let kind = HeaderExtension(rawValue: item.uri)
      else { continue }
      // What the peer only sends we may not send. Of what it sends only the names of layers matter to us.
      let isRead = kind == .rid || kind == .repairedRID
      guard isRead ? item.direction?.sends != false : item.direction?.receives != false else { continue }
      extensions[kind] = item.id
    }

    rids = direction.receives ? local.rids.filter(remote.sentLayers.contains) : []

    feedback = []
    for item in codec.feedback {
      switch item {
      case "nack": feedback.insert(.nack)
      case "nack pli": feedback.insert(.pictureLoss)
      case "ccm fir": feedback.insert(.fullIntraRequest)
      case "transport-cc": feedback.insert(.transportWide)
      case "goog-remb": feedback.insert(.receiverEstimate)
      default: break
      }
    }
  }

  static func rejected(_ remote: MediaDescription) -> NegotiatedSection {
    NegotiatedSection(
      local: nil, mid: remote.mid, kind: remote.kind == .audio ? .audio : remote.kind == .video ? .video : nil,
      isAccepted: false,
      direction: .inactive, payloadType: 0, rtxPayloadType: nil, extensions: NegotiatedExtensions(), feedback: [])
  }

  /// The extensions of our answer: the peer's ids, and its directions turned round (RFC 8285 section 6).
  func extensions(from remote: MediaDescription) -> [HeaderExtensionDescription] {
    remote.extensions.compactMap { item in
      guard let kind = HeaderExtension(rawValue: item.uri), extensions[kind] == item.id else { return nil }
      return HeaderExtensionDescription(id: item.id, uri: item.uri, direction: item.direction?.reversed)
    }
  }

  /// The codecs of our answer: the peer's payload types with our parameters and what feedback both sides have.
  func codecs(from remote: MediaDescription) -> [CodecDescription] {
    guard let kind else { return [] }
    var answered: [CodecDescription] = []
    for codec in remote.codecs {
      var answer = codec
      if codec.payloadType == payloadType, let ours = OurCodecs.codecs(kind).first {
        answer.parameters = ours.parameters
        answer.feedback = ours.feedback.filter(codec.feedback.contains)
      } else if codec.payloadType == rtxPayloadType {
        answer.parameters = "apt=\(payloadType)"
        answer.feedback = []
      } else {
        continue
      }
      answered.append(answer)
    }
    return answered
  }
}

extension MediaDescription {
  /// The layers of `a=simulcast:send`, of alternatives the first, of paused ones too (RFC 8853 section 5.1).
  var sentLayers: [String] {
    guard let simulcast else { return [] }
    let words = simulcast.split(separator: " ")
    guard let at = words.firstIndex(of: "send"), at + 1 < words.count else { return [] }
    return words[at + 1].split(separator: ";").compactMap { layer in
      layer.split(separator: ",").first.map { String($0.drop { $0 == "~" }) }
    }
  }
}
