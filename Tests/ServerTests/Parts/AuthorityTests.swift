import Configuration
import Glibc
import Linux
import TestSupport
import Testing

@testable import Server

@Suite struct AuthorityTests {
  private let directory: ScratchDirectory
  private let paths: Paths
  private static let now = WallTime(milliseconds: 1_750_000_000_000)
  private static let day: Int64 = 86_400_000

  init() throws {
    directory = try ScratchDirectory()
    paths = Paths(root: directory.path)
  }

  private func sign(
    name: String = "fieldbox.internal", addresses: [String] = ["10.42.0.1"], now: WallTime = now,
    buildTime: WallTime = now
  ) throws -> SigningCommand.Outcome {
    try SigningCommand.run(
      .init(paths: paths, name: name, addresses: addresses, now: now, buildTime: buildTime))
  }

  private var authority: Certificate {
    get throws { try Certificate(pem: try #require(try StateFile.read(paths.authorityCertificate))) }
  }
  private var leaf: Certificate {
    get throws { try Certificate(pem: try #require(try StateFile.read(paths.leafCertificate))) }
  }

  private func later(_ days: Int64) -> WallTime { WallTime(milliseconds: Self.now.milliseconds + days * Self.day) }

  @Test func theFirstRunMakesAChain() throws {
    #expect(try sign() == .madeAuthority(reason: "there was none"))
    #expect(try leaf.isVouchedFor(by: authority, at: Self.now))
    let names = try SocketAddress.list("127.0.0.1", "::1", "10.42.0.1")
    #expect(try leaf.isFor(names: ["fieldbox.internal", "localhost"], addresses: names))
    #expect(try leaf.fits(PrivateKey(pem: try #require(try StateFile.read(paths.leafKey)))))
    #expect(try authority.fits(PrivateKey(pem: try #require(try StateFile.read(paths.authorityKey)))))
  }

  @Test func theTimesAreThoseOfTheFacts() throws {
    _ = try sign()
    // Phones judge by their own clocks: well in the past, and not longer than they accept (825 days).
    #expect(try leaf.hasBegun(at: later(-60)))
    #expect(try leaf.isValid(0, after: later(397)))
    #expect(try !leaf.isValid(0, after: later(820 - 90)))
    #expect(try authority.hasBegun(at: later(-300)))
    #expect(try authority.isValid(0, after: later(3640)))
    #expect(try !authority.isValid(0, after: later(3660)))
  }

  @Test func theExtensionsAreThoseOfTheFacts() throws {
    _ = try sign()
    let ca = try text(paths.authorityCertificate)
    #expect(ca.contains("X509v3 Basic Constraints: critical\n                CA:TRUE, pathlen:0"))
    #expect(ca.contains("X509v3 Key Usage: critical\n                Certificate Sign, CRL Sign"))
    #expect(ca.contains("X509v3 Name Constraints: critical"))
    for part in ["DNS:fieldbox.internal", "DNS:localhost", "IP:10.0.0.0/255.0.0.0", "IP:192.168.0.0/255.255.0.0"] {
      #expect(ca.contains(part), "\(part)")
    }
    #expect(ca.contains("ASN1 OID: prime256v1"))
    #expect(ca.contains("ecdsa-with-SHA256"))
    let server = try text(paths.leafCertificate)
    #expect(server.contains("X509v3 Basic Constraints: critical\n                CA:FALSE"))
    #expect(server.contains("TLS Web Server Authentication"))
    #expect(!server.contains("TLS Web Client Authentication"))
  }

  @Test func theKeysAreForTheirOwnersAlone() throws {
    _ = try sign()
    for path in [paths.authorityKey, paths.leafKey] {
      var status = stat()
      #expect(stat(path, &status) == 0)
      #expect(status.st_mode & 0o777 == 0o600, "\(path)")
    }
  }

  @Test func aSecondRunKeepsEverything() throws {
    _ = try sign()
    let before = try StateFile.read(paths.leafCertificate)
    #expect(try sign() == .kept)
    #expect(try sign(now: later(300)) == .kept)
    #expect(try StateFile.read(paths.leafCertificate) == before)
  }

  @Test func aChangedAddressGivesANewLeafOfTheSameAuthority() throws {
    _ = try sign()
    let before = try authority.fingerprint()
    #expect(try sign(addresses: ["10.42.0.1", "192.168.7.1"]) == .signedLeaf(reason: "the names or addresses changed"))
    #expect(try sign(addresses: ["192.168.7.1"]) == .signedLeaf(reason: "the names or addresses changed"))
    #expect(try authority.fingerprint() == before)
    #expect(try leaf.isVouchedFor(by: authority, at: Self.now))
  }

  @Test func aLeafNearItsEndIsSignedAgain() throws {
    _ = try sign()
    #expect(try sign(now: later(669)) == .kept)
    #expect(try sign(now: later(671)) == .signedLeaf(reason: "the old one runs out"))
    #expect(try leaf.isValid(0, after: later(1300)))
  }

  @Test func anotherNameNeedsAnotherAuthority() throws {
    _ = try sign()
    let before = try authority.fingerprint()
    #expect(
      try sign(name: "rescue.internal")
        == .madeAuthority(reason: "the old one does not cover the name rescue.internal"))
    #expect(try authority.fingerprint() != before)
    #expect(try leaf.isVouchedFor(by: authority, at: Self.now))
  }

  /// The constraints hold against whoever has the key.
  @Test(arguments: [
    ("example.com", "10.42.0.1"), ("bank.internal", "10.42.0.1"), ("fieldbox.internal", "8.8.8.8"),
    ("fieldbox.internal", "172.32.0.1"), ("fieldbox.internal", "2001:db8::1"),
  ])
  func theAuthorityCannotVouchForOthers(_ name: String, _ address: String) throws {
    _ = try sign()
    let key = try PrivateKey(pem: try #require(try StateFile.read(paths.authorityKey)))
    let forged = try Issue.leaf(
      key: try PrivateKey(), names: [name], addresses: try SocketAddress.list(address), by: authority, key,
      at: Self.now, randomBytes: Random.bytes)
    #expect(try !forged.isVouchedFor(by: authority, at: Self.now))
  }

  @Test(arguments: ["leafKey", "leafCertificate"])
  func aDamagedLeafIsReplaced(_ which: String) throws {
    _ = try sign()
    let path = which == "leafKey" ? paths.leafKey : paths.leafCertificate
    try StateFile.replace(path, with: Array("rubbish".utf8), mode: 0o600)
    #expect(try sign() == .signedLeaf(reason: "the old one is damaged"))
    #expect(unlink(path) == 0)
    #expect(try sign() == .signedLeaf(reason: "there was none"))
    #expect(try sign() == .kept)
  }

  @Test(arguments: ["", "a b", "x,IP:8.8.8.8", "DNS:evil", "né.internal", String(repeating: "a", count: 300)])
  func whatIsNoHostNameIsRefused(_ name: String) {
    #expect(throws: AuthorityError.badName(name)) { _ = try sign(name: name) }
  }

  @Test func whatIsNoAddressIsRefusedAndPublicOnesAreLeftOut() throws {
    #expect(throws: AuthorityError.badName("10.0.0.1,DNS:evil")) { _ = try sign(addresses: ["10.0.0.1,DNS:evil"]) }
    _ = try sign(addresses: ["8.8.8.8", "10.42.0.1", "10.42.0.1"])
    let expected = try SocketAddress.list("127.0.0.1", "::1", "10.42.0.1")
    #expect(try leaf.isFor(names: ["fieldbox.internal", "localhost"], addresses: expected))
  }

  /// A board without a battery clock wakes up in 1970.
  @Test func anUnsetClockDoesNotSign() throws {
    let epoch = WallTime(milliseconds: 1000)
    _ = try sign(now: epoch, buildTime: Self.now)
    #expect(try leaf.isVouchedFor(by: authority, at: Self.now))
    #expect(try leaf.isValid(0, after: later(600)))
    // Once a later time was seen, it counts.
    _ = try sign(addresses: ["10.42.0.2"], now: later(200), buildTime: Self.now)
    _ = try sign(addresses: ["10.42.0.3"], now: epoch, buildTime: Self.now)
    #expect(try leaf.isValid(0, after: later(850)))
  }

  @Test(arguments: ["", "rubbish", "99999999999999999999999999", "9000000000000000000", "-1"])
  func aDamagedClockFileIsIgnored(_ text: String) throws {
    try StateFile.makeDirectory(paths.state, mode: 0o755)
    try StateFile.replace(SavedClock.path(in: paths.state), with: Array(text.utf8), mode: 0o644)
    let time = SavedClock.latest(in: paths.state, now: WallTime(milliseconds: 0), buildTime: Self.now)
    #expect(time == Self.now)
  }

  /// The independent judge: the command line of OpenSSL.
  private func text(_ path: String) throws -> String {
    let output = "\(directory.path)/text"
    let child = Spawn(
      path: "/usr/bin/openssl", arguments: ["openssl", "x509", "-in", path, "-noout", "-text", "-out", output],
      environment: [])
    let pid = try child.start()
    var status: Int32 = 0
    waitpid(pid, &status, 0)
    return String(decoding: try #require(try StateFile.read(output)), as: UTF8.self)
  }
}

extension SocketAddress {
  static func list(_ literals: String...) throws -> [SocketAddress] {
    try literals.map { try #require(SocketAddress(literal: $0, port: 0)) }
  }
}
