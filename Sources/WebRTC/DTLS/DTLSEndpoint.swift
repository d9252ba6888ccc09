import COpenSSL
import Linux

/// What a call of `DTLSEndpoint` led to.
public enum DTLSEvent: Sendable {
  case none
  /// The handshake is complete; compare `remoteFingerprint` with the description before any media passes.
  case connected(SRTPKeys)
  /// The peer sent close_notify.
  case closed
  case failed(DTLSError)
}

/// One side of a DTLS 1.2 association that yields SRTP keys (RFC 5764, RFC 8827). It owns no socket: datagrams come in by
/// `receive`, go out into the caller's queue, and `poll` drives the retransmission.
///
/// OpenSSL measures its retransmission timer on the wall clock. A jump forward resends early, a jump back resends late;
/// either is rare within the fraction of a second that a handshake takes.
public final class DTLSEndpoint {
  public enum Role: Sendable { case client, server }

  private enum State { case handshaking, connected, ended }

  public let role: Role
  /// The SHA-256 fingerprint of the peer's certificate, known once the handshake is complete.
  public private(set) var remoteFingerprint: String?
  /// When `poll` must be called next; nil while no flight waits for an answer.
  public private(set) var nextTimeout: MonotonicTime?
  public var isConnected: Bool { state == .connected }

  /// The first retransmission comes after this; OpenSSL's own second is far too long on a LAN (RFC 9147 section 5.8.2 allows less).
  public static let firstTimeout = Interval.milliseconds(100)
  /// The timer doubles up to this.
  public static let longestTimeout = Interval.seconds(3)

  private let context: DTLSContext
  private let port = DatagramPort()
  let ssl: OpaquePointer
  private var state = State.handshaking
  private var route: DatagramQueue.Route?

  public init(context: DTLSContext, role: Role) throws(DTLSError) {
    guard let ssl = SSL_new(context.handle) else { throw .library("no connection: \(OpenSSLErrors.take())") }
    guard let bio = port.makeBIO(context.bioMethod) else {
      SSL_free(ssl)
      throw .library("no BIO: \(OpenSSLErrors.take())")
    }
    self.context = context
    self.role = role
    self.ssl = ssl
    // One reference serves both directions.
    SSL_set_bio(ssl, bio, bio)
    dtls_set_mtu(ssl, DTLSContext.maximumDatagram)
    DTLS_set_timer_cb(ssl) { _, previous in
      previous == 0
        ? UInt32(DTLSEndpoint.firstTimeout.microseconds)
        : min(previous &* 2, UInt32(DTLSEndpoint.longestTimeout.microseconds))
    }
    switch role {
    case .client: SSL_set_connect_state(ssl)
    case .server: SSL_set_accept_state(ssl)
    }
  }

  deinit { SSL_free(ssl) }

  /// Sends the ClientHello. A server has nothing to send and waits.
  public func start(route: DatagramQueue.Route, now: MonotonicTime, out: DatagramQueue) -> DTLSEvent {
    guard role == .client, state == .handshaking else { return .none }
    self.route = route
    return port.during(input: nil, out: out, route: route) { advance(now) }
  }

  /// Takes one DTLS datagram. Answers go back along `route`, and so do later retransmissions.
  public func receive(
    _ view: PacketView, route: DatagramQueue.Route, now: MonotonicTime, out: DatagramQueue
  ) -> DTLSEvent {
    guard state != .ended, view.count > 0 else { return .none }
    self.route = route
    return port.during(input: view, out: out, route: route) { advance(now) }
  }

  /// Retransmits the last flight when its time has come.
  public func poll(now: MonotonicTime, out: DatagramQueue) -> DTLSEvent {
    guard state != .ended, let due = nextTimeout, now >= due else { return .none }
    return port.during(input: nil, out: out, route: route) {
      ERR_clear_error()
      if dtls_handle_timeout(ssl) < 0 {
        ERR_clear_error()
        return end(.failed(.timedOut))
      }
      scheduleTimeout(now)
      return .none
    }
  }

  /// Says goodbye with close_notify and ends; nothing is received or sent any more.
  public func close(out: DatagramQueue) {
    guard state != .ended else { return }
    port.during(input: nil, out: out, route: route) {
      ERR_clear_error()
      if state == .connected { _ = SSL_shutdown(ssl) }
      ERR_clear_error()
    }
    _ = end(.none)
  }

  private func end(_ event: DTLSEvent) -> DTLSEvent {
    state = .ended
    nextTimeout = nil
    return event
  }

  private func scheduleTimeout(_ now: MonotonicTime) {
    let left = dtls_timeout(ssl)
    nextTimeout = left < 0 ? nil : now + .microseconds(left)
  }

  private func advance(_ now: MonotonicTime) -> DTLSEvent {
    ERR_clear_error()
    defer { if state != .ended { scheduleTimeout(now) } }
    guard state == .handshaking else { return drain() }
    let result = SSL_do_handshake(ssl)
    if result == 1 { return completed() }
    let reason = SSL_get_error(ssl, result)
    if reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE { return .none }
    return end(.failed(.handshake(OpenSSLErrors.take())))
  }

  private func completed() -> DTLSEvent {
    guard let peer = SSL_get1_peer_certificate(ssl) else { return end(.failed(.noCertificate)) }
    defer { X509_free(peer) }
    guard let fingerprint = Certificate.fingerprint(of: peer) else { return end(.failed(.noCertificate)) }
    guard let keys = exportKeys() else { return end(.failed(.noSRTPProfile)) }
    remoteFingerprint = fingerprint
    state = .connected
    // The datagram that completed the handshake may carry an alert behind it.
    if case .closed = drain() { return .closed }
    return .connected(keys)
  }

  /// After the handshake: answers a repeated flight, notices close_notify, drops application data.
  private func drain() -> DTLSEvent {
    var scratch: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    // One datagram holds few records; the bound is against a flood of empty ones.
    for _ in 0..<64 {
      let result = withUnsafeMutableBytes(of: &scratch) { SSL_read(ssl, $0.baseAddress, Int32($0.count)) }
      if result > 0 { continue }
      switch SSL_get_error(ssl, result) {
      case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .none
      case SSL_ERROR_ZERO_RETURN: return end(.closed)
      default: return end(.failed(.handshake(OpenSSLErrors.take())))
      }
    }
    return .none
  }

  /// RFC 5764 section 4.2: client key, server key, client salt, server salt.
  func exportKeys() -> SRTPKeys? {
    guard let selected = SSL_get_selected_srtp_profile(ssl),
      let profile = SRTPProfile(rawValue: UInt16(truncatingIfNeeded: selected.pointee.id))
    else { return nil }
    let (key, salt) = (profile.keyLength, profile.saltLength)
    var material = [UInt8](repeating: 0, count: 2 * (key + salt))
    let label = "EXTRACTOR-dtls_srtp"
    guard
      SSL_export_keying_material(ssl, &material, material.count, label, label.utf8.count, nil, 0, 0) == 1
    else { return nil }
    defer { OPENSSL_cleanse(&material, material.count) }
    let client = Array(material[..<key]) + material[(2 * key)..<(2 * key + salt)]
    let server = Array(material[key..<(2 * key)]) + material[(2 * key + salt)...]
    return role == .client
      ? SRTPKeys(profile: profile, local: client, remote: server)
      : SRTPKeys(profile: profile, local: server, remote: client)
  }
}
