import Links
import Linux

/// Telling what changed: to the media plane, to devices and to the supervisor. Everything here is computed from the state, so
/// no transition can forget to tell.
extension Switchboard {
  /// The end of each input.
  mutating func settle(_ now: Moment) {
    advance(now)
    settleRooms(now)
    publish(now)
    sweep()
  }

  mutating func publish(_ now: Moment) {
    publishFeeds()
    publishCalls(now)
    publishRooms(now)
    publishPeople(now)
    let state = boxState
    if state != toldBoxState {
      toldBoxState = state
      outputs.append(.box(state))
    }
  }

  /// Forgets what has ended and been told.
  mutating func sweep() {
    calls.removeAll { $0.machine.state == .ended }
    for c in calls.indices { calls[c].legs.removeAll { $0.end != nil } }
  }

  /// What each endpoint is to get, from the state of all calls.
  var feeds: [MediaEndpoint: MediaFeed] {
    (calls.map(\.feeds) + rooms.map(\.feeds)).reduce(into: [:]) { all, feeds in all.merge(feeds) { $1 } }
  }

  /// Tells the media plane what has changed; after a new link everything.
  private mutating func publishFeeds() {
    guard mediaDesk.isLinked else { return }
    let feeds = feeds
    guard feeds != mediaDesk.feeds else { return }
    for endpoint in endpoints {
      let feed = feeds[endpoint] ?? MediaFeed()
      // What a peer gets that is new begins with nothing.
      if let told = mediaDesk.feeds, told[endpoint] ?? MediaFeed() == feed { continue }
      outputs.append(.media(.setFeed(id: mediaDesk.expect(.other), of: endpoint, feed: feed)))
    }
    mediaDesk.feeds = feeds
  }

  /// All that the media plane has at present, in an order that is always the same.
  private var endpoints: [MediaEndpoint] {
    let links = calls.flatMap(\.legs).map(\.link) + rooms.flatMap(\.seats).map(\.link)
    return [.local] + links.compactMap { $0 == .local ? nil : $0.endpoint }
  }

  mutating func publishCalls(_ now: Moment) {
    for c in calls.indices where calls[c].changed {
      calls[c].changed = false
      for l in calls[c].legs.indices {
        guard let device = calls[c].legs[l].device else { continue }
        let view = view(calls[c], calls[c].legs[l])
        guard view != calls[c].legs[l].lastView else { continue }
        calls[c].legs[l].lastView = view
        send(.call(timed(view, calls[c], now)), to: device, now)
      }
    }
  }

  private mutating func publishPeople(_ now: Moment) {
    guard !unsettled.isEmpty else { return }
    for user in [.box] + directory.ids where unsettled.contains(user) {
      guard let person = person(user), told[user] != person else { continue }
      told[user] = person
      for device in devices.ids { send(.person(person), to: device, now) }
    }
    unsettled.removeAll()
  }

  /// A call as one leg sees it, without the time that is left.
  func view(_ call: Call, _ leg: Leg) -> CallView {
    let end = leg.end ?? call.machine.end
    let accepted = call.legs.first(where: \.accepted)
    let other = leg.isCaller ? accepted?.user ?? call.callees.first ?? leg.user : call.caller
    let theirs = leg.isCaller ? accepted?.sends : call.legs.first(where: \.isCaller)?.sends
    return CallView(
      id: call.id, state: end == nil ? call.machine.state : .ended, reason: end,
      direction: leg.isCaller ? .outgoing : .incoming, with: party(other), audio: call.audio, video: call.video,
      theirMedia: theirs ?? CallView.Media(audio: call.audio, video: call.video),
      connectedAt: call.connectedAt?.milliseconds,
      preview: end == nil && call.machine.isRinging && !leg.isCaller && call.caller == .box && call.video,
      mine: leg.isCaller || leg.accepted)
  }

  /// The same with the time that is left, which alone is no change.
  func timed(_ view: CallView, _ call: Call, _ now: Moment) -> CallView {
    guard view.state == .inviting || view.state == .ringing else { return view }
    var view = view
    view.ringMilliseconds = max(0, (call.ringsUntil - now.monotonic).milliseconds)
    return view
  }

  func party(_ user: UserID) -> CallView.Party {
    user == .box
      ? CallView.Party(id: user, displayName: settings.boxName, kind: .box)
      : CallView.Party(id: user, displayName: directory[user]?.displayName ?? user.rawValue, kind: .user)
  }
}
