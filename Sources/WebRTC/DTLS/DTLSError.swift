/// Why DTLS could not be set up or came to an end.
public enum DTLSError: Error, Equatable, Sendable, CustomStringConvertible {
  /// OpenSSL refused a local operation; its own words.
  case library(String)
  /// The handshake failed: what OpenSSL said about the peer's message or alert.
  case handshake(String)
  /// The peer did not answer any retransmission of a flight.
  case timedOut
  /// The peer agreed to no SRTP protection profile that we offer (RFC 5764 section 4.1).
  case noSRTPProfile
  /// The peer showed no certificate, so its fingerprint cannot be checked.
  case noCertificate

  public var description: String {
    switch self {
    case .library(let detail): "OpenSSL: \(detail)"
    case .handshake(let detail): "DTLS handshake failed: \(detail)"
    case .timedOut: "DTLS handshake: the peer answered no retransmission"
    case .noSRTPProfile: "DTLS handshake: no common SRTP protection profile"
    case .noCertificate: "DTLS handshake: the peer showed no certificate"
    }
  }
}
