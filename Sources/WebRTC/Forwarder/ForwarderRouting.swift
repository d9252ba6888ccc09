import Linux

extension Forwarder {
  /// What a peer may send whose picture goes to the box alone.
  static let unwatchedBitsPerSecond: UInt64 = 300_000

  /// Says what an endpoint gets from now on, in place of what it got. What comes from peers that are not open yet begins when they
  /// are.
  public func setFeed(
    _ feed: ForwarderFeed, of endpoint: ForwarderEndpoint, now: MonotonicTime, out: DatagramQueue
  ) throws(ForwarderError) {
    switch endpoint {
    case .local: localFeed = feed
    case .peer(let name):
      guard let member = members[name] else { throw .noSuchPeer(name) }
      member.feed = feed
    }
    connect()
    for member in ordered {
      member.begin(now: now, out: out)
      member.choose(now: now, out: out)
      reschedule(member)
    }
  }

  /// Connects tracks and subscriptions as the feeds say, as far as the peers are there.
  func connect() {
    for member in ordered {
      member.listener.follow(member.feed.audio.compactMap { audio($0) })
      for (slot, view) in member.views.enumerated() {
        let wanted = slot < member.feed.video.count ? member.feed.video[slot] : nil
        view.height = wanted?.height
        view.follow(wanted.flatMap { picture($0) })
      }
    }
    let heard = Set(localFeed.audio)
    let seen = Set(localFeed.video.compactMap { $0?.from })
    for member in ordered {
      let isHeard = heard.contains(.peer(member.name))
      if member.isHeard, !isHeard { localSubscriber?.end(source: member.number) }
      member.isHeard = isHeard
      member.isSeen = seen.contains(.peer(member.name))
      limit(member)
    }
  }

  /// Those who are seen in these views may send what their viewers can get, if they send but one size.
  func limitSenders(of views: [Subscription]) {
    for member in ordered where views.contains(where: { $0.track === member.camera }) { limit(member) }
  }

  private func limit(_ member: Member) {
    // A lower limit is told at once.
    defer { reschedule(member) }
    guard let camera = member.camera else { return }
    guard camera.isFollowed else {
      // Nobody sees it: the box has no screen. The air and the phone's battery are better spent.
      member.peer.limit(member.isSeen ? Self.unwatchedBitsPerSecond : nil)
      return
    }
    // With several sizes each viewer gets what fits; with one the narrowest way decides.
    let isSingle = camera.layers.count == 1 && member.screen?.isFollowed != true
    let lowest = isSingle ? camera.layers[0].subscriptions.map(\.allotted.bitsPerSecond).min() : nil
    member.peer.limit(lowest.flatMap { $0 < Allotter.single.upperBound ? UInt64($0) : nil })
  }

  private func audio(_ endpoint: ForwarderEndpoint) -> Track? {
    switch endpoint {
    case .local: localAudio
    case .peer(let name): members[name]?.audio
    }
  }

  private func picture(_ view: ForwarderView) -> Track? {
    switch view.from {
    case .local: view.isScreen ? nil : localVideo
    case .peer(let name): view.isScreen ? members[name]?.screen : members[name]?.camera
    }
  }
}
