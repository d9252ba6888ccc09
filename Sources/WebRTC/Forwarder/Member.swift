import Linux

/// A peer among the others: what it publishes, and what it is subscribed to.
final class Member: PeerDelegate {
  let name: String
  /// Never used for another member.
  let number: Int
  let peer: PeerConnection
  /// Under which its checks are addressed, the latest last.
  var recipients: [UInt64] = []
  /// What it publishes, by its sections; nil where it only gets something.
  private(set) var tracks: [Track?] = []
  private var published: [Track] = []
  /// What it gets, by its sections; nil where it only sends.
  private var subscriptions: [Subscription?] = []
  /// Those of pictures, in the order of the feed.
  private(set) var views: [Subscription] = []
  let listener = Listener()
  private(set) var shape = PeerShape()
  private var screenSection: Int?
  var feed = ForwarderFeed()
  /// Whether its sound and picture are routed to the box itself.
  var isHeard = false
  var isSeen = false {
    didSet { if !isSeen { frames = nil } }
  }
  private unowned let forwarder: Forwarder
  /// Only while its picture is routed to the box.
  private var frames: VP8FrameAssembler?

  private static let choiceInterval = Interval.milliseconds(500)
  private var choiceDue: MonotonicTime?
  /// When the pacer lets the next packet pass, of those that are held.
  private var releaseDue: MonotonicTime?
  /// The view whose turn it is.
  private var turn = 0
  private static let paddingInterval = Interval.milliseconds(5)

  /// The layers of simulcast that a camera is asked for, the largest first.
  static let layers = ["h", "m", "l"]

  init(
    _ name: String, number: Int, peer: PeerConnection, shape: PeerShape, forwarder: Forwarder,
    random: inout some RandomNumberGenerator
  ) {
    self.name = name
    self.number = number
    self.peer = peer
    self.forwarder = forwarder
    self.shape.isSimulcast = shape.isSimulcast
    add(.audio, sends: true, random: &random)
    add(.video, sends: true, layers: shape.isSimulcast ? Self.layers.count : 1, random: &random)
    grow(to: shape, random: &random)
  }

  private func add(
    _ kind: MediaKind, sends: Bool, gets: Bool = true, layers: Int = 1, random: inout some RandomNumberGenerator
  ) {
    let section = tracks.count
    tracks.append(sends ? Track(kind, layers: layers, member: self, section: section) : nil)
    published = tracks.compactMap { $0 }
    guard gets else { return subscriptions.append(nil) }
    let subscription = Subscription(kind, section: section, of: self, random: random.next())
    subscriptions.append(subscription)
    if kind == .audio { listener.add(subscription) } else { views.append(subscription) }
  }

  /// Adds the sections that a shape has more than the present one. None ever goes away: it lies idle.
  func grow(to wanted: PeerShape, random: inout some RandomNumberGenerator) {
    while shape.audio < wanted.audio {
      shape.audio += 1
      peer.addSection(.audio, direction: .sendOnly, random: &random)
      add(.audio, sends: false, random: &random)
    }
    while shape.video < wanted.video {
      shape.video += 1
      peer.addSection(.video, direction: .sendOnly, random: &random)
      add(.video, sends: false, random: &random)
    }
    if wanted.hasScreen, screenSection == nil {
      shape.hasScreen = true
      screenSection = peer.addSection(.video, direction: .receiveOnly, random: &random)
      add(.video, sends: true, gets: false, random: &random)
    }
  }

  func offer() -> PeerOffer {
    PeerOffer(sdp: peer.createOffer(), video: views.map { "\($0.section)" }, screen: screenSection.map { "\($0)" })
  }

  var audio: Track? { tracks.first ?? nil }
  var camera: Track? { tracks.count > 1 ? tracks[1] : nil }
  var screen: Track? { screenSection.flatMap { $0 < tracks.count ? tracks[$0] : nil } }

  /// When it has something to do: looked up once until something changes, since most peers have nothing to do most of the time.
  var wake: MonotonicTime {
    if let knownWake { return knownWake }
    let time = nextTimeout ?? .never
    knownWake = time
    return time
  }
  private var knownWake: MonotonicTime?

  /// It has got something to do at another time than was known.
  func reschedule() { knownWake = nil }

