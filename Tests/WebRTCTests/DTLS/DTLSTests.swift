import COpenSSL
import Linux
import TestSupport
import Testing

@testable import WebRTC

@Suite struct DTLSTests {
  static let contexts = try! (
    DTLSContext(certificate: Certificate(serial: 1)), DTLSContext(certificate: Certificate(serial: 2))
  )

  static func pair() throws -> DTLSPair { try DTLSPair(client: contexts.0, server: contexts.1) }

  @Test func bothRolesAgreeOnKeysAndFingerprints() throws {
    let pair = try Self.pair()
    pair.atNow { pair.start() }
    pair.run()
    let keys = try #require(pair.clientKeys)
    #expect(pair.serverKeys == keys.swapped)
    #expect(keys.profile == .aeadAES128GCM)
    #expect(keys.local != keys.remote)
    #expect(keys.local.count == 28)
    #expect(pair.client.remoteFingerprint == Self.contexts.1.certificate.fingerprint)
    #expect(pair.server.remoteFingerprint == Self.contexts.0.certificate.fingerprint)
    // Two round trips of 20 ms, and nothing was sent twice.
    #expect(pair.now.microseconds == 1_000_040_000)
    #expect(pair.client.nextTimeout == nil && pair.server.nextTimeout == nil)
  }

  /// RFC 5764 section 4.2: client key, server key, client salt, server salt.
  @Test func theExportersOrderIsTheRFCs() throws {
    let pair = try Self.pair()
    pair.atNow { pair.start() }
    pair.run()
    let keys = try #require(pair.clientKeys)
    var material = [UInt8](repeating: 0, count: 56)
    let label = "EXTRACTOR-dtls_srtp"
    let done = SSL_export_keying_material(pair.server.ssl, &material, 56, label, label.utf8.count, nil, 0, 0)
    #expect(done == 1)
    let (client, server) = (Array(material[0..<16]) + material[32..<44], Array(material[16..<32]) + material[44..<56])
    #expect(keys.local == client && keys.remote == server)
  }

  @Test func noDatagramIsLongerThanTheLimit() throws {
    let pair = try Self.pair()
    pair.atNow { pair.start() }
    pair.run()
    #expect(pair.log.allSatisfy { $0.bytes.count <= DTLSContext.maximumDatagram })
  }

  @Test(arguments: SRTPProfile.allCases)
  func theServersOrderOfProfilesDecides(first: SRTPProfile) throws {
    let others = SRTPProfile.allCases.filter { $0 != first }
    let server = try DTLSContext(certificate: Self.contexts.1.certificate, profiles: [first] + others)
    let client = try DTLSContext(certificate: Self.contexts.0.certificate, profiles: others + [first])
    let pair = try DTLSPair(client: client, server: server)
    pair.atNow { pair.start() }
    pair.run()
    #expect(pair.clientKeys?.profile == first)
    #expect(pair.serverKeys?.local.count == first.keyLength + first.saltLength)
  }

