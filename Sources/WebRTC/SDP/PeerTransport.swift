/// Finds the peer's side of the transport in its description.
enum PeerTransport {
  /// The transport stands in the first section that is taken: that one carries the bundle (RFC 9143 section 7.3.1).
  static func read(
    _ description: SessionDescription, _ settled: [NegotiatedSection], isAnswer: Bool
  ) throws(SDPError) -> Negotiation.Transport {
    guard let index = settled.firstIndex(where: { $0.isAccepted }), index < description.media.count else {
      throw SDPError(expected: "bundled audio by Opus or video by VP8", found: "\(description.media.count) others")
    }
    let media = description.media[index]
    guard let ufrag = media.iceUfrag, let password = media.icePassword else {
      throw SDPError(expected: "ice-ufrag and ice-pwd", found: "a section \(media.mid) without")
    }
    guard media.fingerprints.contains(where: { $0.algorithm == "sha-256" }) else {
      throw SDPError(expected: "a sha-256 fingerprint", found: "a section \(media.mid) without")
    }
    let isDTLSClient: Bool
    switch (media.setup, isAnswer) {
    case (.passive, _): isDTLSClient = true
    case (.active, _): isDTLSClient = false
    // An offerer that leaves the choice becomes the server: its answerer can begin at once (RFC 8842 section 5.3).
    case (.actpass, false), (nil, false): isDTLSClient = true
    case (let setup, _):
      throw SDPError(expected: "setup active or passive", found: setup?.rawValue ?? "none")
    }
    return Negotiation.Transport(
      credentials: ICECredentials(ufrag: ufrag, password: password), fingerprints: media.fingerprints,
      isDTLSClient: isDTLSClient, candidates: media.candidates)
  }
}
