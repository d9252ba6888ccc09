import Linux

/// The media plane without its I/O: all peers of one UDP socket, and what is routed between them and the box's own devices.
/// It reads no clock and owns no socket: datagrams and the time go in, datagrams go out into the caller's queue.
public final class Forwarder {
  /// Room for every client of one access point several times over.
  public static let mostPeers = 128
  /// A peer that roams comes from a new address each time; the oldest are forgotten.
  private static let mostAddressesOfPeer = 8

  private let context: DTLSContext
  private let clock: NTPClock
  private(set) var members: [String: Member] = [:]
  /// In the order in which they came, so that what happens is the same each time.
  private(set) var ordered: [Member] = []
  private var byRecipient: [UInt64: Member] = [:]
  private var byAddress: [SocketAddress: Member] = [:]
  private var events: [ForwarderEvent] = []
  private var nextNumber = 1
  private var due: MonotonicTime?

  /// What the box's own camera and microphone publish.
  let localAudio = Track(.audio)
  let localVideo = Track(.video)
  var localPublishing = LocalPublishing()
  /// Gets the sound that is routed to the box.
  public weak var localSubscriber: (any LocalSubscriber)?
  /// What the box's own devices get.
  var localFeed = ForwarderFeed()
  public internal(set) var counters = ForwarderCounters()

  /// - Parameter clock: for sender reports.
  public init(context: DTLSContext, clock: NTPClock) {
    self.context = context
    self.clock = clock
  }

  // MARK: Peers

  /// Opens a peer and makes our offer for it.
  /// - Parameter addresses: where the peer can reach the box, the most wanted first.
  public func open(
    peer name: String, addresses: [SocketAddress], shape: PeerShape = PeerShape(), now: MonotonicTime,
    random: inout some RandomNumberGenerator
  ) throws(ForwarderError) -> PeerOffer {
    guard members[name] == nil else { throw .wrongState("a peer of the name '\(name)' is open") }
    guard members.count < Self.mostPeers else { throw .tooMany("\(members.count) peers are open") }
    let peer = PeerConnection(
      role: .lite, context: context, addresses: addresses, clock: clock, rids: shape.isSimulcast ? Member.layers : [],
      now: now, random: &random)
    let member = Member(name, number: nextNumber, peer: peer, shape: shape.bounded, forwarder: self, random: &random)
    nextNumber += 1
    members[name] = member
    ordered.append(member)
    if let recipient = peer.localCredentials.recipient {
      byRecipient[recipient] = member
      member.recipients = [recipient]
    }
    due = nil
    connect()
    return member.offer()
  }

  /// Makes another offer to a peer, with more sections. `wrongState` while it has not answered the last.
  /// - Parameter restartsICE: whether it is to look for a way to the box again.
  public func reshape(
    peer name: String, to shape: PeerShape, restartsICE: Bool = false, random: inout some RandomNumberGenerator
  ) throws(ForwarderError) -> PeerOffer {
    guard let member = members[name] else { throw .noSuchPeer(name) }
    guard !member.peer.awaitsAnswer else { throw .wrongState("'\(name)' has not answered the last offer") }
    member.grow(to: shape.bounded, random: &random)
    if restartsICE {
      member.peer.restartICE(random: &random)
      // What the peer sends under the one before still comes for a while; under those from before that not.
      let known = member.recipients.suffix(1)
      for recipient in member.recipients.dropLast() { byRecipient[recipient] = nil }
      member.recipients = known + [member.peer.localCredentials.recipient].compactMap { $0 }
      for recipient in member.recipients { byRecipient[recipient] = member }
    }
    connect()
    return member.offer()
  }

  /// Takes a peer's answer to our offer.
  public func setAnswer(
    _ answer: String, peer name: String, now: MonotonicTime, out: DatagramQueue
  ) throws(ForwarderError) {
    guard let member = members[name] else { throw .noSuchPeer(name) }
    do {
      try member.peer.setAnswer(answer, now: now, out: out)
    } catch {
      throw ForwarderError(error)
    }
    settle(member, now: now, out: out)
  }

  /// Says goodbye to a peer and forgets it, without an event; nothing happens if there is none of this name.
  public func close(peer name: String, out: DatagramQueue) {
    guard let member = members[name] else { return }
    member.peer.close(out: out)
    remove(member)
  }

  /// Says goodbye to all peers.
  public func closeAll(out: DatagramQueue) {
    for member in ordered { close(peer: member.name, out: out) }
  }

