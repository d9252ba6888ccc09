import COpenSSL

/// The self-signed ECDSA P-256 certificate of one process, made anew at each start (RFC 8827 section 6.5). Peers know it by
/// the fingerprint in the session description alone.
///
/// Nothing changes after `init` and OpenSSL counts references atomically, so it may be shared between threads.
public final class Certificate: @unchecked Sendable {
  let key: OpaquePointer
  let x509: OpaquePointer
  /// SHA-256 over the certificate as `a=fingerprint:sha-256` writes it: upper-case hex pairs with colons (RFC 8122 section 5).
  public let fingerprint: String

  /// Makes a key and a certificate.
  /// - Parameter serial: random bits for the serial number, so that no two certificates share one.
  public init(serial: UInt64) throws(DTLSError) {
    guard let key = dtls_p256_key() else { throw .library("no P-256 key: \(OpenSSLErrors.take())") }
    guard let x509 = Self.sign(key: key, serial: serial) else {
      EVP_PKEY_free(key)
      throw .library("no certificate: \(OpenSSLErrors.take())")
    }
    guard let fingerprint = Self.fingerprint(of: x509) else {
      X509_free(x509)
      EVP_PKEY_free(key)
      throw .library("no fingerprint: \(OpenSSLErrors.take())")
    }
    self.key = key
    self.x509 = x509
    self.fingerprint = fingerprint
  }

  deinit {
    X509_free(x509)
    EVP_PKEY_free(key)
  }

  /// Whether two fingerprints name the same certificate; the case of the hex digits does not count.
  public static func sameFingerprint(_ a: String, _ b: String) -> Bool {
    !a.isEmpty && a.utf8.elementsEqual(b.utf8) { upperCased($0) == upperCased($1) }
  }

  private static func upperCased(_ c: UInt8) -> UInt8 { c >= 0x61 && c <= 0x7a ? c - 0x20 : c }

  /// The validity is fixed and wide: browsers compare the fingerprint only, and a board without a battery clock has no
  /// date to write.
  private static func sign(key: OpaquePointer, serial: UInt64) -> OpaquePointer? {
    guard let x509 = X509_new() else { return nil }
    let subject = X509_get_subject_name(x509)
    // MBSTRING_ASC, a macro that Swift does not see.
    let ascii: Int32 = 0x1001
    guard X509_set_version(x509, 2) == 1,
      ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509), serial >> 1) == 1,
      ASN1_TIME_set_string_X509(X509_getm_notBefore(x509), "20200101000000Z") == 1,
      ASN1_TIME_set_string_X509(X509_getm_notAfter(x509), "20491231235959Z") == 1,
      X509_NAME_add_entry_by_txt(subject, "CN", ascii, "fieldbox", -1, -1, 0) == 1,
      X509_set_issuer_name(x509, subject) == 1,
      X509_set_pubkey(x509, key) == 1,
      X509_sign(x509, key, EVP_sha256()) > 0
    else {
      X509_free(x509)
      return nil
    }
    return x509
  }

  static func fingerprint(of x509: OpaquePointer) -> String? {
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var length: UInt32 = 0
    guard X509_digest(x509, EVP_sha256(), &digest, &length) == 1, length == 32 else { return nil }
    let hex = Array("0123456789ABCDEF".utf8)
    var text: [UInt8] = []
    for byte in digest.prefix(32) {
      if !text.isEmpty { text.append(UInt8(ascii: ":")) }
      text.append(hex[Int(byte >> 4)])
      text.append(hex[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}

/// OpenSSL's queue of errors of this thread.
enum OpenSSLErrors {
  /// Empties the queue and gives its first error as text.
  static func take() -> String {
    let code = ERR_get_error()
    ERR_clear_error()
    guard code != 0 else { return "no detail" }
    var text = [CChar](repeating: 0, count: 256)
    ERR_error_string_n(code, &text, text.count)
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
