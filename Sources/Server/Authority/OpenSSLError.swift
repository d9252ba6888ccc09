import COpenSSL

/// What OpenSSL's error queue says, emptied.
enum OpenSSLErrors {
  static func take() -> String {
    var reasons: [String] = []
    while reasons.count < 8 {
      let code = ERR_get_error()
      guard code != 0 else { break }
      var text = [CChar](repeating: 0, count: 256)
      ERR_error_string_n(code, &text, text.count)
      reasons.append(String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }
    ERR_clear_error()
    return reasons.isEmpty ? "no reason given" : reasons.joined(separator: "; ")
  }
}
