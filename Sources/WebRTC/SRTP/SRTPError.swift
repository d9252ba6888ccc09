/// Why a packet could not be protected or was refused.
public enum SRTPError: Error, Equatable, Sendable {
  /// libsrtp could not be set up; its status.
  case setUp(Int32)
  /// Key and salt have another length than the profile asks for.
  case keyLength(expected: Int, actual: Int)
  /// The packet was received before, or its index is older than the replay window (RFC 3711 section 3.3.2).
  case replayed
  /// The tag does not match: tampered, or protected with another key.
  case authentication
  /// The header is cut, or its lengths contradict each other.
  case malformed
  /// The buffer has no room behind the packet for what protecting adds.
  case noRoom
  /// More streams (SSRCs) in one session than any client of ours sends.
  case tooManyStreams
  /// The key's life of 2^48 packets is used up.
  case keyExpired
  /// Anything else; libsrtp's status.
  case other(Int32)
}
