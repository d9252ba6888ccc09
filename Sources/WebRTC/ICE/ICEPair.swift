import Linux

/// A candidate pair of the controlling agent and the check under way on it (RFC 8445 section 6.1.2.6).
struct ICEPair {
  enum State { case waiting, triggered, inProgress, succeeded, failed }

  /// What a peer-reflexive candidate that the check discovers would have (RFC 8445 sections 5.1.2.1 and 7.1.1).
  static let peerReflexivePriority: UInt32 = 110 << 24 | 65535 << 8 | 255
  private static let firstTimeout = Interval.milliseconds(500)

  let route: DatagramQueue.Route
  private(set) var state = State.waiting
  /// Whether the check carries USE-CANDIDATE.
  private(set) var isNominating = false
  private(set) var transactionID = STUNTransactionID(high: 0, low: 0)
  /// When the check is transmitted again, or given up.
  private(set) var next = MonotonicTime(microseconds: 0)
  private var timeout = firstTimeout
  private var transmitted = 0

  init(route: DatagramQueue.Route) { self.route = route }

  mutating func begin(_ transactionID: STUNTransactionID, now: MonotonicTime) {
    self.transactionID = transactionID
    state = .inProgress
    timeout = Self.firstTimeout
    transmitted = 0
    next = now
  }

  /// Counts a transmission that is due now; false if all were made and the check has failed (RFC 8489 section 6.2.1).
  mutating func transmit(_ now: MonotonicTime) -> Bool {
    guard transmitted < ICEControllingAgent.transmissions else {
      state = .failed
      return false
    }
    transmitted += 1
    next = now + timeout
    timeout = transmitted == ICEControllingAgent.transmissions - 1 ? Self.firstTimeout * 16 : timeout * 2
    return true
  }

  /// Asks for a check at once, unless one is under way or has succeeded.
  mutating func trigger() {
    if state == .waiting || state == .failed { state = .triggered }
  }

  mutating func nominate() {
    isNominating = true
    state = .triggered
  }

  func awaits(_ transactionID: STUNTransactionID, from route: DatagramQueue.Route) -> Bool {
    state == .inProgress && self.transactionID == transactionID && self.route == route
  }

  /// Returns whether the check that succeeded was the nominating one.
  mutating func succeed() -> Bool {
    state = .succeeded
    return isNominating
  }
  mutating func fail() { state = .failed }
}
