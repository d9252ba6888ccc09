import Glibc
import Linux

/// A copy of the database in a place that can be written, for a box whose disk cannot: a kernel makes a failing card read-only. It outlives
/// the server, but not the machine.
struct VolatileDatabase {
  /// Of the one on the disk.
  let path: String
  var folder = "/tmp"

  static let notice = "the disk is read-only: what changes now is lost at the next start of the box"

  /// Whether nothing can be written beside a file.
  static func isReadOnly(_ path: String) -> Bool {
    let directory = path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
    return access("\(directory)/", W_OK) != 0 && errno == EROFS
  }

  /// The copy, with what was changed in it since.
  func open() throws(DatabaseError) -> Database {
    let copy: String
    do throws(SystemError) { copy = try made() } catch {
      throw .failed(code: error.code, detail: "\(error)", statement: "copy \(path)")
    }
    return try SavedDatabase.sound(copy)
  }

  private func made() throws(SystemError) -> String {
    let copy = "\(try directory())/box.db"
    guard !Files.exists(copy) else { return copy }
    // The log first: a copy that is there is whole.
    for suffix in ["-wal", ""] {
      guard let bytes = try StateFile.read(path + suffix, atMost: 256 << 20) else { continue }
      try StateFile.replace(copy + suffix, with: bytes, mode: 0o600)
    }
    return copy
  }

  /// Ours alone, of this box and this start of the machine.
  private func directory() throws(SystemError) -> String {
    let mark = Digest.hex(Array(Digest.sha256(Array("\(Sessions.currentBoot())\(path)".utf8)).prefix(8)))
    let place = "\(folder)/fieldbox-\(geteuid())-\(mark)"
    if mkdir(place, 0o700) != 0 {
      // Whoever else may write there must not have put it there for us.
      var status = stat()
      guard errno == EEXIST, lstat(place, &status) == 0, status.st_mode & S_IFMT == S_IFDIR,
        status.st_uid == geteuid(), status.st_mode & 0o077 == 0
      else { throw SystemError("mkdir", code: EEXIST, about: place) }
    }
    return place
  }
}
