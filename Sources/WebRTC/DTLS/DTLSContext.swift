import COpenSSL

/// What all DTLS endpoints of a process share: the certificate and the SRTP profiles in order of preference. Making it costs
/// more than a handshake's start, so it is made once and handed to every peer.
///
/// OpenSSL's context is safe to share between threads once it is set up.
public final class DTLSContext: @unchecked Sendable {
  public let certificate: Certificate
  public let profiles: [SRTPProfile]
  let handle: OpaquePointer
  let bioMethod: OpaquePointer

  /// The largest DTLS datagram we send: fits every path, below the 1280 bytes of IPv6 (RFC 8261 section 5 reckons with 1200).
  public static let maximumDatagram = 1200

  /// - Parameter profiles: for use_srtp, best first; as a server our order decides.
  public init(
    certificate: Certificate, profiles: [SRTPProfile] = [.aeadAES128GCM, .aes128CMSHA1With80BitTag]
  ) throws(DTLSError) {
    guard let handle = SSL_CTX_new(DTLS_method()) else { throw .library("no context: \(OpenSSLErrors.take())") }
    guard let bioMethod = DatagramPort.makeBIOMethod() else {
      SSL_CTX_free(handle)
      throw .library("no BIO method: \(OpenSSLErrors.take())")
    }
    self.certificate = certificate
    self.profiles = profiles
    self.handle = handle
    self.bioMethod = bioMethod
    // RFC 8827 section 6.5 demands ECDHE_ECDSA with AES-128-GCM on P-256; ChaCha20 is faster on boards without AES instructions.
    let ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES256-GCM-SHA384"
    guard dtls_context_setup(handle, ciphers, "X25519:P-256") == 1,
      SSL_CTX_use_certificate(handle, certificate.x509) == 1,
      SSL_CTX_use_PrivateKey(handle, certificate.key) == 1,
      // Returns 0 on success, unlike its neighbours.
      SSL_CTX_set_tlsext_use_srtp(handle, profiles.map(\.openSSLName).joined(separator: ":")) == 0
    else { throw .library("context refused: \(OpenSSLErrors.take())") }
    // Each side must show a certificate; any is fine here, the fingerprint in the description decides (RFC 8842).
    SSL_CTX_set_verify(handle, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
    SSL_CTX_set_cert_verify_callback(handle, { _, _ in 1 }, nil)
  }

  deinit {
    SSL_CTX_free(handle)
    BIO_meth_free(bioMethod)
  }
}
