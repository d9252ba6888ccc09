import Linux

extension PeerConnection {
  /// Our offer of all sections; once it is answered another may follow, with more of them.
  public func createOffer() -> String {
    if phase == .settled { builder.sessionVersion &+= 1 }
    if phase == .new || phase == .settled { phase = .offered }
    return builder.offer().description
  }

  /// Begins ICE anew with the next offer (RFC 8829 section 5.2.3.1): the peer looks for a way again, and DTLS, SRTP and the streams stay as
  /// they are.
  public func restartICE(random: inout some RandomNumberGenerator) {
    let credentials = ICECredentials(random: &random)
    lite.restart(credentials)
    builder.transport.credentials = credentials
  }

  /// Whether an offer of ours waits for its answer.
  public var awaitsAnswer: Bool { phase == .offered }

  /// Takes the peer's answer to our offer.
  public func setAnswer(_ text: String, now: MonotonicTime, out: DatagramQueue) throws(PeerError) {
    guard phase == .offered else { throw .wrongState("expected no answer now (\(phase))") }
    let settled: Negotiation
    do {
      settled = try builder.negotiate(answer: SessionDescription.parse(text))
    } catch {
      throw .malformed(error)
    }
    try settle(settled, now: now, out: out)
  }

  /// Takes the peer's offer, the first or a later one, and answers it.
  /// - Parameter random: makes the numbers of sections that are new.
  public func acceptOffer(
    _ text: String, now: MonotonicTime, out: DatagramQueue, random: inout some RandomNumberGenerator
  ) throws(PeerError) -> String {
    guard phase == .new || phase == .settled else { throw .wrongState("expected no offer now (\(phase))") }
    let settled: Negotiation
    let answer: SessionDescription
    do {
      let offer = try SessionDescription.parse(text)
      for kind in MediaKind.allCases {
        let offered = offer.media.count { $0.kind == kind.section }
        let ours = streams.count { $0.kind == kind }
        for _ in 0..<max(0, offered - ours) { addSection(kind, random: &random) }
      }
      if phase == .settled {
        builder.sessionVersion &+= 1
        if role == .controlling, let known = negotiation?.transport.credentials,
          offer.media.first(where: { $0.iceUfrag != nil })?.iceUfrag != known.ufrag
        {
          lookAgain(now: now, random: &random)
        }
      }
      (answer, settled) = try builder.answer(to: offer)
    } catch {
      throw .malformed(error)
    }
    try settle(settled, now: now, out: out)
    return answer.description
  }

  /// The peer has begun ICE anew, and so do we.
  private func lookAgain(now: MonotonicTime, random: inout some RandomNumberGenerator) {
    let credentials = ICECredentials(random: &random)
    builder.transport.credentials = credentials
    controlling = ICEControllingAgent(
      local: credentials, tieBreaker: random.next(), random: SplitMixRandom(seed: random.next()), now: now)
  }

  private func settle(_ settled: Negotiation, now: MonotonicTime, out: DatagramQueue) throws(PeerError) {
    guard settled.sections.contains(where: { $0.isAccepted && $0.kind != nil }) else {
      throw .unusable("neither sound nor pictures in common")
    }
    guard !settled.transport.fingerprints.isEmpty else { throw .unusable("no fingerprint") }
    negotiation = settled
    phase = .settled
    for section in settled.sections {
      guard let number = section.local, number < streams.count else { continue }
      streams[number].settle(section)
      if section.isAccepted { bundleExtensions.merge(streams[number].extensions) }
    }
    asking = streams.filter(\.asksAgain)
    if role == .lite {
      lite.remote = settled.transport.credentials
    } else {
      controlling?.remote = settled.transport.credentials
      for candidate in settled.transport.candidates {
        guard let remote = candidate.socketAddress else { continue }
        for local in addresses { controlling?.addPair(DatagramQueue.Route(remote: remote, local: local)) }
      }
      controlling?.poll(now, out: out)
    }
    startDTLS(now: now, out: out)
    verify(now: now)
  }

  /// Begins the handshake where that is our part, as soon as both the route and the roles are known.
  func startDTLS(now: MonotonicTime, out: DatagramQueue) {
    guard let route, negotiation?.transport.isDTLSClient == true, dtls?.role != .client else { return }
    guard let endpoint = newEndpoint(.client) else { return }
    handle(endpoint.start(route: route, now: now, out: out), now: now)
  }

  func newEndpoint(_ role: DTLSEndpoint.Role) -> DTLSEndpoint? {
    do {
      let endpoint = try DTLSEndpoint(context: context, role: role)
      dtls = endpoint
      return endpoint
    } catch {
      end(.failed)
      return nil
    }
  }

  func handle(_ event: DTLSEvent, now: MonotonicTime) {
    switch event {
    case .none: break
    case .connected(let keys):
      unverifiedKeys = keys
      verify(now: now)
    case .closed: end(.closed)
    case .failed: end(.failed)
    }
  }

  /// Lets media pass once the handshake is complete, the description is here, and the certificate is the one it names
  /// (RFC 8827 section 6.5).
  private func verify(now: MonotonicTime) {
    guard let keys = unverifiedKeys, let negotiation, let shown = dtls?.remoteFingerprint else { return }
    unverifiedKeys = nil
    let expected = negotiation.transport.fingerprints
    guard expected.contains(where: { $0.algorithm == "sha-256" && Certificate.sameFingerprint($0.value, shown) }),
      let session = try? SRTPSession(keys: keys)
    else { return end(.failed) }
    srtp = session
    // The first report soon, so that sound and picture can be matched early (RFC 3550 section 6.2 lets the first interval be short).
    nextReport = now + .milliseconds(100)
    happened(.connected)
  }
}
