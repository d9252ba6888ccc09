import Linux

/// What one peer gets in one section: an unbroken stream whose source may change, from one track to another or from one of its
/// layers to another.
final class Subscription {
  let kind: MediaKind
  private unowned let member: Member
  private let peer: PeerConnection
  /// Of the peer.
  let section: Int
  private(set) var track: Track?
  private(set) var source: Publisher?
  /// Takes the source's place with its next key frame.
  private var next: Publisher?
  /// How large the picture is shown at most, in pixels; nil for as large as there is.
  var height: Int?
  /// What there is bandwidth for.
  var allotted = Allotment.most {
    didSet { temporal.limit = allotted.temporal }
  }
  private var rewriter: StreamRewriter
  private var temporal = TemporalFilter()
  /// Set from the start of a source, or after the peer has lost too much, until a key frame passes.
  private(set) var waitsForKeyFrame = false
  /// Whether packets of the source wait for the pacer.
  private(set) var isHeld = false
  /// What is to be sent again and waits for it.
  private var repairs: [(sequence: UInt16, since: MonotonicTime)] = []
  private static let mostRepairs = 64
  /// What could not be sent again within this time: a key frame is cheaper by then.
  private static let longestRepair = Interval.milliseconds(250)
  /// When each packet that the source keeps was sent again last.
  private var resent: [(index: Int64, time: MonotonicTime)]
  private var budget = RetransmissionBudget()

  /// A picture that would leave later than this after it came is not worth its way.
  private static let longestHold = Interval.milliseconds(800)

  init(_ kind: MediaKind, section: Int, of member: Member, random: UInt64) {
    self.kind = kind
    self.section = section
    self.member = member
    peer = member.peer
    let kept = Publisher.packetsKept(kind)
    rewriter = StreamRewriter(clockRate: Int64(kind.clockRate), kept: kept, random: random)
    resent = Array(repeating: (-1, MonotonicTime(microseconds: 0)), count: kept)
    if kind == .video { repairs.reserveCapacity(Self.mostRepairs) }
  }

  var isConnected: Bool { peer.isConnected }

  /// Whether the peer takes what is sent in this section, as far as is known.
  var isTaken: Bool { peer.mayTake(section) }

  /// Changes the track. Packets flow once the peer is connected, see ``begin(now:out:)``.
  func follow(_ track: Track?) {
    guard track !== self.track else { return }
    self.track = track
    allotted = .most
    source?.remove(self)
    next?.remove(self)
    source = track?.layers.first
    next = nil
    waitsForKeyFrame = false
    interrupt()
    source?.add(self)
  }

  /// The stream begins anew with the next key frame, and what is held is not sent any more.
  private func interrupt() {
    rewriter.end()
    isHeld = false
    repairs.removeAll(keepingCapacity: true)
  }

  /// Looks whether another layer of the track fits better: goes over to it with its next key frame, so that no picture is missing.
  func choose(now: MonotonicTime, out: DatagramQueue) {
    guard let track, track.layers.count > 1, peer.isConnected else { return }
    let wanted = track.layer(height: height, largest: allotted.layer, now: now)
    guard wanted !== source else {
      next?.remove(self)
      next = nil
      return
    }
    if wanted !== next {
      next?.remove(self)
      next = wanted
      wanted.add(self)
    }
    wanted.askForKeyFrame(now, out: out)
  }

  /// The layer that is waited for has a key frame here.
  private func goOver(to publisher: Publisher) {
    source?.remove(self)
    source = publisher
    next = nil
    interrupt()
  }

  /// Sends what makes the first picture possible at once: what the source has sent since its last key frame or, if that is
  /// too long ago, asks for one. To be called after ``follow(_:)`` and when the peer gets connected.
  func begin(now: MonotonicTime, out: DatagramQueue) {
    guard peer.isConnected, let source, !rewriter.begun, !waitsForKeyFrame, kind == .video else { return }
    guard let start = source.replayStart(now) else { return askForKeyFrame(now: now, out: out) }
    for index in start...source.newestIndex {
      guard let kept = source.packet(index) else { return }
      forward(kept.packet, kept.payload, from: source, now: now, out: out)
    }
  }

  func askForKeyFrame(now: MonotonicTime, out: DatagramQueue) {
    guard kind == .video, peer.isConnected, let source else { return }
    waitsForKeyFrame = true
    source.askForKeyFrame(now, out: out)
  }

  /// Sends a packet of the source to the peer under the peer's own numbers, as soon as the way to it takes one more.
  func forward(
    _ packet: StoredPacket, _ payload: PacketView, from publisher: Publisher, now: MonotonicTime, out: DatagramQueue
  ) {
    guard peer.isConnected else { return }
    if publisher !== source {
      guard publisher === next, packet.startsKeyFrame else { return }
      goOver(to: publisher)
    }
    if packet.startsKeyFrame {
      waitsForKeyFrame = false
      // Nothing from before it is needed any more.
      if isHeld { interrupt() }
    }
    if !rewriter.begun {
      guard kind == .audio || packet.startsKeyFrame else { return askForKeyFrame(now: now, out: out) }
      rewriter.begin(at: packet.source)
      temporal.begin(allotted.temporal)
    }
    if kind == .video, packet.index > rewriter.newestIndex {
      if isHeld { return }
      if let ready = peer.pause(now) {
        isHeld = true
        return member.hold(until: ready)
      }
    }
    pass(packet, payload, now: now, out: out)
  }

