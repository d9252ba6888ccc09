import Configuration
import Glibc
import Linux

/// Which users the children become: their own where the supervisor is root and the users exist.
struct Isolation: Sendable, Equatable {
  var server: Spawn.User?
  var media: Spawn.User?

  var isIsolated: Bool { server != nil && media != nil }

  init(_ box: BoxConfiguration) {
    guard geteuid() == 0 else { return }
    server = Self.user(box.serverUser)
    media = Self.user(box.mediaUser)
    if !isIsolated {
      server = nil
      media = nil
    }
  }

  private static func user(_ name: String) -> Spawn.User? {
    guard let entry = getpwnam(name) else { return nil }
    return Spawn.User(uid: entry.pointee.pw_uid, gid: entry.pointee.pw_gid)
  }

  /// Gives the server what it must write and read: the state directory and its leaf, never the authority.
  func handOver(_ paths: Paths) {
    guard let server else { return }
    for path in [paths.state, "\(paths.state)/tls", paths.leafKey, paths.leafCertificate, paths.database] {
      chown(path, server.uid, server.gid)
    }
  }
}