  @Test func withoutACommonProfileThereAreNoKeys() throws {
    let client = try DTLSContext(certificate: Self.contexts.0.certificate, profiles: [.aeadAES128GCM])
    let server = try DTLSContext(certificate: Self.contexts.1.certificate, profiles: [.aes128CMSHA1With80BitTag])
    let pair = try DTLSPair(client: client, server: server)
    pair.atNow { pair.start() }
    pair.run()
    #expect(pair.clientKeys == nil && pair.serverKeys == nil)
    guard case .failed(.noSRTPProfile) = try #require(pair.serverEvents.first) else {
      Issue.record("\(pair.serverEvents)")
      return
    }
  }

  /// Any single datagram may be lost: a retransmission mends it soon.
  @Test(arguments: 0..<8) func oneLostDatagramIsMended(lost: Int) throws {
    let pair = try Self.pair()
    pair.filter = { number, _ in number != lost }
    pair.atNow { pair.start() }
    pair.run()
    let keys = try #require(pair.clientKeys)
    #expect(pair.serverKeys == keys.swapped)
    #expect(pair.now - MonotonicTime(microseconds: 1_000_000_000) <= .milliseconds(400))
  }

  @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64]) func aThirdOfAllDatagramsMayBeLost(seed: UInt64) throws {
    let pair = try Self.pair()
    var random = SeededGenerator(seed: seed)
    pair.filter = { _, _ in Int.random(in: 0..<3, using: &random) > 0 }
    pair.atNow { pair.start() }
    pair.run()
    let keys = try #require(pair.clientKeys)
    #expect(pair.serverKeys == keys.swapped)
  }

  @Test func aSilentPeerIsGivenUpAfterDoublingTimers() throws {
    let pair = try Self.pair()
    pair.filter = { _, _ in false }
    pair.atNow { pair.start() }
    pair.run()
    guard case .failed(.timedOut) = try #require(pair.clientEvents.first) else {
      Issue.record("\(pair.clientEvents)")
      return
    }
    // 100, 200, … 1600 ms, then 3 s each.
    let gaps = zip(pair.log.dropFirst(), pair.log).map { ($0.due - $1.due).milliseconds }
    #expect(Array(gaps.prefix(7)) == [100, 200, 400, 800, 1600, 3000, 3000])
    #expect(pair.client.nextTimeout == nil)
  }

  /// Browsers with post-quantum key shares send a ClientHello of two datagrams (RFC 6347 section 4.2.3); order does not matter.
  @Test(arguments: [1100, 3000, 9000], [false, true])
  func aFragmentedClientHelloIsAnswered(length: Int, reversed: Bool) throws {
    let pair = try Self.pair()
    let protocols: [UInt8] = (0..<length / 100).flatMap { [UInt8(99)] + [UInt8](repeating: UInt8($0), count: 99) }
    #expect(SSL_set_alpn_protos(pair.client.ssl, protocols, UInt32(protocols.count)) == 0)
    pair.filter = { _, datagram in !datagram.fromClient }
    pair.atNow { pair.start() }
    let fragments = pair.log.map(\.bytes)
    #expect(fragments.count >= 1 + length / 1200)
    pair.atNow { for part in reversed ? fragments.reversed() : fragments { pair.inject(part, toClient: false) } }
    pair.filter = { _, _ in true }
    pair.run()
    #expect(pair.serverKeys != nil && pair.clientKeys == pair.serverKeys?.swapped)
    // The server answered the fragments, not a repetition of the whole.
    #expect(pair.now.microseconds < 1_000_100_000)
  }

  @Test func closingTellsTheOtherSide() throws {
    let pair = try Self.pair()
    pair.atNow { pair.start() }
    pair.run()
    pair.atNow { pair.close(client: true) }
    pair.run()
    guard case .closed = try #require(pair.serverEvents.last) else {
      Issue.record("\(pair.serverEvents)")
      return
    }
    #expect(!pair.client.isConnected && !pair.server.isConnected)
  }

  @Test func garbageChangesNothing() throws {
    let pair = try Self.pair()
    var random = SeededGenerator(seed: 7)
    func pour() {
      pair.atNow {
        for length in [1, 2, 12, 13, 14, 60, 1500, 2048] {
          // First bytes that the demultiplexer takes for DTLS (RFC 7983), or anything.
          let bytes =
            [UInt8.random(in: 20...63, using: &random)] + (1..<length).map { _ in .random(in: 0...255, using: &random) }
          pair.inject(bytes, toClient: true)
          pair.inject(bytes, toClient: false)
        }
      }
    }
    pair.atNow { pair.start() }
    pour()
    pair.run()
    #expect(pair.clientKeys != nil && pair.serverKeys != nil)
    pour()
    pair.run()
    #expect(pair.client.isConnected && pair.server.isConnected)
  }

  @Test func keysPrintAsDots() throws {
    let keys = SRTPKeys(profile: .aeadAES128GCM, local: [171, 205], remote: [239])
    #expect("\(keys)" == "SRTPKeys(aeadAES128GCM, ••••)")
    #expect(String(reflecting: keys) == "\(keys)")
    var dumped = ""
    dump(keys, to: &dumped)
    #expect(!dumped.contains("171"))
  }
}

@Suite struct CertificateTests {
  @Test func fingerprintIsSHA256OverTheCertificate() throws {
    let certificate = try Certificate(serial: 0xffff_ffff_ffff_ffff)
    var der: UnsafeMutablePointer<UInt8>?
    let length = i2d_X509(certificate.x509, &der)
    defer { CRYPTO_free(der, "", 0) }
    var digest = [UInt8](repeating: 0, count: 32)
    #expect(EVP_Digest(der, Int(length), &digest, nil, EVP_sha256(), nil) == 1)
    #expect(certificate.fingerprint.split(separator: ":").joined().lowercased() == digest.hex)
    #expect(certificate.fingerprint.utf8.count == 95)
    #expect(X509_verify(certificate.x509, certificate.key) == 1)
  }

  @Test func eachIsAnother() throws {
    #expect(try Certificate(serial: 1).fingerprint != Certificate(serial: 1).fingerprint)
  }

  @Test(arguments: [("AB:CD", "ab:cd", true), ("AB:CD", "AB:CE", false), ("", "", false), ("AB", "AB:CD", false)])
  func fingerprintsCompareWithoutCase(a: String, b: String, same: Bool) {
    #expect(Certificate.sameFingerprint(a, b) == same)
  }
}
