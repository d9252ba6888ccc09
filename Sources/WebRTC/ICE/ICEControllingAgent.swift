import Linux

/// The controlling end of ICE (RFC 8445), small: one component, host candidates, regular nomination of the first pair that
/// works, against a peer that is lite or controlled. For tests, load, and box to box.
public struct ICEControllingAgent {
  /// New checks start this far apart (Ta, RFC 8445 section 14.2).
  static let pace = Interval.milliseconds(50)
  /// A check is given up when as many transmissions as the standard has went unanswered (Rc, RFC 8489 section 6.2.1).
  static let transmissions = 7
  static let maximumPairs = 64

  public let local: ICECredentials
  /// The peer's; no check goes out before they are known.
  public var remote: ICECredentials?
  private let tieBreaker: UInt64
  private var random: any RandomNumberGenerator

  private var pairs: [ICEPair] = []
  private var nextStart: MonotonicTime
  private var consent = ICEConsent()

  /// The first route that worked, which is the one that gets nominated.
  public private(set) var selectedRoute: DatagramQueue.Route?
  public private(set) var isNominated = false
  private let started: MonotonicTime

  /// `random` makes transaction ids and spreads the consent checks; tests hand in a seeded one.
  public init(
    local: ICECredentials, remote: ICECredentials? = nil, tieBreaker: UInt64, random: any RandomNumberGenerator,
    now: MonotonicTime
  ) {
    self.local = local
    self.remote = remote
    self.tieBreaker = tieBreaker
    self.random = random
    nextStart = now
    started = now
  }

  /// Adds a pair to check: one of the peer's candidates, asked from one of our addresses.
  public mutating func addPair(_ route: DatagramQueue.Route) {
    guard pairs.count < Self.maximumPairs, !pairs.contains(where: { $0.route == route }) else { return }
    pairs.append(ICEPair(route: route))
  }

  /// When the peer last proved its consent by answering a check; nil before the first answer.
  public var lastHeard: MonotonicTime? { consent.lastHeard }

  /// Whether consent has run out (RFC 7675 section 5.1).
  public func isSilent(_ now: MonotonicTime) -> Bool { now >= silentAt }
  public var silentAt: MonotonicTime { (lastHeard ?? started) + ICELiteAgent.consentExpires }

  /// When `poll` has something to do; nil if never.
  public var nextTimeout: MonotonicTime? {
    guard remote != nil else { return nil }
    var earliest = selectedRoute == nil ? nil : consent.next
    for pair in pairs {
      switch pair.state {
      case .waiting:
        if selectedRoute == nil { earliest = min(earliest ?? nextStart, nextStart) }
      case .triggered: return started
      case .inProgress: earliest = min(earliest ?? pair.next, pair.next)
      case .succeeded, .failed: break
      }
    }
    return earliest
  }

  /// Sends what is due: new checks, retransmissions, the consent check.
  public mutating func poll(_ now: MonotonicTime, out: DatagramQueue) {
    guard let remote else { return }
    for index in pairs.indices {
      switch pairs[index].state {
      case .waiting where now >= nextStart && selectedRoute == nil:
        nextStart = now + Self.pace
        start(index, now)
      case .triggered:
        start(index, now)
      case .inProgress where now >= pairs[index].next:
        break
      default:
        continue
      }
      guard pairs[index].transmit(now) else { continue }
      send(pairs[index].transactionID, on: pairs[index].route, nominating: pairs[index].isNominating, remote, out)
    }
    if let selectedRoute, now >= consent.next {
      let transactionID = newTransactionID()
      consent.sent(transactionID, now: now, jitter: Int64.random(in: 800...1200, using: &random))
      // Nominates once more: should all transmissions of the nomination have been lost, this makes up for it.
      send(transactionID, on: selectedRoute, nominating: true, remote, out)
    }
  }

  private mutating func start(_ index: Int, _ now: MonotonicTime) {
    guard pairs.indices.contains(index) else { return }
    pairs[index].begin(newTransactionID(), now: now)
  }

  private mutating func newTransactionID() -> STUNTransactionID {
    STUNTransactionID(high: .random(in: .min ... .max, using: &random), low: .random(in: .min ... .max, using: &random))
  }

  private func send(
    _ transactionID: STUNTransactionID, on route: DatagramQueue.Route, nominating: Bool, _ remote: ICECredentials,
    _ out: DatagramQueue
  ) {
    out.append(to: route) { slot in
      var writer = STUNWriter(slot, .request, transactionID: transactionID)
      writer.username(to: remote.ufrag, from: local.ufrag)
      writer.iceControlling(tieBreaker: tieBreaker)
      writer.priority(ICEPair.peerReflexivePriority)
      if nominating { writer.useCandidate() }
      return writer.finish(key: remote.key)
    }
  }

  /// Takes a datagram of kind STUN: an answer to one of our checks, or a check of the peer, which is answered to `out`.
  public mutating func receive(
    _ view: PacketView, route: DatagramQueue.Route, now: MonotonicTime, out: DatagramQueue
  ) -> ICEEvent {
    guard let message = try? STUNMessage(view), message.method == STUNMessage.binding else {
      return .ignored(.malformed)
    }
    switch message.messageClass {
    case .indication:
      return .none
    case .request:
      return receiveCheck(message, route: route, out: out)
    case .success, .error:
      return receiveAnswer(message, route: route, now: now, out: out)
    }
  }

  private mutating func receiveCheck(
    _ message: STUNMessage, route: DatagramQueue.Route, out: DatagramQueue
  ) -> ICEEvent {
    guard message.verifyFingerprint() else { return .ignored(.fingerprint) }
    guard message.isAddressed(to: local.ufrag, from: remote?.ufrag) else { return .ignored(.username) }
    guard message.verifyIntegrity(key: local.key) else { return .ignored(.integrity) }
    let failure = STUNAnswer.failure(of: message, conflictIf: message.iceControlling != nil)
    guard STUNAnswer.write(to: message, failure: failure, key: local.key, route: route, out: out) else {
      return .ignored(.queueFull)
    }
    guard failure == nil else { return .none }
    // A triggered check, also of a route that no candidate told of (RFC 8445 sections 7.3.1.3 and 7.3.1.4).
    addPair(route)
    if let index = pairs.firstIndex(where: { $0.route == route }), selectedRoute == nil {
      pairs[index].trigger()
    }
    return .none
  }

  private mutating func receiveAnswer(
    _ message: STUNMessage, route: DatagramQueue.Route, now: MonotonicTime, out: DatagramQueue
  ) -> ICEEvent {
    guard let remote, message.verifyIntegrity(key: remote.key) else { return .ignored(.integrity) }
    if route == selectedRoute, message.messageClass == .success, consent.answered(message.transactionID, now: now) {
      isNominated = true
      return .none
    }
    // Only the address that was asked may answer (RFC 8445 section 7.2.5.2.1).
    guard let index = pairs.firstIndex(where: { $0.awaits(message.transactionID, from: route) }) else {
      return .ignored(.unexpected)
    }
    guard message.messageClass == .success else {
      pairs[index].fail()
      return .none
    }
    consent.heard(now)
    let wasNominating = pairs[index].succeed()
    if wasNominating { isNominated = true }
    guard selectedRoute == nil else { return .none }
    selectedRoute = route
    consent.begin(now)
    // Regular nomination (RFC 8445 section 8.1.1): the same pair is asked again, now with USE-CANDIDATE; the others rest.
    for other in pairs.indices where other != index { pairs[other].fail() }
    pairs[index].nominate()
    poll(now, out: out)
    return .valid(route)
  }
}