  /// It has got something to do at a time.
  func reschedule(at time: MonotonicTime) { knownWake = knownWake.map { min($0, time) } }

  /// When the peer, or a wish for a key frame of it, has something to do.
  private var nextTimeout: MonotonicTime? {
    var next = peer.nextTimeout
    for track in published {
      if let wish = track.nextTimeout { next = next.map { min($0, wish) } ?? wish }
    }
    if let time = choiceDue { next = next.map { min($0, time) } ?? time }
    if let time = releaseDue { next = next.map { min($0, time) } ?? time }
    if let time = audio?.loudness.nextTimeout { next = next.map { min($0, time) } ?? time }
    return next
  }

  /// Looks which layers fit what is shown and the way there, now and from time to time, for both change.
  func choose(now: MonotonicTime, out: DatagramQueue) {
    choiceDue = nil
    let shown = views.filter { $0.track != nil }
    guard !shown.isEmpty, peer.isConnected else { return }
    choiceDue = now + Self.choiceInterval
    if let available = peer.availableBitsPerSecond {
      let rest = available - min(available / 2, peer.repeatedBitsPerSecond(now))
      var allotter = Allotter(available: rest, sounds: listener.slots.count)
      allotter.allot(shown, now)
      if let wanted = allotter.wanted { probe(for: wanted, now: now) }
    }
    for view in shown { view.choose(now: now, out: out) }
    forwarder.limitSenders(of: shown)
  }

  func hasLessBandwidth(now: MonotonicTime, out: DatagramQueue) { choose(now: now, out: out) }

  // MARK: Pacing

  /// A packet has to wait.
  func hold(until ready: MonotonicTime) {
    let due = min(releaseDue ?? ready, ready)
    releaseDue = due
    forwarder.reschedule(self, at: due)
  }

  private func probe(for bitsPerSecond: Int, now: MonotonicTime) {
    peer.bandwidth.want(bitsPerSecond, now: now)
    if peer.bandwidth.isProbing(now) { hold(until: now) }
  }

  /// Sends what waits, as long as the pacer lets it pass: what is to be sent again, then one packet of each view after the other; and
  /// what a probe needs.
  private func release(now: MonotonicTime, out: DatagramQueue) {
    releaseDue = nil
    for view in views { view.dropLateRepairs(now: now, out: out) }
    while let view = views.first(where: \.hasRepairs) {
      if let ready = peer.pause(isRepair: true, now) {
        hold(until: ready)
        break
      }
      view.releaseRepair(now: now, out: out)
    }
    while let view = nextHeld() {
      if let ready = peer.pause(now) {
        hold(until: ready)
        break
      }
      view.release(now: now, out: out)
    }
    guard peer.bandwidth.isProbing(now) else { return }
    // What the peer does not tell of counts for nothing, and ends it.
    var missing = Int.max
    while case let next = peer.bandwidth.padding(now), next > 0, next < missing,
      views.contains(where: { $0.pad(now: now, out: out) })
    {
      missing = next
    }
    hold(until: now + Self.paddingInterval)
  }

  private func nextHeld() -> Subscription? {
    for offset in 1...max(1, views.count) {
      let place = (turn + offset) % max(1, views.count)
      guard place < views.count, views[place].isHeld else { continue }
      turn = place
      return views[place]
    }
    return nil
  }

  /// Does what is due of the layers, of what is held, and of the wishes for key frames.
  func poll(now: MonotonicTime, out: DatagramQueue) {
    if let due = releaseDue, now >= due { release(now: now, out: out) }
    if let due = choiceDue, now >= due { choose(now: now, out: out) }
    for track in published {
      for publisher in track.layers {
        if let repeated = publisher.nextTimeout, now >= repeated { publisher.askForKeyFrame(now, out: out) }
      }
    }
    if audio?.loudness.update(now) == true { forwarder.happened(.speaking(of: .peer(name), false)) }
  }

  /// Asks it for a key frame.
  func requestKeyFrame(_ section: Int, layer: Int, now: MonotonicTime, out: DatagramQueue) {
    peer.requestKeyFrame(section, layer: layer, now: now, out: out)
  }

  /// Somebody waits for a key frame of it.
  func noteWish() { forwarder.reschedule(self) }

