import CArgon2
import Signaling

/// Argon2id (RFC 9106) with the parameters of OWASP's second choice: 19 MiB, two passes, one lane. Each call takes tens
/// of milliseconds: never on the loop.
enum PasswordHash {
  static let memoryKiB: UInt32 = 19 * 1024
  static let passes: UInt32 = 2
  static let lanes: UInt32 = 1
  static let saltBytes = 16
  static let hashBytes = 32

  /// What is verified when nobody has the id, so that the answer takes as long as for a wrong password. No password
  /// matches it: its result is not used.
  static let ofNobody =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5LW5vYm9keS0wMA$Yq3Zq0bZ2xW1sL8m3v5m5o1G0u6yq7dEwQ0k6c2n1aU"

  /// Sets the allocator so that the memory of a hash goes back to the system; once, at the start of the process.
  static func returnFreedMemory() { fieldbox_return_freed_memory() }

  /// The encoded form with parameters and salt; nil if memory is short.
  static func encode(_ password: Secret, salt: [UInt8]) -> String? {
    let length = argon2_encodedlen(passes, memoryKiB, lanes, UInt32(salt.count), UInt32(hashBytes), Argon2_id)
    var text = [CChar](repeating: 0, count: length)
    let bytes = Array(password.revealed.utf8)
    let code = argon2id_hash_encoded(
      passes, memoryKiB, lanes, bytes, bytes.count, salt, salt.count, hashBytes, &text, text.count)
    guard code == ARGON2_OK.rawValue else { return nil }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Nil if memory is short.
  static func matches(_ password: Secret, encoded: String) -> Bool? {
    let bytes = Array(password.revealed.utf8)
    let code = argon2id_verify(encoded, bytes, bytes.count)
    return code == ARGON2_MEMORY_ALLOCATION_ERROR.rawValue ? nil : code == ARGON2_OK.rawValue
  }
}
