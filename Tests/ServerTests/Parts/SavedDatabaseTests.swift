import CSQLite
import Glibc
import Linux
import TestSupport
import Testing

@testable import Server

/// A damaged database is kept aside, and what was saved last is used.
@Suite struct SavedDatabaseTests {
  private let directory: ScratchDirectory
  private let saved: SavedDatabase
  private var path: String { saved.path }

  init() throws {
    directory = try ScratchDirectory()
    saved = SavedDatabase(path: "\(directory.path)/box.db")
  }

  private func add(_ id: String, to database: Database) throws {
    try UserStore(database: database).insert(
      StoredUser(id: id, displayName: id, administrator: false, created: WallTime(milliseconds: 1)),
      passwordHash: "hash")
  }

  private func ids(_ opened: SavedDatabase.Opened) throws -> [String] {
    try UserStore(database: opened.database).all().map(\.id)
  }

  private func damage(_ byte: UInt8 = 0x55) throws {
    for suffix in ["-wal", "-shm"] { unlink(path + suffix) }
    try StateFile.replace(path, with: [UInt8](repeating: byte, count: 8_192), mode: 0o600)
  }

  @Test func aSoundOneIsOpenedAsItIs() throws {
    do {
      let opened = try saved.open()
      #expect(opened.notice == nil)
      try add("ann", to: opened.database)
    }
    #expect(try ids(saved.open()) == ["ann"])
  }

  @Test func theCopyTakesThePlaceOfADamagedOne() throws {
    do {
      let opened = try saved.open()
      try add("ann", to: opened.database)
      try saved.save(opened.database)
      try add("bob", to: opened.database)
    }
    try damage()
    do {
      let opened = try saved.open()
      #expect(try ids(opened) == ["ann"])
      #expect(opened.notice == "was damaged and is kept as \(path).damaged-1: an earlier copy is in use")
      #expect(try StateFile.read("\(path).damaged-1") == [UInt8](repeating: 0x55, count: 8_192))
      // From now on it is one like any other.
      try add("cid", to: opened.database)
      try saved.save(opened.database)
    }
    #expect(try saved.open().notice == nil)
  }

  /// A power cut between the two, or a file system that was mended by leaving the file out.
  @Test(arguments: [true, false]) func oneThatIsGoneIsBroughtBackFromItsCopy(isEmpty: Bool) throws {
    do {
      let opened = try saved.open()
      try add("ann", to: opened.database)
      try saved.save(opened.database)
    }
    for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
    if isEmpty { try StateFile.replace(path, with: [], mode: 0o600) }
    let opened = try saved.open()
    #expect(try ids(opened) == ["ann"])
    #expect(opened.notice == "was gone: an earlier copy is in use")
    #expect(!Files.exists("\(path).damaged-1"))
  }

  @Test func aFullDiskOpensAndReads() throws {
    do {
      let opened = try saved.open()
      try add("ann", to: opened.database)
    }
    // As after a clean end: nothing but the file itself is there, and nothing beside it is made.
    let opened = try saved.open()
    #expect(!Files.exists("\(path)-shm"))
    #expect(try ids(opened) == ["ann"])
  }

