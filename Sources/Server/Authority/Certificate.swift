import COpenSSL
import Linux

/// Why something could not be signed.
public enum AuthorityError: Error, Equatable, Sendable {
  /// OpenSSL refused a step; its own words.
  case failed(step: String, reason: String)
  case file(SystemError)
  /// An address or name that the authority must not vouch for, or that is none.
  case badName(String)
}

extension AuthorityError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .failed(let step, let reason): "\(step): \(reason)"
    case .file(let error): "\(error)"
    case .badName(let name): "“\(name)” cannot be in the box's certificate"
    }
  }
}

/// The owner of an ECDSA P-256 key.
final class PrivateKey {
  let handle: OpaquePointer

  init() throws(AuthorityError) {
    guard let made = cert_p256_key() else { throw .failed(step: "new key", reason: OpenSSLErrors.take()) }
    handle = made
  }

  init(pem: [UInt8]) throws(AuthorityError) {
    let read = withMemory(pem) { PEM_read_bio_PrivateKey($0, nil, nil, nil) }
    guard let read else { throw .failed(step: "read key", reason: OpenSSLErrors.take()) }
    handle = read
  }

  deinit { EVP_PKEY_free(handle) }

  /// PKCS #8, unencrypted.
  func pem() throws(AuthorityError) -> [UInt8] {
    try writeMemory("write key") { PEM_write_bio_PKCS8PrivateKey($0, handle, nil, nil, 0, nil, nil) }
  }
}

/// The owner of an X.509 certificate (RFC 5280).
final class Certificate {
  let handle: OpaquePointer

  /// An empty one of version 3, to be filled and signed.
  init() throws(AuthorityError) {
    guard let made = X509_new() else { throw .failed(step: "new certificate", reason: OpenSSLErrors.take()) }
    handle = made
    X509_set_version(made, 2)
  }

  init(pem: [UInt8]) throws(AuthorityError) {
    let read = withMemory(pem) { PEM_read_bio_X509($0, nil, nil, nil) }
    guard let read else { throw .failed(step: "read certificate", reason: OpenSSLErrors.take()) }
    handle = read
  }

  deinit { X509_free(handle) }

  func pem() throws(AuthorityError) -> [UInt8] {
    try writeMemory("write certificate") { PEM_write_bio_X509($0, handle) }
  }

  func der() throws(AuthorityError) -> [UInt8] {
    try writeMemory("write certificate") { i2d_X509_bio($0, handle) }
  }

  /// SHA-256 of the DER form, as people compare it.
  func fingerprint() throws(AuthorityError) -> String { Digest.hex(Digest.sha256(try der()), separator: ":") }

  func fits(_ key: PrivateKey) -> Bool {
    defer { ERR_clear_error() }
    return X509_check_private_key(handle, key.handle) == 1
  }

  /// Whether it is still valid so many seconds after a time.
  func isValid(_ seconds: Int64, after time: WallTime) -> Bool {
    var moment = time_t(time.milliseconds / 1000 + seconds)
    return X509_cmp_time(X509_get0_notAfter(handle), &moment) > 0
  }

  func hasBegun(at time: WallTime) -> Bool {
    var moment = time_t(time.milliseconds / 1000)
    return X509_cmp_time(X509_get0_notBefore(handle), &moment) < 0
  }

  /// Whether its names are exactly these.
  func isFor(names: [String], addresses: [SocketAddress]) -> Bool {
    let flags = UInt32(X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_WILDCARDS)
    return cert_count_names(handle) == Int32(names.count + addresses.count)
      && names.allSatisfy { X509_check_host(handle, $0, 0, flags, nil) == 1 }
      && addresses.allSatisfy { X509_check_ip_asc(handle, $0.literal, flags) == 1 }
  }

  /// Whether an authority vouches for it as a server at a time, within the authority's own constraints.
  func isVouchedFor(by authority: Certificate, at time: WallTime) -> Bool {
    defer { ERR_clear_error() }
    guard let store = X509_STORE_new() else { return false }
    defer { X509_STORE_free(store) }
    guard X509_STORE_add_cert(store, authority.handle) == 1, let context = X509_STORE_CTX_new() else { return false }
    defer { X509_STORE_CTX_free(context) }
    guard X509_STORE_CTX_init(context, store, handle, nil) == 1, let rules = X509_STORE_CTX_get0_param(context) else {
      return false
    }
    X509_VERIFY_PARAM_set_time(rules, time_t(time.milliseconds / 1000))
    X509_VERIFY_PARAM_set_purpose(rules, X509_PURPOSE_SSL_SERVER)
    return X509_verify_cert(context) == 1
  }
}

/// Hands bytes to OpenSSL as a BIO that reads them.
private func withMemory(_ bytes: [UInt8], _ body: (OpaquePointer) -> OpaquePointer?) -> OpaquePointer? {
  guard let memory = BIO_new_mem_buf(bytes, Int32(clamping: bytes.count)) else { return nil }
  defer { BIO_free(memory) }
  return withExtendedLifetime(bytes) { body(memory) }
}

private func writeMemory(
  _ step: String, _ body: (OpaquePointer) -> Int32
) throws(AuthorityError) -> [UInt8] {
  guard let memory = BIO_new(BIO_s_mem()) else { throw .failed(step: step, reason: OpenSSLErrors.take()) }
  defer { BIO_free(memory) }
  guard body(memory) == 1 else { throw .failed(step: step, reason: OpenSSLErrors.take()) }
  var start: UnsafeMutablePointer<CChar>?
  let count = cert_memory(memory, &start)
  guard let start, count > 0 else { throw .failed(step: step, reason: "nothing was written") }
  return [UInt8](UnsafeRawBufferPointer(start: start, count: count))
}