  /// Begins the subscriptions that have a source.
  func begin(now: MonotonicTime, out: DatagramQueue) {
    for subscription in subscriptions { subscription?.begin(now: now, out: out) }
  }

  /// Nobody gets anything of it any more, and it of nobody.
  func detach() {
    for track in published {
      for listener in track.listeners { listener.follow(listener.tracks.filter { $0 !== track }) }
      for publisher in track.layers { publisher.detach() }
    }
    listener.follow([])
    for view in views { view.follow(nil) }
  }

  // MARK: PeerDelegate

  func received(_ packet: IncomingPacket, now: MonotonicTime, out: DatagramQueue) {
    guard packet.section < tracks.count, let track = tracks[packet.section], packet.layer < track.layers.count else {
      return
    }
    let parsed = packet.kind == .video ? VP8Descriptor.parse(packet.payload) : nil
    // A layer that begins may fit somebody better than what they get.
    if track.layers[packet.layer].noteArrival(
      bytes: packet.packet.view.count, temporal: parsed?.descriptor.temporalLayer ?? 0, now)
    {
      track.chooseAgain(now: now, out: out)
    }
    switch packet.kind {
    case .audio: hear(packet, track, now: now, out: out)
    case .video: see(packet, parsed, track.layers[packet.layer], now: now, out: out)
    }
  }

  private func hear(_ packet: IncomingPacket, _ track: Track, now: MonotonicTime, out: DatagramQueue) {
    let level = packet.audioLevel.map { $0 & 0x7f }
    if isHeard {
      forwarder.localSubscriber?.receive(
        audio: packet.payload, index: packet.index, timestamp: packet.timestamp, level: level, from: number, now: now)
    }
    if track.loudness.receive(level, now: now) {
      forwarder.happened(.speaking(of: .peer(name), track.loudness.isSpeaking))
    }
    for listener in track.listeners { listener.prepare(track, now: now) }
    let publisher = track.layers[0]
    guard !publisher.subscriptions.isEmpty else { return }
    let stored = StoredPacket(
      index: packet.index, timestamp: packet.timestamp, marker: packet.marker, audioLevel: packet.audioLevel,
      time: packet.time)
    publisher.publish(stored, payload: packet.payload, now: now, out: out)
  }

  private func see(
    _ packet: IncomingPacket, _ parsed: (descriptor: VP8Descriptor, length: Int)?, _ publisher: Publisher,
    now: MonotonicTime, out: DatagramQueue
  ) {
    if isSeen, packet.section == 1 { count(packet, publisher, now: now, out: out) }
    let rest = parsed.flatMap { packet.payload.dropFirst($0.length) }
    let startsKeyFrame = parsed?.descriptor.startsFrame == true && rest.map(VP8Frame.isKeyFrame) == true
    if startsKeyFrame, let size = rest.flatMap(VP8Frame.size) { publisher.note(height: size.height) }
    guard !publisher.subscriptions.isEmpty else { return }
    let stored = StoredPacket(
      index: packet.index, timestamp: packet.timestamp, marker: packet.marker, startsKeyFrame: startsKeyFrame,
      descriptor: parsed?.descriptor, orientation: packet.orientation, time: packet.time)
    publisher.publish(stored, payload: packet.payload, now: now, out: out)
  }

  /// The box has no screen: its pictures are only counted, whole ones in order.
  private func count(_ packet: IncomingPacket, _ publisher: Publisher, now: MonotonicTime, out: DatagramQueue) {
    guard packet.layer == 0 else { return }
    let frames = frames ?? VP8FrameAssembler(keepsPayload: false)
    self.frames = frames
    frames.insert(packet.packet)
    while frames.nextFrame() != nil { forwarder.counters.videoFramesReceived &+= 1 }
    if frames.needsKeyFrame, packet.marker { publisher.askForKeyFrame(now, out: out) }
  }

  func asked(forPacket sequence: UInt16, section: Int, now: MonotonicTime, out: DatagramQueue) {
    guard section < subscriptions.count else { return }
    subscriptions[section]?.retransmit(sequence, now: now, out: out)
  }

  func askedForKeyFrame(section: Int, now: MonotonicTime, out: DatagramQueue) {
    guard section < subscriptions.count else { return }
    subscriptions[section]?.askForKeyFrame(now: now, out: out)
  }
}
