/// Makes our descriptions and settles them with the peer's (RFC 8829 sections 5.2 and 5.3).
public struct DescriptionBuilder: Sendable {
  static let proto = "UDP/TLS/RTP/SAVPF"

  public var transport: LocalTransport
  public var sections: [LocalSection]
  /// Random, below 2^63 (RFC 8829 section 5.2.1).
  public var sessionID: UInt64
  /// One more for each further offer or answer (RFC 8829 section 5.2.2).
  public var sessionVersion: UInt64 = 1

  public init(transport: LocalTransport, sections: [LocalSection], sessionID: UInt64) {
    self.transport = transport
    self.sections = sections
    self.sessionID = sessionID & 0x7fff_ffff_ffff_ffff
  }

  /// Our offer: all sections bundled on one transport, either side may begin DTLS.
  public func offer() -> SessionDescription {
    var description = start()
    description.bundle = sections.map(\.mid)
    description.media = sections.map { section in
      var media = MediaDescription(kind: section.kind.section, port: 9, proto: Self.proto, formats: [])
      media.mid = section.mid
      media.direction = section.direction
      media.codecs = OurCodecs.codecs(section.kind)
      media.formats = media.codecs.map { "\($0.payloadType)" }
      media.extensions = OurCodecs.extensions(section.kind, isSimulcast: !section.rids.isEmpty)
      carry(&media, setup: .actpass)
      if section.direction.sends { announce(section, in: &media, withRTX: true) }
      if section.direction.receives, !section.rids.isEmpty {
        media.restrictions = section.rids.map { RestrictionID(id: $0, direction: "recv", restrictions: nil) }
        media.simulcast = "recv \(section.rids.joined(separator: ";"))"
      }
      return media
    }
    return description
  }

  /// Our answer to an offer and what it settles. Each of our sections takes the first m-line of its kind that it can
  /// serve; the other m-lines are refused with port 0, in their places (RFC 3264 section 6).
  public func answer(to offer: SessionDescription) throws(SDPError) -> (SessionDescription, Negotiation) {
    var unused = Array(sections.indices)
    var locals: [LocalSection?] = []
    var settled: [NegotiatedSection] = []
    for remote in offer.media {
      let index = unused.firstIndex { sections[$0].kind.section == remote.kind }
      if let index, Self.isCarried(remote, offer, settled),
        let result = NegotiatedSection(sections[unused[index]], number: unused[index], remote: remote)
      {
        locals.append(sections[unused.remove(at: index)])
        settled.append(result)
      } else {
        locals.append(nil)
        settled.append(.rejected(remote))
      }
    }
    let peer = try PeerTransport.read(offer, settled, isAnswer: false)

    var description = start()
    for (remote, (local, result)) in zip(offer.media, zip(locals, settled)) {
      guard let local else {
        var media = MediaDescription(kind: remote.kind, port: 0, proto: remote.proto, formats: remote.formats)
        media.mid = remote.mid
        media.direction = .inactive
        description.media.append(media)
        continue
      }
      var media = MediaDescription(kind: remote.kind, port: 9, proto: remote.proto, formats: [])
      media.mid = remote.mid
      media.direction = result.direction
      media.codecs = result.codecs(from: remote)
      media.formats = media.codecs.map { "\($0.payloadType)" }
      media.extensions = result.extensions(from: remote)
      carry(&media, setup: peer.isDTLSClient ? .active : .passive)
      if result.direction.sends { announce(local, in: &media, withRTX: result.rtxPayloadType != nil) }
      description.media.append(media)
      if offer.bundle.contains(remote.mid) { description.bundle.append(remote.mid) }
    }
    return (description, Negotiation(transport: peer, sections: settled))
  }

  /// What the peer's answer to our offer settles.
  public func negotiate(answer: SessionDescription) throws(SDPError) -> Negotiation {
    guard answer.media.count == sections.count else {
      throw SDPError(expected: "\(sections.count) m-lines, as offered", found: "\(answer.media.count)")
    }
    var settled: [NegotiatedSection] = []
    for (number, (local, remote)) in zip(sections, answer.media).enumerated() {
      guard remote.mid == local.mid, remote.kind == local.kind.section else {
        throw SDPError(
          expected: "\(local.kind) section with mid \(local.mid)", found: "\(remote.kind.name) with mid \(remote.mid)")
      }
      let result =
        Self.isCarried(remote, answer, settled) ? NegotiatedSection(local, number: number, remote: remote) : nil
      var section = result ?? .rejected(remote)
      section.local = number
      settled.append(section)
    }
    return Negotiation(transport: try PeerTransport.read(answer, settled, isAnswer: true), sections: settled)
  }

  /// Whether the one transport carries a section: it is the first that is taken, or in one bundle with that one.
  private static func isCarried(
    _ media: MediaDescription, _ description: SessionDescription, _ settled: [NegotiatedSection]
  ) -> Bool {
    guard let first = settled.first(where: { $0.isAccepted }) else { return true }
    return description.bundle.contains(first.mid) && description.bundle.contains(media.mid)
  }

  private func start() -> SessionDescription {
    var description = SessionDescription(sessionID: sessionID, sessionVersion: sessionVersion)
    description.isICELite = transport.isLite
    description.iceOptions = ["ice2"]
    description.extmapAllowMixed = true
    return description
  }

  /// Writes our transport into a section.
  private func carry(_ media: inout MediaDescription, setup: SetupRole) {
    media.iceUfrag = transport.credentials.ufrag
    media.icePassword = transport.credentials.password
    media.fingerprints = [transport.fingerprint]
    media.setup = setup
    media.isRTCPMultiplexed = true
    media.isRTCPReducedSize = true
    media.candidates = transport.addresses.prefix(SessionDescription.maximumCandidates).enumerated().map {
      ICECandidate(host: $0.element, rank: UInt8(clamping: $0.offset))
    }
    media.hasEndOfCandidates = true
    if let first = media.candidates.first { media.port = first.port }
  }

  /// Names the sources that we send.
  private func announce(_ local: LocalSection, in media: inout MediaDescription, withRTX: Bool) {
    media.msids = [local.msid]
    media.sources = [MediaSource(ssrc: local.ssrc, cname: local.cname, msid: local.msid)]
    guard withRTX, let rtx = local.rtxSSRC else { return }
    media.sources.append(MediaSource(ssrc: rtx, cname: local.cname, msid: local.msid))
    media.sourceGroups = [MediaSourceGroup(semantics: "FID", ssrcs: [local.ssrc, rtx])]
  }
}

extension MediaKind {
  var section: MediaDescription.Kind { self == .audio ? .audio : .video }
}
