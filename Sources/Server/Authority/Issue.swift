import COpenSSL
import Linux

/// What goes into the two kinds of certificates.
enum Issue {
  static let day: Int64 = 86_400
  /// Ten years, as from the time it is made.
  static let authorityDays: Int64 = 3650
  /// Together with ``leafBackDays`` within what phones accept of a server under an authority that its owner installed (825
  /// days), and long enough for a box whose clock stands at its build time.
  static let leafDays: Int64 = 700
  /// Phones judge by their own clocks.
  static let leafBackDays: Int64 = 90
  static let authorityBackDays: Int64 = 365

  /// What the authority may vouch for: the box's name, and private and loopback addresses (RFC 1918, RFC 4193, RFC 4291).
  static let permittedAddresses = [
    "10.0.0.0/255.0.0.0", "172.16.0.0/255.240.0.0", "192.168.0.0/255.255.0.0", "127.0.0.0/255.0.0.0",
    "169.254.0.0/255.255.0.0", "fc00::/fe00::", "fe80::/ffc0::",
    "::1/ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
  ]

  /// A self-signed authority for one box.
  static func authority(
    key: PrivateKey, name: String, at time: WallTime, randomBytes: (Int) -> [UInt8]
  ) throws(AuthorityError) -> Certificate {
    let certificate = try Certificate()
    let mark = Digest.hex(randomBytes(3))
    try setHead(
      certificate, key: key, subject: "\(name) authority \(mark)", issuer: nil, serial: randomBytes(16),
      from: time, back: authorityBackDays, days: authorityDays)
    let constraints = (permittedNames(name).map { "DNS:\($0)" } + permittedAddresses.map { "IP:\($0)" })
      .map { "permitted;\($0)" }.joined(separator: ",")
    for (nid, value) in [
      (NID_basic_constraints, "critical,CA:TRUE,pathlen:0"), (NID_key_usage, "critical,keyCertSign,cRLSign"),
      (NID_subject_key_identifier, "hash"), (NID_name_constraints, "critical,\(constraints)"),
    ] {
      try add(nid, value, to: certificate, authority: nil)
    }
    try sign(certificate, with: key)
    return certificate
  }

  /// The server's certificate.
  static func leaf(
    key: PrivateKey, names: [String], addresses: [SocketAddress], by authority: Certificate, _ authorityKey: PrivateKey,
    at time: WallTime, randomBytes: (Int) -> [UInt8]
  ) throws(AuthorityError) -> Certificate {
    guard let name = names.first else { throw .badName("") }
    let certificate = try Certificate()
    try setHead(
      certificate, key: key, subject: name, issuer: authority, serial: randomBytes(16), from: time,
      back: leafBackDays, days: leafDays)
    let all = (names.map { "DNS:\($0)" } + addresses.map { "IP:\($0.literal)" }).joined(separator: ",")
    for (nid, value) in [
      (NID_basic_constraints, "critical,CA:FALSE"), (NID_key_usage, "critical,digitalSignature"),
      (NID_ext_key_usage, "serverAuth"), (NID_subject_key_identifier, "hash"),
      (NID_authority_key_identifier, "keyid"), (NID_subject_alt_name, all),
    ] {
      try add(nid, value, to: certificate, authority: authority)
    }
    try sign(certificate, with: authorityKey)
    return certificate
  }

  /// The names of a box: the configured one, and the one that a browser on the box itself uses.
  static func permittedNames(_ name: String) -> [String] { name == "localhost" ? [name] : [name, "localhost"] }

  private static func setHead(
    _ certificate: Certificate, key: PrivateKey, subject: String, issuer: Certificate?, serial: [UInt8],
    from time: WallTime, back: Int64, days: Int64
  ) throws(AuthorityError) {
    var serial = serial
    // Positive and at most 20 bytes (RFC 5280 section 4.1.2.2).
    if let first = serial.first { serial[0] = first & 0x7f | 0x40 }
    guard let number = BN_bin2bn(serial, Int32(clamping: serial.count), nil) else { throw failure("serial number") }
    defer { BN_free(number) }
    let seconds = time.milliseconds / 1000
    guard BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate.handle)) != nil,
      ASN1_TIME_set(X509_getm_notBefore(certificate.handle), time_t(seconds - back * day)) != nil,
      ASN1_TIME_set(X509_getm_notAfter(certificate.handle), time_t(seconds + days * day)) != nil,
      X509_set_pubkey(certificate.handle, key.handle) == 1
    else { throw failure("certificate head") }
    // A common name has at most 64 characters (RFC 5280, ub-common-name).
    let name = Array(subject.utf8.prefix(64))
    guard
      X509_NAME_add_entry_by_txt(
        X509_get_subject_name(certificate.handle), "CN", MBSTRING_UTF8, name, Int32(name.count), -1, 0) == 1,
      X509_set_issuer_name(
        certificate.handle, X509_get_subject_name(issuer?.handle ?? certificate.handle)) == 1
    else { throw failure("certificate names") }
  }

  private static func add(
    _ nid: Int32, _ value: String, to certificate: Certificate, authority: Certificate?
  ) throws(AuthorityError) {
    guard cert_add_extension(certificate.handle, authority?.handle, nid, value) == 1 else {
      throw failure("extension “\(value)”")
    }
  }

  private static func sign(_ certificate: Certificate, with key: PrivateKey) throws(AuthorityError) {
    guard X509_sign(certificate.handle, key.handle, EVP_sha256()) > 0 else { throw failure("signature") }
  }

  private static func failure(_ step: String) -> AuthorityError {
    .failed(step: step, reason: OpenSSLErrors.take())
  }
}
