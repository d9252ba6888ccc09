import COpenSSL
import Linux

/// The box's leaf and its key, as files; put into lws's TLS context when that is made.
final class ServerCertificate {
  let certificatePath: String
  let keyPath: String
  private(set) var lastError = "not loaded"

  init(certificatePath: String, keyPath: String) {
    self.certificatePath = certificatePath
    self.keyPath = keyPath
  }

  /// Loads the chain and the key into an `SSL_CTX` and sets what is allowed; false leaves the reason in `lastError`.
  func install(in context: OpaquePointer) -> Bool {
    guard cert_setup_server(context) == 1 else { return fail("TLS settings") }
    guard SSL_CTX_use_certificate_chain_file(context, certificatePath) == 1 else { return fail(certificatePath) }
    guard cert_use_key(context, keyPath) == 1 else { return fail(keyPath) }
    guard SSL_CTX_check_private_key(context) == 1 else { return fail("\(keyPath) does not fit \(certificatePath)") }
    lastError = ""
    return true
  }

  /// What phones whose clocks are as ours would say against it; nil for nothing.
  func fault(at time: WallTime) -> String? {
    guard let bytes = try? StateFile.read(certificatePath), let leaf = try? Certificate(pem: bytes) else {
      return "\(certificatePath) cannot be read"
    }
    if !leaf.hasBegun(at: time) { return "it is valid only later: the clock of the box is wrong" }
    return leaf.isValid(0, after: time) ? nil : "it has run out, or the clock of the box is wrong"
  }

  private func fail(_ what: String) -> Bool {
    lastError = "\(what): \(OpenSSLErrors.take())"
    return false
  }
}
