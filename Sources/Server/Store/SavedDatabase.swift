import Glibc
import Linux

/// Copies of the database, from which it is brought back when it is damaged: an SD card loses pages, and power goes in mid-write.
struct SavedDatabase {
  /// Damaged ones that are kept for a rescue by hand; the oldest makes room.
  static let mostDamaged = 3
  /// A longer one is no copy of ours.
  private static let largestBytes = 256 << 20

  let path: String
  private var saved: String { "\(path).saved" }

  /// What was opened, and what people have to know of it; nil for nothing.
  struct Opened {
    var database: Database
    var notice: String?
    /// It is a copy that is not on the disk.
    var isVolatile = false
  }

  /// Opens the database at the newest version. One that is damaged is kept aside, and the copy that was saved last takes its place,
  /// or an empty one. Throws what a copy does not heal: a disk that fails, a file of a later release.
  func open() throws(DatabaseError) -> Opened {
    if VolatileDatabase.isReadOnly(path) {
      return Opened(database: try VolatileDatabase(path: path).open(), isVolatile: true)
    }
    // A file that is gone is as bad as one that is damaged, where a copy says that there was one.
    if Self.isEmpty(path), !Self.isEmpty(saved) {
      Log.error("the database \(path) is gone")
      return try bringBack()
    }
    do throws(DatabaseError) {
      return Opened(database: try Self.sound(path))
    } catch {
      guard error.isDamage else { throw error }
      Log.error("\(error)")
      return try bringBack()
    }
  }

  /// Saves a copy, whole or not at all.
  func save(_ database: Database) throws(DatabaseError) {
    let temporary = "\(saved).new"
    unlink(temporary)
    try database.run("VACUUM INTO ?", [.text(temporary)])
    try Self.onDisk(temporary)
    guard rename(temporary, saved) == 0 else { throw Self.failed("rename", saved) }
    try Self.onDisk(Self.directory(of: saved))
  }

  private func bringBack() throws(DatabaseError) -> Opened {
    let aside = try setAside()
    let bytes: [UInt8]
    do throws(SystemError) {
      bytes = try StateFile.read(saved, atMost: Self.largestBytes) ?? []
      if !bytes.isEmpty { try StateFile.replace(path, with: bytes, mode: 0o600) }
    } catch {
      throw .failed(code: error.code, detail: "\(error)", statement: "restore \(saved)")
    }
    let damaged = aside.map { "was damaged and is kept as \($0)" } ?? "was gone"
    if !bytes.isEmpty {
      do throws(DatabaseError) {
        let database = try Self.sound(path)
        return Opened(database: database, notice: "\(damaged): an earlier copy is in use")
      } catch {
        guard error.isDamage else { throw error }
        Log.error("the copy too: \(error)")
        for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
      }
    }
    return Opened(
      database: try Self.sound(path),
      notice: "\(damaged), and there is no copy: all accounts are gone")
  }

  private static func isEmpty(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) != 0 ? errno == ENOENT : status.st_size == 0
  }

  /// Moves the damaged files to a name of their own, which it gives; nil if there are none.
  private func setAside() throws(DatabaseError) -> String? {
    guard !Self.isEmpty(path) else {
      for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
      return nil
    }
    let place = (1...Self.mostDamaged).first { !Files.exists("\(path).damaged-\($0)") } ?? Self.mostDamaged
    if Files.exists("\(path).damaged-\(place)") {
      for number in 1..<Self.mostDamaged {
        for suffix in ["", "-wal"] {
          rename("\(path).damaged-\(number + 1)\(suffix)", "\(path).damaged-\(number)\(suffix)")
        }
      }
    }
    let aside = "\(path).damaged-\(place)"
    guard rename(path, aside) == 0 else { throw Self.failed("rename", path) }
    // Its log belongs to it, and would spoil whatever takes its place.
    if rename("\(path)-wal", "\(aside)-wal") != 0 { unlink("\(aside)-wal") }
    unlink("\(path)-shm")
    return aside
  }

  /// Every account and every session can be read.
  static func sound(_ path: String) throws(DatabaseError) -> Database {
    let database = try Database(path: path)
    try Migrations.apply(to: database)
    _ = try UserStore(database: database).all()
    _ = try SessionStore(database: database).all()
    return database
  }

  private static func onDisk(_ path: String) throws(DatabaseError) {
    let number = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { throw failed("open", path) }
    defer { close(number) }
    guard fsync(number) == 0 else { throw failed("fsync", path) }
  }

  private static func directory(of path: String) -> String {
    String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) + "/"
  }

  private static func failed(_ call: String, _ path: String) -> DatabaseError {
    .failed(code: errno, detail: String(cString: strerror(errno)), statement: "\(call) \(path)")
  }
}
