import Linux

/// The lite end of ICE (RFC 8445 section 2.5): it sends no checks, answers each authenticated one, and sends media where
/// the peer nominates. The peer's checks are its consent to receive (RFC 7675).
public struct ICELiteAgent {
  /// A peer that has not been heard this long is gone (RFC 7675 section 5.1).
  public static let consentExpires = Interval.seconds(30)

  /// Ours, as they stand in our latest description.
  public private(set) var local: ICECredentials
  /// The peer's, once its description has come. Checks that come earlier are taken with any sender's fragment: our
  /// password proves that the sender has read our description.
  public var remote: ICECredentials?
  /// From before a restart; nil without one.
  private var former: (local: ICECredentials, remote: ICECredentials?)?

  /// The latest nominated route or, before any nomination, the latest that was checked.
  public private(set) var selectedRoute: DatagramQueue.Route?
  /// Whether the peer has nominated the selected route.
  public private(set) var isNominated = false
  /// When the last authenticated check came; nil before the first.
  public private(set) var lastHeard: MonotonicTime?
  private let started: MonotonicTime

  public init(local: ICECredentials, now: MonotonicTime) {
    self.local = local
    started = now
  }

  /// Begins anew (RFC 8445 section 9): checks under the new credentials choose a route again. Until one has come the old ones still count, so
  /// that nothing is interrupted; after that they still prove consent, and nothing else.
  public mutating func restart(_ credentials: ICECredentials) {
    former = (local, remote)
    local = credentials
    remote = nil
    isNominated = false
  }

  /// Whether consent has run out. Before the first check the time counts from the agent's beginning.
  public func isSilent(_ now: MonotonicTime) -> Bool {
    now - (lastHeard ?? started) >= Self.consentExpires
  }

  /// When `isSilent` will be true unless the peer is heard before.
  public var silentAt: MonotonicTime { (lastHeard ?? started) + Self.consentExpires }

  /// Takes a datagram of kind STUN, and writes the answer to `out`, to where it came from.
  public mutating func receive(
    _ view: PacketView, route: DatagramQueue.Route, now: MonotonicTime, out: DatagramQueue
  ) -> ICEEvent {
    guard let message = try? STUNMessage(view), message.method == STUNMessage.binding else {
      return .ignored(.malformed)
    }
    // A keep-alive indication (RFC 8445 section 11) asks for nothing and proves nothing.
    if message.messageClass == .indication { return .none }
    guard message.messageClass == .request else { return .ignored(.unexpected) }
    guard message.verifyFingerprint() else { return .ignored(.fingerprint) }
    if let former, message.isAddressed(to: former.local.ufrag, from: former.remote?.ufrag) {
      guard message.verifyIntegrity(key: former.local.key) else { return .ignored(.integrity) }
      // The peer is there, and its route is for the new checks to choose.
      return answer(message, key: former.local.key, choosesRoute: false, route: route, now: now, out: out)
    }
    guard message.isAddressed(to: local.ufrag, from: remote?.ufrag) else { return .ignored(.username) }
    guard message.verifyIntegrity(key: local.key) else { return .ignored(.integrity) }
    return answer(message, key: local.key, choosesRoute: true, route: route, now: now, out: out)
  }

  /// Answers an authenticated request and follows what it says about the route.
  private mutating func answer(
    _ message: STUNMessage, key: [UInt8], choosesRoute: Bool, route: DatagramQueue.Route, now: MonotonicTime,
    out: DatagramQueue
  ) -> ICEEvent {
    let failure = STUNAnswer.failure(of: message, conflictIf: message.iceControlled != nil)
    guard STUNAnswer.write(to: message, failure: failure, key: key, route: route, out: out) else {
      return .ignored(.queueFull)
    }
    guard failure == nil else { return .none }

    let isFirst = lastHeard == nil
    lastHeard = now
    guard choosesRoute else { return .none }
    if message.useCandidate || !isNominated {
      isNominated = message.useCandidate
      let before = selectedRoute
      selectedRoute = route
      if !isFirst { return before == route ? .none : .selected(route) }
    }
    return isFirst ? .valid(route) : .none
  }
}
