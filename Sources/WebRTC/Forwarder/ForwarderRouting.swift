import Linux

extension Forwarder {
  /// What a peer may send whose picture goes to the box alone.
  static let unwatchedBitsPerSecond: UInt64 = 300_000

  /// Replaces all routes: what is not among them stops. Routes of peers that are not open yet begin when they are.
  public func setRoutes(_ routes: [ForwarderRoute], now: MonotonicTime, out: DatagramQueue) throws(ForwarderError) {
    for kind in MediaKind.allCases {
      var fed: Set<String> = []
      for case let route in routes where route.carries(kind) {
        guard case .peer(let name) = route.to else { continue }
        guard fed.insert(name).inserted else { throw .tooMany("two sources of \(kind) for '\(name)'") }
      }
    }
    self.routes = routes
    applyRoutes()
    for member in members.values { member.begin(now: now, out: out) }
  }

  /// Connects publishers and subscriptions as the routes say, as far as the peers are there.
  func applyRoutes() {
    for member in members.values {
      for kind in MediaKind.allCases {
        let route = routes.first { $0.to == .peer(member.name) && $0.carries(kind) }
        member.subscription(kind).follow(route.flatMap { publisher($0.from, kind) })
      }
      let toLocal = routes.filter { $0.from == .peer(member.name) && $0.to == .local }
      let isHeard = toLocal.contains { $0.audio }
      if member.isHeard, !isHeard { localSubscriber?.end(source: member.number) }
      member.isHeard = isHeard
      member.isSeen = toLocal.contains { $0.video }
    }
    for member in members.values {
      // Nobody sees it: the box has no screen. The air and the phone's battery are better spent.
      let isUnwatched = member.isSeen && member.video.subscriptions.isEmpty
      member.peer.wantedLimit = isUnwatched ? Self.unwatchedBitsPerSecond : nil
    }
  }

  private func publisher(_ endpoint: ForwarderEndpoint, _ kind: MediaKind) -> Publisher? {
    switch endpoint {
    case .local: kind == .audio ? localAudio : localVideo
    case .peer(let name): members[name]?.publisher(kind)
    }
  }
}