  @Test func aFaultOfTheDiskLastsUntilSomethingIsStored() throws {
    let opened = try saved.open()
    let database = opened.database
    try database.run("PRAGMA max_page_count = 1") { _ in }
    for number in 0..<500 where database.fault == nil { try? add("user\(number)", to: database) }
    #expect(database.fault == "disk full")
    // To begin and to read store nothing.
    #expect(throws: DatabaseError.self) {
      try database.transaction { () throws(DatabaseError) in
        _ = try UserStore(database: database).count()
        throw DatabaseError.constraint("a test")
      }
    }
    #expect(database.fault == "disk full")
    try database.run("PRAGMA max_page_count = 100000") { _ in }
    try database.transaction { () throws(DatabaseError) in
      try database.run("UPDATE users SET administrator = 1")
    }
    #expect(database.fault == nil)
  }

  @Test func thatNoCopyCanBeMadeIsTold() throws {
    let opened = try saved.open()
    let care = StoreCare(opened, saved)
    var told: [String?] = []
    care.watch { condition, fault in if condition == .database { told.append(fault) } }
    try StateFile.makeDirectory("\(path).saved.new/in the way", mode: 0o700)
    try add("ann", to: opened.database)
    care.save()
    care.save()
    #expect(told.count == 2 && told.last??.hasPrefix("no copy can be made: ") == true)
    rmdir("\(path).saved.new/in the way")
    rmdir("\(path).saved.new")
    care.save()
    #expect(told.count == 3 && told.last == .some(nil))
  }

  @Test func withoutACopyItBeginsEmptyAndSaysSo() throws {
    try damage()
    let opened = try saved.open()
    #expect(try ids(opened).isEmpty)
    #expect(
      opened.notice == "was damaged and is kept as \(path).damaged-1, and there is no copy: all accounts are gone")
  }

  @Test func aCopyThatIsDamagedTooIsNotUsed() throws {
    try damage()
    try StateFile.replace("\(path).saved", with: [UInt8](repeating: 7, count: 5_000), mode: 0o600)
    #expect(try ids(saved.open()).isEmpty)
  }

  /// Its pages are sound, and what they hold is not ours.
  @Test func aDatabaseOfSomethingElseIsDamageToo() throws {
    do {
      let opened = try saved.open()
      try opened.database.execute(script: "DROP TABLE sessions; CREATE TABLE music (title TEXT);")
    }
    #expect(try saved.open().notice != nil)
  }

  @Test func aLaterReleasesIsLeftAlone() throws {
    do {
      let opened = try saved.open()
      try opened.database.run("PRAGMA user_version = 1000")
    }
    #expect(throws: DatabaseError.self) { _ = try saved.open() }
    #expect(!Files.exists("\(path).damaged-1"))
  }

  @Test func onlySoManyDamagedOnesAreKeptAndTheOldestGoes() throws {
    for byte in UInt8(1)...5 {
      try damage(byte)
      _ = try saved.open()
    }
    let kept = try (1...3).map { try StateFile.read("\(path).damaged-\($0)")?.first }
    #expect(kept == [3, 4, 5])
    #expect(!Files.exists("\(path).damaged-4"))
  }

  @Test func aCopyIsMadeOnlyOfWhatHasChanged() throws {
    let opened = try saved.open()
    let care = StoreCare(opened, saved)
    care.save()
    #expect(Files.exists("\(path).saved"))
    unlink("\(path).saved")
    care.save()
    #expect(!Files.exists("\(path).saved"))
    try add("ann", to: opened.database)
    care.save()
    #expect(Files.exists("\(path).saved"))
  }

  @Test func aFullDiskIsToldAndItsEndToo() throws {
    let opened = try saved.open()
    let care = StoreCare(opened, saved)
    var told: [String?] = []
    care.watch { condition, fault in if condition == .storage { told.append(fault) } }
    #expect(told == [nil])
    // SQLite's own bound on the file answers as a full disk does.
    try opened.database.run("PRAGMA max_page_count = 1") { _ in }
    var error: DatabaseError?
    for number in 0..<500 where error == nil {
      do { try add("user\(number)", to: opened.database) } catch let thrown { error = thrown as? DatabaseError }
    }
    #expect(error?.isOfTheDisk == true)
    #expect(error.map { Accounts.internalError($0).code } == .storage)
    #expect(told == [nil, "disk full"])
    #expect(care.isReadable())
    try opened.database.run("PRAGMA max_page_count = 100000") { _ in }
    try add("ann", to: opened.database)
    #expect(told == [nil, "disk full", nil])
  }

  @Test func whatCannotBeReadIsNoSignOfLife() throws {
    let opened = try saved.open()
    let care = StoreCare(opened, saved)
    #expect(care.isReadable())
    try opened.database.execute(script: "DROP TABLE sessions; DROP TABLE users;")
    #expect(!care.isReadable())
  }
}
