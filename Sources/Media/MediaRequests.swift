import Links
import Linux
import WebRTC

/// What the server asks for, and what it is told.
extension MediaPlane {
  func handle(_ request: MediaRequest) {
    let now = MonotonicTime.now()
    switch request {
    case .openPeer(let id, let peer, let localAddresses, let shape):
      answer(id) { () throws(ForwarderError) in
        .offer(
          MediaOffer(
            try forwarder.open(
              peer: peer, addresses: addresses(localAddresses), shape: PeerShape(shape), now: now, random: &random)))
      }
    case .reshapePeer(let id, let peer, let shape, let restart):
      answer(id) { () throws(ForwarderError) in
        .offer(
          MediaOffer(try forwarder.reshape(peer: peer, to: PeerShape(shape), restartsICE: restart, random: &random)))
      }
    case .setAnswer(let id, let peer, let sdp):
      answer(id) { () throws(ForwarderError) in
        try forwarder.setAnswer(sdp, peer: peer, now: now, out: out)
        return .done
      }
    case .setFeed(let id, let endpoint, let feed):
      answer(id) { () throws(ForwarderError) in
        try forwarder.setFeed(ForwarderFeed(feed), of: ForwarderEndpoint(endpoint), now: now, out: out)
        return .done
      }
    case .closePeer(let id, let peer):
      forwarder.close(peer: peer, out: out)
      reply(id, .done)
    case .list(let id):
      reply(id, .peers(forwarder.peers.map { MediaPeerStatus(peer: $0.name, connected: $0.isConnected) }))
    }
  }

  private func answer(_ id: Int, _ body: () throws(ForwarderError) -> MediaReply) {
    do {
      reply(id, try body())
    } catch {
      reply(id, MediaReply(error))
    }
  }

  private func reply(_ id: Int, _ reply: MediaReply) { serverLink?.send(.reply(id: id, reply)) }

  /// The addresses to advertise; what is no IP literal is left out.
  private func addresses(_ literals: [String]) -> [SocketAddress] {
    literals.compactMap { SocketAddress(literal: $0, port: socket.local.port) }
  }

  func report(_ event: ForwarderEvent) {
    switch event {
    case .connected(let peer): serverLink?.send(.connected(peer: peer))
    case .receiving(let peer, let audio, let video):
      serverLink?.send(.receiving(peer: peer, audio: audio, video: video))
    case .speaking(let endpoint, let speaks): serverLink?.send(.speaking(of: MediaEndpoint(endpoint), speaks))
    case .closed(let peer, let reason): serverLink?.send(.closed(peer: peer, reason: reason.rawValue))
    }
  }
}

extension MediaReply {
  init(_ error: ForwarderError) {
    switch error {
    case .noSuchPeer(let peer): self = .refused(code: "noSuchPeer", detail: "no peer of the name '\(peer)'")
    case .wrongState(let detail): self = .refused(code: "wrongState", detail: detail)
    case .tooMany(let detail): self = .refused(code: "tooMany", detail: detail)
    case .badDescription(let detail): self = .refused(code: "badDescription", detail: detail)
    }
  }
}

extension ForwarderFeed {
  init(_ feed: MediaFeed) {
    self.init(
      audio: feed.audio.map(ForwarderEndpoint.init),
      video: feed.video.map { view in
        view.map { ForwarderView(from: ForwarderEndpoint($0.from), isScreen: $0.screen, height: $0.height) }
      })
  }
}

extension PeerShape {
  init(_ shape: MediaShape) {
    self.init(audio: shape.audio, video: shape.video, hasScreen: shape.screen, isSimulcast: shape.simulcast)
  }
}

extension MediaOffer {
  init(_ offer: PeerOffer) { self.init(sdp: offer.sdp, video: offer.video, screen: offer.screen) }
}

extension MediaEndpoint {
  init(_ endpoint: ForwarderEndpoint) {
    switch endpoint {
    case .local: self = .local
    case .peer(let name): self = .peer(name)
    }
  }
}

extension ForwarderEndpoint {
  init(_ endpoint: MediaEndpoint) {
    switch endpoint {
    case .local: self = .local
    case .peer(let name): self = .peer(name)
    }
  }
}