  private func pass(_ packet: StoredPacket, _ payload: PacketView, now: MonotonicTime, out: DatagramQueue) {
    guard temporal.passes(packet.descriptor, startsKeyFrame: packet.startsKeyFrame) else {
      return rewriter.drop(packet.source)
    }
    guard let numbers = rewriter.pass(packet.source) else { return }
    peer.send(section, packet.head(numbers), now: now, out: out) { packet.write(payload, numbers, to: $0) }
  }

  // MARK: What waits

  var hasRepairs: Bool { !repairs.isEmpty }

  /// Sends one packet again.
  func releaseRepair(now: MonotonicTime, out: DatagramQueue) {
    guard let first = repairs.first else { return }
    repairs.removeFirst()
    repair(first.sequence, now: now, out: out)
  }

  /// Gives up what could not be sent again in time.
  func dropLateRepairs(now: MonotonicTime, out: DatagramQueue) {
    guard let first = repairs.first, now - first.since > Self.longestRepair else { return }
    repairs.removeAll(keepingCapacity: true)
    askForKeyFrame(now: now, out: out)
  }

  /// Sends one of the packets that wait.
  func release(now: MonotonicTime, out: DatagramQueue) {
    guard isHeld, let source else { return }
    isHeld = false
    var index = rewriter.newestIndex &+ 1
    while index <= source.newestIndex {
      if let kept = source.packet(index) {
        guard now - kept.packet.kept < Self.longestHold else {
          interrupt()
          return askForKeyFrame(now: now, out: out)
        }
        pass(kept.packet, kept.payload, now: now, out: out)
        isHeld = index < source.newestIndex
        return
      }
      index &+= 1
    }
  }

  /// The peer lost a packet: sends it again if it is still there (RFC 4588), at most once in a round trip and
  /// within the budget.
  func retransmit(_ sequence: UInt16, now: MonotonicTime, out: DatagramQueue) {
    guard let index = rewriter.index(of: sequence), source?.packet(index) != nil else { return }
    let slot = Int(index % Int64(resent.count))
    // A short round trip must not let a peer ask without end.
    let interval = max(peer.roundTrip, .milliseconds(5))
    if resent[slot].index == index, now - resent[slot].time < interval { return }
    guard repairs.count < Self.mostRepairs, budget.spend(now) else { return }
    resent[slot] = (index, now)
    let ready = peer.pause(isRepair: true, now)
    if repairs.isEmpty, ready == nil { return repair(sequence, now: now, out: out) }
    repairs.append((sequence, now))
    member.hold(until: ready ?? now)
  }

  private func repair(_ sequence: UInt16, now: MonotonicTime, out: DatagramQueue) {
    guard let index = rewriter.index(of: sequence) else { return }
    sendAgain(index, now: now, out: out)
  }

  @discardableResult
  private func sendAgain(_ index: Int64, now: MonotonicTime, out: DatagramQueue) -> Bool {
    guard let kept = source?.packet(index), let numbers = rewriter.numbers(again: kept.packet.source) else {
      return false
    }
    return peer.retransmit(section, kept.packet.head(numbers), now: now, out: out) {
      kept.packet.write(kept.payload, numbers, to: $0)
    }
  }

  /// Sends the newest packet once more, for nothing but its length.
  /// - Returns: whether there was one.
  func pad(now: MonotonicTime, out: DatagramQueue) -> Bool {
    rewriter.begun && sendAgain(rewriter.newestIndex, now: now, out: out)
  }
}

extension StoredPacket {
  fileprivate var source: StreamRewriter.Source {
    StreamRewriter.Source(
      index: index, timestamp: timestamp, picture: descriptor?.pictureID ?? 0, tl0: descriptor?.baseLayerIndex ?? 0,
      time: time)
  }

  fileprivate func head(_ numbers: StreamRewriter.Numbers) -> OutgoingHead {
    OutgoingHead(
      sequence: numbers.sequence, timestamp: numbers.timestamp, marker: marker, orientation: orientation,
      audioLevel: audioLevel, time: time)
  }

  /// The one copy on the way from the publisher to a subscriber.
  fileprivate func write(_ payload: PacketView, _ numbers: StreamRewriter.Numbers, to slot: PacketView) -> Int {
    guard slot.copy(UnsafeRawBufferPointer(payload.raw), to: 0) else { return 0 }
    if var descriptor {
      descriptor.pictureID = descriptor.pictureID.map { _ in numbers.picture }
      descriptor.baseLayerIndex = descriptor.baseLayerIndex.map { _ in numbers.tl0 }
      descriptor.write(into: slot)
    }
    return payload.count
  }
}