  /// Every peer, and whether it is connected.
  public var peers: [(name: String, isConnected: Bool)] {
    members.values.map { ($0.name, $0.peer.isConnected) }.sorted { $0.name < $1.name }
  }

  private func remove(_ member: Member) {
    members[member.name] = nil
    ordered.removeAll { $0 === member }
    byRecipient = byRecipient.filter { $0.value !== member }
    byAddress = byAddress.filter { $0.value !== member }
    counters.gone += member.peer.counters
    member.detach()
    connect()
    if member.isHeard { localSubscriber?.end(source: member.number) }
  }

  // MARK: Datagrams and time

  /// Takes one datagram from the socket. Strangers get no answer.
  public func receive(
    _ view: PacketView, route: DatagramQueue.Route, now: MonotonicTime, out: DatagramQueue
  ) {
    let member: Member?
    switch DatagramKind.classify(view) {
    case .unknown:
      counters.garbage &+= 1
      return
    case .stun:
      guard let message = try? STUNMessage(view) else {
        counters.malformedSTUN &+= 1
        return
      }
      member = message.recipient.flatMap { byRecipient[$0] }
      if member == nil { counters.strangerSTUN &+= 1 }
    case .dtls, .rtp, .rtcp:
      member = byAddress[route.remote]
      if member == nil { counters.strangers &+= 1 }
    }
    guard let member else { return }
    member.peer.receive(view, route: route, now: now, out: out, delegate: member)
    if member.peer.hasEvents { settle(member, now: now, out: out) }
    // What just came may have set an earlier time; looking at one peer is enough for that.
    reschedule(member)
  }

  /// Does what is due: retransmissions, reports, the end of peers that fell silent. Cheap when nothing is.
  public func poll(now: MonotonicTime, out: DatagramQueue) {
    if let due, now < due { return }
    for member in ordered where member.wake <= now {
      member.peer.poll(now: now, out: out)
      if member.peer.hasEvents { settle(member, now: now, out: out) }
      member.poll(now: now, out: out)
      member.reschedule()
    }
    if localAudio.loudness.update(now) { happened(.speaking(of: .local, false)) }
    due = nil
  }

  /// The counters of all peers that are or were here, together.
  public var peerCounters: PeerCounters {
    var sum = counters.gone
    for member in ordered { sum += member.peer.counters }
    return sum
  }

  /// When ``poll(now:out:)`` has something to do; nil if never.
  public var nextTimeout: MonotonicTime? {
    if let due { return due }
    due = localAudio.loudness.nextTimeout
    for member in ordered where member.wake < .never { due = min(due ?? member.wake, member.wake) }
    return due
  }

  /// There is something to do at another time than was known.
  func reschedule() { due = nil }

  /// The same of one peer.
  func reschedule(_ member: Member) {
    member.reschedule()
    due = nil
  }

  /// A peer has got something to do at a time.
  func reschedule(_ member: Member, at time: MonotonicTime) {
    member.reschedule(at: time)
    due = due.map { min($0, time) }
  }

  func happened(_ event: ForwarderEvent) { events.append(event) }

  /// The next of what has happened to peers, in order.
  public func nextEvent() -> ForwarderEvent? { events.isEmpty ? nil : events.removeFirst() }

  /// Takes a peer's events in.
  private func settle(_ member: Member, now: MonotonicTime, out: DatagramQueue) {
    while let event = member.peer.nextEvent() {
      switch event {
      case .reachable(let address):
        let owner = byAddress[address]
        // Checks can be sent under a forged address: who is there keeps it until it moves or ends.
        if owner !== member, owner?.peer.route?.remote != address {
          let known = byAddress.filter { $0.value === member }
          if known.count >= Self.mostAddressesOfPeer, let any = known.keys.first { byAddress[any] = nil }
          byAddress[address] = member
        }
      case .connected:
        member.begin(now: now, out: out)
        member.choose(now: now, out: out)
        events.append(.connected(peer: member.name))
      case .receiving(let kind):
        events.append(.receiving(peer: member.name, audio: kind == .audio, video: kind == .video))
      case .closed(let reason):
        remove(member)
        events.append(.closed(peer: member.name, reason: reason))
      }
    }
    reschedule(member)
  }
}

extension PeerShape {
  /// Within what one description can hold.
  fileprivate var bounded: PeerShape {
    var shape = self
    shape.audio = min(max(1, audio), 8)
    shape.video = min(max(1, video), 32)
    return shape
  }
}
