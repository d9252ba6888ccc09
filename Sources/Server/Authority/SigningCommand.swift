import Configuration
import Glibc
import Linux

/// `fieldbox sign`: makes the box's authority and the server's certificate where they are missing, run out, or no longer
/// fit. The only program that reads the authority's key.
public enum SigningCommand {
  public struct Request: Sendable {
    public var paths: Paths
    /// The box's host name, under `.internal`.
    public var name: String
    /// IP literals under which the box is reached. Public ones are left out: the authority must not vouch for them.
    public var addresses: [String]
    public var now: WallTime
    public var buildTime: WallTime
    /// Who runs `server`, and so reads the leaf's key; nil leaves the files to the caller's user.
    public var serverOwner: Owner?
    /// Somebody has set the clock: the time that was seen before no longer counts.
    public var trustsClock: Bool

    public init(
      paths: Paths, name: String, addresses: [String], now: WallTime = .now(), buildTime: WallTime? = nil,
      serverOwner: Owner? = nil, trustsClock: Bool = false
    ) {
      self.paths = paths
      self.name = name
      self.addresses = addresses
      self.now = now
      self.buildTime = buildTime ?? SavedClock.buildTime()
      self.serverOwner = serverOwner
      self.trustsClock = trustsClock
    }
  }

  /// What was done, and why.
  public enum Outcome: Sendable, Equatable {
    /// Everything fits and lasts.
    case kept
    case signedLeaf(reason: String)
    /// Phones must trust the new authority.
    case madeAuthority(reason: String)
  }

  /// Before this many days remain, a leaf is replaced.
  public static let renewalDays: Int64 = 30

  public static func run(_ request: Request) throws(AuthorityError) -> Outcome {
    let paths = request.paths
    let names = Issue.permittedNames(request.name)
    let addresses = try permitted(request)
    let time: WallTime
    if request.trustsClock {
      time = max(request.now, request.buildTime)
      do throws(SystemError) { try SavedClock.save(time, in: paths.state) } catch { throw .file(error) }
    } else {
      time = SavedClock.latest(in: paths.state, now: request.now, buildTime: request.buildTime)
    }
    do throws(SystemError) {
      try StateFile.makeDirectory(directory(of: paths.authorityKey), mode: 0o755)
      try StateFile.makeDirectory(directory(of: paths.leafKey), mode: 0o755)
    } catch {
      throw .file(error)
    }

    let (authority, authorityKey, newAuthority) = try authority(request, names, addresses, time)
    let reason = newAuthority ?? leafReason(paths, authority, names, addresses, time)
    guard let reason else { return .kept }
    let key = try PrivateKey()
    let leaf = try Issue.leaf(
      key: key, names: names, addresses: addresses, by: authority, authorityKey, at: time, randomBytes: Random.bytes)
    // The key first: a certificate that is there fits the key that is there, or signing is done again.
    try write(try key.pem(), to: paths.leafKey, mode: 0o600, owner: request.serverOwner)
    try write(try leaf.pem(), to: paths.leafCertificate, mode: 0o644)
    do throws(SystemError) { try SavedClock.save(time, in: paths.state) } catch { throw .file(error) }
    return newAuthority == nil ? .signedLeaf(reason: reason) : .madeAuthority(reason: reason)
  }

  /// The authority that is there, or a new one with the reason for it.
  private static func authority(
    _ request: Request, _ names: [String], _ addresses: [SocketAddress], _ time: WallTime
  ) throws(AuthorityError) -> (Certificate, PrivateKey, String?) {
    let paths = request.paths
    var reason = "there was none"
    bringBack(paths, at: time)
    if let keyBytes = read(paths.authorityKey), let bytes = read(paths.authorityCertificate) {
      if let key = try? PrivateKey(pem: keyBytes), let certificate = try? Certificate(pem: bytes), certificate.fits(key)
      {
        // Signing a leaf for nothing shows whether the constraints still cover what is wanted.
        let trial = try Issue.leaf(
          key: key, names: names, addresses: addresses, by: certificate, key, at: time, randomBytes: Random.bytes)
        if !certificate.isValid(renewalDays * Issue.day, after: time) {
          reason = "the old one runs out"
          for path in [paths.authorityKey, paths.authorityCertificate] { rename(path, previous(path)) }
        } else if trial.isVouchedFor(by: certificate, at: time) {
          return (certificate, key, nil)
        } else {
          reason = "the old one does not cover the name \(request.name)"
        }
      } else {
        reason = "the old one is damaged"
      }
    }
    let key = try PrivateKey()
    let certificate = try Issue.authority(key: key, name: request.name, at: time, randomBytes: Random.bytes)
    try write(try key.pem(), to: paths.authorityKey, mode: 0o600)
    try write(try certificate.pem(), to: paths.authorityCertificate, mode: 0o644)
    return (certificate, key, reason)
  }

