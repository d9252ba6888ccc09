import Linux

/// What a datagram meant for an ICE agent has brought about.
public enum ICEEvent: Equatable, Sendable {
  /// It was answered or taken in; nothing changes.
  case none
  /// It was passed over, silently: a stranger gets no answer.
  case ignored(ICEIgnored)
  /// The first authenticated check or answer of this agent: the peer is reachable by this route, so DTLS begins here. Comes once.
  case valid(DatagramQueue.Route)
  /// The route to send on has become another one.
  case selected(DatagramQueue.Route)
}

/// Why an agent passed a datagram over; the owner counts them by kind.
public enum ICEIgnored: Error, Equatable, Sendable, CaseIterable {
  /// No readable STUN message, or no binding.
  case malformed
  /// FINGERPRINT is missing or wrong.
  case fingerprint
  /// USERNAME is missing or of somebody else.
  case username
  /// MESSAGE-INTEGRITY is missing or made with another password.
  case integrity
  /// A response to nothing that was asked, or from another address than was asked.
  case unexpected
  /// The queue to answer into was full.
  case queueFull
}
