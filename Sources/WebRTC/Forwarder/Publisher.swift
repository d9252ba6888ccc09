import Linux

/// One stream that the forwarder gets, from a peer or from the box's own devices, and who is subscribed to it.
final class Publisher {
  /// A key frame asked for by many is asked of the sender once in this time.
  static let keyFrameInterval = Interval.milliseconds(300)
  /// Older than this, a new subscriber is better served by a fresh key frame than by catching up.
  static let longestReplay = Interval.milliseconds(300)

  /// So many packets can be sent again.
  static func packetsKept(_ kind: MediaKind) -> Int { kind == .video ? 512 : 8 }

  /// A stream that is silent for so long does not come any more.
  static let patience = Interval.seconds(1)

  let kind: MediaKind
  /// Of its track.
  let layer: Int
  /// Nil for the box's own devices, and when the member is gone. Not weak: whoever is referred to so is dear to hold for each packet.
  private unowned var member: Member?
  /// Of the member.
  private let section: Int
  private(set) var subscriptions: [Subscription] = []
  private let recent: RecentPackets
  private var keyFrameStart: StoredPacket?
  private(set) var newestIndex: Int64 = -1
  private var keyFrameAsked: MonotonicTime?
  /// Since the last that came.
  private var keyFramesAsked = 0
  private var newestTime: MonotonicTime?
  /// By temporal layer; of what has none in the first.
  private var rates = [RateMeter](repeating: RateMeter(window: .seconds(1)), count: Int(TemporalFilter.all) + 1)
  /// Of the last key frame, in pixels.
  private(set) var height: Int?

  init(_ kind: MediaKind, layer: Int, member: Member?, section: Int) {
    self.kind = kind
    self.layer = layer
    self.member = member
    self.section = section
    recent = RecentPackets(capacity: Self.packetsKept(kind))
  }

  /// Whether the stream comes at present.
  func isAlive(_ now: MonotonicTime, within patience: Interval = patience) -> Bool {
    newestTime.map { now - $0 < patience } ?? false
  }

  /// A packet has come, whether anybody gets it or not.
  /// - Returns: whether the stream begins to come with it, for the first time or again.
  func noteArrival(bytes: Int, temporal: UInt8 = 0, _ now: MonotonicTime) -> Bool {
    let begins = !isAlive(now)
    newestTime = now
    if temporal < rates.count { rates[Int(temporal)].add(bytes: bytes, now: now) }
    return begins
  }

  /// What the stream takes up to a temporal layer, headers included; 0 while it is too young to tell.
  func bitsPerSecond(_ now: MonotonicTime, through temporal: UInt8 = TemporalFilter.all) -> Int {
    var sum = 0
    for layer in 0...min(Int(temporal), rates.count - 1) { sum += rates[layer].bitsPerSecond(now) ?? 0 }
    return sum
  }

  /// The temporal layers that come, the last for all of them.
  func temporalLayers(_ now: MonotonicTime) -> [UInt8] {
    var layers: [UInt8] = []
    for layer in 0..<UInt8(rates.count) where rates[Int(layer)].bitsPerSecond(now) ?? 0 > 0 { layers.append(layer) }
    return layers.dropLast() + [TemporalFilter.all]
  }

  /// A key frame of this height begins.
  func note(height: Int) { self.height = height }

  /// Keeps a packet and passes it on to all subscribers.
  func publish(_ packet: StoredPacket, payload: PacketView, now: MonotonicTime, out: DatagramQueue) {
    guard !subscriptions.isEmpty, let kept = recent.store(packet, payload: payload, now: now) else { return }
    newestIndex = max(newestIndex, packet.index)
    if packet.startsKeyFrame { keyFramesAsked = 0 }
    if packet.startsKeyFrame, packet.index > keyFrameStart?.index ?? -1 { keyFrameStart = kept.packet }
    for subscription in subscriptions {
      subscription.forward(kept.packet, kept.payload, from: self, now: now, out: out)
    }
  }

  func add(_ subscription: Subscription) {
    if !subscriptions.contains(where: { $0 === subscription }) { subscriptions.append(subscription) }
  }

  func remove(_ subscription: Subscription) {
    subscriptions.removeAll { $0 === subscription }
    // What passes unheard is not kept: nobody may catch up across it.
    if subscriptions.isEmpty { keyFrameStart = nil }
  }

  /// The member goes.
  func detach() {
    member = nil
    for subscription in subscriptions { subscription.follow(nil) }
  }

  /// Whether someone waits for a key frame.
  var isKeyFrameWanted: Bool { kind == .video && subscriptions.contains { $0.waitsForKeyFrame } }

  func packet(_ index: Int64) -> (packet: StoredPacket, payload: PacketView)? { recent[index] }

  /// Where a new subscriber of video may begin at once: the last key frame, if it is young and nothing since is missing.
  func replayStart(_ now: MonotonicTime) -> Int64? {
    guard let start = keyFrameStart, now - start.time <= Self.longestReplay, newestIndex - start.index < 128 else {
      return nil
    }
    for index in start.index...max(start.index, newestIndex) where recent[index] == nil { return nil }
    return start.index
  }

  /// Asks the sender of the stream for a key frame, at most once in ``keyFrameInterval``. For the box's own camera the
  /// process asks ``isKeyFrameWanted`` itself.
  func askForKeyFrame(_ now: MonotonicTime, out: DatagramQueue) {
    guard let member, kind == .video else { return }
    member.noteWish()
    if let asked = keyFrameAsked, now - asked < Self.keyFrameInterval { return }
    keyFrameAsked = now
    keyFramesAsked += 1
    member.requestKeyFrame(section, layer: layer, now: now, out: out)
  }

  /// When an unanswered wish for a key frame has to be repeated: less and less often, for a camera that is off answers none, and begins with
  /// one when it is on again.
  var nextTimeout: MonotonicTime? {
    guard member != nil, isKeyFrameWanted, let asked = keyFrameAsked else { return nil }
    return asked + Self.keyFrameInterval * Int64(1 << min(keyFramesAsked / 4, 5))
  }
}
