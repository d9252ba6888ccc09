import Links
import Linux

/// Peers in the media plane: one for each leg that has a device.
extension Switchboard {
  /// A link to the media plane stands. What peers there were are gone, or nobody knows them: the calls get new ones, and
  /// whatever else the media plane still holds is closed.
  ///
  /// Calls that were taken over from an earlier server keep the peers that the media plane still has.
  public mutating func mediaLinked(now: Moment) {
    if adoptsPeers {
      outputs.append(.media(.list(id: mediaDesk.expect(.list(adopting: true)))))
      return
    }
    loseMedia(now)
    mediaDesk.link()
    outputs.append(.media(.list(id: mediaDesk.expect(.list(adopting: false)))))
    openPeers()
    settle(now)
  }

  private mutating func openPeers() {
    for c in calls.indices where calls[c].machine.state != .ended {
      for l in calls[c].legs.indices where calls[c].legs[l].end == nil { openPeer(c, l) }
    }
  }

  /// Takes over what the media plane has of the calls that run, and goes on as with any other.
  private mutating func adopt(_ peers: [MediaPeerStatus], _ now: Moment) {
    adoptsPeers = false
    mediaDesk.link()
    let isConnected = Dictionary(peers.map { (PeerID($0.peer), $0.connected) }) { $1 }
    for c in calls.indices {
      for l in calls[c].legs.indices where calls[c].legs[l].link != .local {
        let link = calls[c].legs[l].link
        // Of one that was not answered yet, nobody knows whether the offer has arrived.
        if let peer = link.peer, link.isAnswered, let isUp = isConnected[peer] {
          calls[c].legs[l].link = isUp ? .connected(peer) : .answered(peer)
        } else {
          calls[c].legs[l].link = .none
        }
      }
      calls[c].changed = true
    }
    adoptSeats(isConnected)
    for peer in peers where !isKnown(PeerID(peer.peer)) { close(PeerID(peer.peer)) }
    openPeers()
    for c in calls.indices { checkMedia(c, now) }
  }

  /// The link broke. Calls wait for the next one.
  public mutating func mediaLost(now: Moment) {
    loseMedia(now)
    settle(now)
  }

  public mutating func receive(_ event: MediaEvent, now: Moment) {
    if receiveInRoom(event, now) { return settle(now) }
    switch event {
    case .reply(let id, let reply):
      if let pending = mediaDesk.take(id) { receive(reply, to: pending, now) }
    case .connected(let peer):
      guard let (c, l) = locate(PeerID(peer)) else { break }
      if case .offered(let peer, _) = calls[c].legs[l].link {
        calls[c].legs[l].link = .offered(peer, up: true)
      } else {
        calls[c].legs[l].link = .connected(PeerID(peer))
      }
      checkMedia(c, now)
    case .receiving, .speaking: break
    case .closed(let peer, _):
      guard let (c, l) = locate(PeerID(peer)) else { break }
      calls[c].legs[l].link = .none
      calls[c].changed = true
      // In a call the client builds a new connection; while it rings, accepting does that.
      if calls[c].isActive(l) { openPeer(c, l) }
      checkMedia(c, now)
    }
    settle(now)
  }

  private mutating func receive(_ reply: MediaReply, to pending: MediaDesk.Pending, _ now: Moment) {
    if receiveInRoom(reply, to: pending, now) { return }
    switch (pending, reply) {
    case (.open(let peer), .offer(let offer)):
      guard let (c, l) = locate(peer), case .opening = calls[c].legs[l].link, let device = calls[c].legs[l].device
      else { return }
      calls[c].legs[l].link = .offered(peer, up: false)
      calls[c].changed = true
      send(.offer(.init(call: calls[c].id, peer: peer, sdp: offer.sdp)), to: device, now)
    case (.open(let peer), _), (.answer(let peer), .refused):
      guard let (c, l) = locate(peer) else { return }
      closePeer(c, l)
      if calls[c].isActive(l) { apply(.mediaFailed, to: c, now) }
    case (.list(adopting: true), .peers(let peers)): adopt(peers, now)
    case (.list(adopting: false), .peers(let peers)):
      for status in peers where !isKnown(PeerID(status.peer)) { close(PeerID(status.peer)) }
    case (.answer, _), (.reshape, _), (.list, _), (.other, _): break
    }
  }

  private func isKnown(_ peer: PeerID) -> Bool { locate(peer) != nil || locateSeat(peer) != nil }

  private func locate(_ peer: PeerID) -> (call: Int, leg: Int)? {
    for c in calls.indices {
      if let l = calls[c].legs.firstIndex(where: { $0.link.peer == peer }) { return (c, l) }
    }
    return nil
  }

  private mutating func loseMedia(_ now: Moment) {
    mediaDesk.lose()
    adoptsPeers = false
    for c in calls.indices {
      for l in calls[c].legs.indices where calls[c].legs[l].link != .local { calls[c].legs[l].link = .none }
      calls[c].changed = true
      checkMedia(c, now)
    }
    for r in rooms.indices { for s in rooms[r].seats.indices { forgetSeatPeer(r, s) } }
  }

  /// Asks for a peer for a leg that has none.
  mutating func openPeer(_ c: Int, _ l: Int) {
    guard mediaDesk.isLinked, calls[c].legs[l].link == .none, let id = calls[c].legs[l].device,
      let device = devices[id]
    else { return }
    let peer = PeerID.short(&random)
    calls[c].legs[l].link = .opening(peer)
    let request = mediaDesk.expect(.open(peer))
    outputs.append(
      .media(.openPeer(id: request, peer: peer.rawValue, localAddresses: [device.localAddress], shape: MediaShape())))
  }

  mutating func closePeer(_ c: Int, _ l: Int) {
    guard let peer = calls[c].legs[l].link.peer else { return }
    calls[c].legs[l].link = .none
    calls[c].changed = true
    close(peer)
  }

  mutating func close(_ peer: PeerID) {
    guard mediaDesk.isLinked else { return }
    outputs.append(.media(.closePeer(id: mediaDesk.expect(.other), peer: peer.rawValue)))
  }

  mutating func reopenPeer(_ c: Int, _ l: Int, _ now: Moment) {
    closePeer(c, l)
    openPeer(c, l)
    checkMedia(c, now)
  }

  /// Both ends are up: the call is connected. One is not: it has a while to come back.
  mutating func checkMedia(_ c: Int, _ now: Moment) {
    guard calls[c].machine.isActive else { return }
    if calls[c].activeLegs.allSatisfy({ calls[c].legs[$0].link.isUp }) {
      calls[c].mediaUntil = nil
      apply(.mediaUp, to: c, now)
    } else if calls[c].mediaUntil == nil {
      calls[c].mediaUntil = now.monotonic + settings.connect
    }
  }
}