  /// An authority that a wrong clock has replaced comes back: phones trust it.
  private static func bringBack(_ paths: Paths, at time: WallTime) {
    guard let bytes = read(paths.authorityCertificate), let present = try? Certificate(pem: bytes),
      !present.hasBegun(at: time),
      let before = read(previous(paths.authorityCertificate)), let certificate = try? Certificate(pem: before),
      certificate.hasBegun(at: time), certificate.isValid(renewalDays * Issue.day, after: time)
    else { return }
    Log.info("the authority that a wrong clock had replaced is back")
    for path in [paths.authorityKey, paths.authorityCertificate] { rename(previous(path), path) }
  }

  private static func previous(_ path: String) -> String { "\(path).previous" }

  /// Why the leaf has to be signed again; nil if it does not.
  private static func leafReason(
    _ paths: Paths, _ authority: Certificate, _ names: [String], _ addresses: [SocketAddress], _ time: WallTime
  ) -> String? {
    guard let keyBytes = read(paths.leafKey), let bytes = read(paths.leafCertificate) else { return "there was none" }
    guard let key = try? PrivateKey(pem: keyBytes), let leaf = try? Certificate(pem: bytes), leaf.fits(key) else {
      return "the old one is damaged"
    }
    guard leaf.isFor(names: names, addresses: addresses) else { return "the names or addresses changed" }
    guard leaf.isValid(renewalDays * Issue.day, after: time), leaf.hasBegun(at: time) else {
      return "the old one runs out"
    }
    guard leaf.isVouchedFor(by: authority, at: time) else { return "the old one is of another authority" }
    return nil
  }

  /// The wanted addresses that the authority may vouch for, loopback always among them.
  private static func permitted(_ request: Request) throws(AuthorityError) -> [SocketAddress] {
    guard isHostName(request.name) else { throw .badName(request.name) }
    var addresses: [SocketAddress] = []
    for literal in ["127.0.0.1", "::1"] + request.addresses {
      guard let address = SocketAddress(literal: literal, port: 0) else { throw .badName(literal) }
      guard address.isPrivate else {
        Log.warning("the certificate leaves out \(literal): it is no private address")
        continue
      }
      if !addresses.contains(address) { addresses.append(address) }
    }
    return addresses
  }

  /// Letters, digits, hyphens and dots: nothing that OpenSSL's configuration form would read as more than a name.
  private static func isHostName(_ text: String) -> Bool {
    (1...253).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."): true
        default: false
        }
      }
  }

  private static func read(_ path: String) -> [UInt8]? {
    do throws(SystemError) {
      return try StateFile.read(path)
    } catch {
      Log.warning("\(error)")
      return nil
    }
  }

  private static func write(
    _ bytes: [UInt8], to path: String, mode: mode_t, owner: Owner? = nil
  ) throws(AuthorityError) {
    do throws(SystemError) { try StateFile.replace(path, with: bytes, mode: mode, owner: owner) } catch {
      throw .file(error)
    }
  }

  private static func directory(of path: String) -> String {
    String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
  }
}

extension SocketAddress {
  /// Loopback, RFC 1918, link-local (RFC 3927, RFC 4291) or unique local (RFC 4193).
  var isPrivate: Bool {
    if isIPv4 {
      return ipv4 >> 24 == 10 || ipv4 >> 24 == 127 || ipv4 >> 20 == 0xac1 || ipv4 >> 16 == 0xc0a8
        || ipv4 >> 16 == 0xa9fe
    }
    return (high == 0 && low == 1) || high >> 57 == 0x7e || high >> 54 == 0x3fa
  }
}
