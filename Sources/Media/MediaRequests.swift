import Links
import Linux
import WebRTC

/// What the server asks for, and what it is told.
extension MediaPlane {
  func handle(_ request: MediaRequest) {
    let now = MonotonicTime.now()
    switch request {
    case .openPeer(let id, let peer, let localAddresses):
      answer(id) { () throws(ForwarderError) in
        .offer(
          sdp: try forwarder.open(peer: peer, addresses: addresses(localAddresses), now: now, random: &random))
      }
    case .setAnswer(let id, let peer, let sdp):
      answer(id) { () throws(ForwarderError) in
        try forwarder.setAnswer(sdp, peer: peer, now: now, out: out)
        return .done
      }
    case .setRoutes(let id, let routes):
      answer(id) { () throws(ForwarderError) in
        try forwarder.setRoutes(routes.map(ForwarderRoute.init), now: now, out: out)
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

extension ForwarderRoute {
  init(_ route: MediaRoute) {
    self.init(
      from: ForwarderEndpoint(route.from), to: ForwarderEndpoint(route.to), audio: route.audio, video: route.video)
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
