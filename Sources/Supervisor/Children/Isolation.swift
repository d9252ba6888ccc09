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

  /// Gives the server what it must write and read: its database and the leaf's key. It may make files in the state
  /// directory, which keeps root's from it (sticky bit): above all the authority, which it can neither read nor replace.
  func handOver(_ paths: Paths) {
    guard let server else { return }
    chown(paths.state, 0, server.gid)
    chmod(paths.state, 0o1770)
    // A link that the server has put there is not followed.
    lchown(paths.leafKey, server.uid, server.gid)
    // Its copies too.
    let database = paths.database.dropFirst(paths.state.count + 1)
    for name in Files.names(in: paths.state) where name.hasPrefix(database) {
      lchown("\(paths.state)/\(name)", server.uid, server.gid)
    }
  }
}
