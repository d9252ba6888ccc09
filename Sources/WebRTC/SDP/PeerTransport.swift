/// Finds the peer's side of the transport in its description.
enum PeerTransport {
  /// The transport stands in the first section that is not refused: it is the one that carries the bundle
  /// (RFC 9143 section 7.2).
  static func read(_ description: SessionDescription, isAnswer: Bool) throws(SDPError) -> Negotiation.Transport {
    let tagged = description.media.first { $0.mid == description.bundle.first && !$0.isRejected }
    guard let media = tagged ?? description.media.first(where: { !$0.isRejected }) else {
      throw SDPError(expected: "a section that is not refused", found: "\(description.media.count) refused")
    }
    guard let ufrag = media.iceUfrag, let password = media.icePassword else {
      throw SDPError(expected: "ice-ufrag and ice-pwd", found: "section \(media.mid) without")
    }
    guard !media.fingerprints.isEmpty else {
      throw SDPError(expected: "a fingerprint", found: "section \(media.mid) without")
    }
    let isDTLSClient: Bool
    switch (media.setup, isAnswer) {
    // An offerer that leaves the choice gets the server (RFC 8842 section 5.3: it is faster that way).
    case (.passive, _): isDTLSClient = true
    case (.active, _): isDTLSClient = false
    case (.actpass, false), (nil, false): isDTLSClient = true
    case (let setup, _):
      throw SDPError(expected: "setup active or passive", found: setup?.rawValue ?? "none")
    }
    return Negotiation.Transport(
      credentials: ICECredentials(ufrag: ufrag, password: password), fingerprints: media.fingerprints,
      isDTLSClient: isDTLSClient, isLite: description.isICELite, candidates: media.candidates)
  }
}
