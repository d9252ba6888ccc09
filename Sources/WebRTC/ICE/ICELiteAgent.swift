import Linux

/// The lite end of ICE (RFC 8445 section 2.5): it sends no checks, answers each authenticated one, and sends media where
/// the peer nominates. The peer's checks are its consent to receive (RFC 7675).
public struct ICELiteAgent {
  /// A peer that has not been heard this long is gone (RFC 7675 section 5.1).
  public static let consentExpires = Interval.seconds(30)

  /// One pair of credentials; an ICE restart begins another.
  private struct Generation {
    var local: ICECredentials
    var remote: ICECredentials?

    func accepts(_ message: STUNMessage) -> Bool {
      message.isAddressed(to: local.ufrag, from: remote?.ufrag)
    }
  }
  private var current: Generation
  /// Before a restart; good until the first check of the new generation.
  private var previous: Generation?

  /// The latest nominated route or, before any nomination, the latest that was checked.
  public private(set) var selectedRoute: DatagramQueue.Route?
  /// Whether the peer has nominated the selected route.
  public private(set) var isNominated = false
  /// When the last authenticated check came; nil before the first.
  public private(set) var lastHeard: MonotonicTime?
  private let started: MonotonicTime

  public init(local: ICECredentials, now: MonotonicTime) {
    current = Generation(local: local)
    started = now
  }

  /// Ours, as they stand in our latest description.
  public var local: ICECredentials { current.local }

  /// The peer's, once its description has come. Checks that come earlier are taken with any sender's fragment: our
  /// password proves that the sender has read our description.
  public var remote: ICECredentials? {
    get { current.remote }
    set { current.remote = newValue }
  }

  /// Begins an ICE restart (RFC 8445 section 9): the old route and the old credentials serve on until the first check
  /// made with the new ones.
  public mutating func restart(local: ICECredentials) {
    // Two restarts in a row: the generation that the peer uses is the oldest one.
    previous = previous ?? current
    current = Generation(local: local)
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
    guard message.username != nil else { return .ignored(.username) }

    let key: [UInt8]
    if current.accepts(message) {
      guard message.verifyIntegrity(key: current.local.key) else { return .ignored(.integrity) }
      key = current.local.key
    } else if let previous, previous.accepts(message) {
      guard message.verifyIntegrity(key: previous.local.key) else { return .ignored(.integrity) }
      key = previous.local.key
    } else {
      return .ignored(.username)
    }
    return answer(message, key: key, isCurrent: key == current.local.key, route: route, now: now, out: out)
  }
  /// Answers an authenticated request and follows what it says about the route.
  private mutating func answer(
    _ message: STUNMessage, key: [UInt8], isCurrent: Bool, route: DatagramQueue.Route, now: MonotonicTime,
    out: DatagramQueue
  ) -> ICEEvent {
    let failure = STUNAnswer.failure(of: message, conflictIf: message.iceControlled != nil)
    guard STUNAnswer.write(to: message, failure: failure, key: key, route: route, out: out) else {
      return .ignored(.queueFull)
    }
    guard failure == nil else { return .none }

    let isFirst = lastHeard == nil
    lastHeard = now
    if isCurrent, previous != nil {
      previous = nil
      isNominated = false
    }
    if message.useCandidate || !isNominated {
      isNominated = message.useCandidate
      let before = selectedRoute
      selectedRoute = route
      if !isFirst { return before == route ? .none : .selected(route) }
    }
    return isFirst ? .valid(route) : .none
  }
}
