import COpenSSL

/// SRTP written from the RFCs with nothing but AES and HMAC of OpenSSL, to hold the published vectors, which are given for session keys,
/// against the wrapper, which takes master keys.
enum ReferenceSRTP {
  /// The 16-byte blocks of AES-CTR from a counter block on (RFC 3711 section 4.1.1).
  static func keystream(key: [UInt8], counter: [UInt8], length: Int) -> [UInt8] {
    let context = EVP_CIPHER_CTX_new()
    defer { EVP_CIPHER_CTX_free(context) }
    var out = [UInt8](repeating: 0, count: length)
    var written: Int32 = 0
    EVP_EncryptInit_ex(context, EVP_aes_128_ctr(), nil, key, counter)
    EVP_EncryptUpdate(context, &out, &written, [UInt8](repeating: 0, count: length), Int32(length))
    return out
  }

  /// A session key (RFC 3711 section 4.3.1, derivation rate 0). A salt shorter than 14 bytes is padded with zeros (RFC 7714 section 11).
  static func derive(_ master: [UInt8], label: UInt8, length: Int) -> [UInt8] {
    var counter = Array(master[16...]) + [UInt8](repeating: 0, count: 32 - master.count)
    counter[7] ^= label
    return keystream(key: Array(master[..<16]), counter: counter, length: length)
  }

  /// AES-CM with a session salt of 14 bytes: the packet's counter block is made of salt, SSRC and index (section 4.1.1).
  static func counterMode(
    _ data: [UInt8], key: [UInt8], salt: [UInt8], ssrc: UInt32, index: UInt64
  ) -> [UInt8] {
    var counter = salt + [0, 0]
    for byte in 0..<4 { counter[4 + byte] ^= UInt8(truncatingIfNeeded: ssrc >> UInt32(24 - 8 * byte)) }
    for byte in 0..<6 { counter[8 + byte] ^= UInt8(truncatingIfNeeded: index >> UInt64(40 - 8 * byte)) }
    return zip(data, keystream(key: key, counter: counter, length: data.count)).map { $0 ^ $1 }
  }

  static func hmacSHA1(_ data: [UInt8], key: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 20)
    var length: UInt32 = 0
    HMAC(EVP_sha1(), key, Int32(key.count), data, data.count, &digest, &length)
    return digest
  }

  /// Ciphertext and tag.
  static func gcm(_ data: [UInt8], key: [UInt8], iv: [UInt8], associated: [UInt8]) -> [UInt8] {
    let context = EVP_CIPHER_CTX_new()
    defer { EVP_CIPHER_CTX_free(context) }
    var out = [UInt8](repeating: 0, count: data.count + 16)
    var written: Int32 = 0
    EVP_EncryptInit_ex(context, EVP_aes_128_gcm(), nil, key, iv)
    EVP_EncryptUpdate(context, nil, &written, associated, Int32(associated.count))
    EVP_EncryptUpdate(context, &out, &written, data, Int32(data.count))
    var tag = [UInt8](repeating: 0, count: 16)
    EVP_EncryptFinal_ex(context, &tag, &written)
    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, &tag)
    return Array(out.prefix(data.count)) + tag
  }

  /// RFC 7714 sections 8.1 and 9.1: two zero bytes, SSRC, then 48 bits of index, under the salt.
  static func iv(salt: [UInt8], ssrc: UInt32, index: UInt64) -> [UInt8] {
    var iv = salt
    for byte in 0..<4 { iv[2 + byte] ^= UInt8(truncatingIfNeeded: ssrc >> UInt32(24 - 8 * byte)) }
    for byte in 0..<6 { iv[6 + byte] ^= UInt8(truncatingIfNeeded: index >> UInt64(40 - 8 * byte)) }
    return iv
  }

  /// Protects an RTP packet with a plain 12-byte header under session keys.
  static func protectRTP(
    _ packet: [UInt8], gcmKey: [UInt8], salt: [UInt8], rollover: UInt32
  ) -> [UInt8] {
    let header = Array(packet[..<12])
    return header
      + gcm(
        Array(packet[12...]), key: gcmKey, iv: iv(salt: salt, ssrc: ssrc(packet), index: index(packet, rollover)),
        associated: header)
  }

  /// Protects an RTCP packet (RFC 7714 section 9): the index word, with the encrypted bit set, is authenticated too.
  static func protectRTCP(_ packet: [UInt8], gcmKey: [UInt8], salt: [UInt8], index: UInt32) -> [UInt8] {
    let header = Array(packet[..<8])
    let word = bytes(index | 0x8000_0000)
    let ssrc = header[4...].reduce(0) { $0 << 8 | UInt32($1) }
    return header
      + gcm(
        Array(packet[8...]), key: gcmKey, iv: iv(salt: salt, ssrc: ssrc, index: UInt64(index)),
        associated: header + word) + word
  }

  /// Protects an RTP packet with AES-CM and an 80-bit tag under a master key.
  static func protectRTP(_ packet: [UInt8], counterModeMaster master: [UInt8], rollover: UInt32) -> [UInt8] {
    let encrypted = counterMode(
      Array(packet[12...]), key: derive(master, label: 0, length: 16), salt: derive(master, label: 2, length: 14),
      ssrc: ssrc(packet), index: index(packet, rollover))
    let body = Array(packet[..<12]) + encrypted
    return body + hmacSHA1(body + bytes(rollover), key: derive(master, label: 1, length: 20)).prefix(10)
  }

  /// The same for RTCP (RFC 3711 section 3.4).
  static func protectRTCP(_ packet: [UInt8], counterModeMaster master: [UInt8], index: UInt32) -> [UInt8] {
    let ssrc = packet[4..<8].reduce(0) { $0 << 8 | UInt32($1) }
    let encrypted = counterMode(
      Array(packet[8...]), key: derive(master, label: 3, length: 16), salt: derive(master, label: 5, length: 14),
      ssrc: ssrc, index: UInt64(index))
    let body = Array(packet[..<8]) + encrypted + bytes(index | 0x8000_0000)
    return body + hmacSHA1(body, key: derive(master, label: 4, length: 20)).prefix(10)
  }

  private static func bytes(_ n: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: n >> UInt32(24 - 8 * $0)) }
  }
  private static func ssrc(_ packet: [UInt8]) -> UInt32 { packet[8..<12].reduce(0) { $0 << 8 | UInt32($1) } }
  private static func index(_ packet: [UInt8], _ rollover: UInt32) -> UInt64 {
    UInt64(rollover) << 16 | UInt64(packet[2]) << 8 | UInt64(packet[3])
  }
}
