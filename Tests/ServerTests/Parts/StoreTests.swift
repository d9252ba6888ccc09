import CSQLite
import Linux
import TestSupport
import Testing

@testable import Server

@Suite struct StoreTests {
  private let directory: ScratchDirectory
  private var path: String { "\(directory.path)/test.db" }

  init() throws { directory = try ScratchDirectory() }

  @Test(arguments: 0...Migrations.steps.count)
  func everyVersionIsBroughtToTheNewest(_ version: Int) throws {
    do {
      let old = try Database(path: path)
      try Migrations.apply(to: old, upTo: version)
      #expect(try number("PRAGMA user_version", old) == version)
      if version >= 1 {
        try old.run(
          "INSERT INTO users (id, display_name, password, created) VALUES (?, ?, ?, ?)",
          [.text("anna"), .text("Anna"), .text("hash"), .integer(1)])
      }
    }
    let database = try Database(path: path)
    try Migrations.apply(to: database)
    #expect(try number("PRAGMA user_version", database) == Migrations.steps.count)
    let users = try UserStore(database: database).all()
    #expect(users.map(\.id) == (version >= 1 ? ["anna"] : []))
    // And again, which changes nothing.
    try Migrations.apply(to: database)
    #expect(try SessionStore(database: database).all().isEmpty)
  }

  @Test func aNewerFileIsRefused() throws {
    let database = try Database(path: path)
    try database.run("PRAGMA user_version = 1000")
    #expect(throws: DatabaseError.tooNew(path: path, version: 1000, newestKnown: Migrations.steps.count)) {
      try Migrations.apply(to: database)
    }
  }

  @Test func theLogIsWrittenAheadAndSynced() throws {
    let database = try Database(path: path)
    var mode = ""
    try database.run("PRAGMA journal_mode") { row throws(DatabaseError) in mode = try row.text(0) }
    #expect(mode == "wal")
    #expect(try number("PRAGMA synchronous", database) == 2)
    #expect(try number("PRAGMA foreign_keys", database) == 1)
  }

  @Test func aDamagedFileIsRefusedAndLeftAsItIs() throws {
    do {
      let database = try Database(path: path)
      try Migrations.apply(to: database)
      for number in 0..<200 {
        try UserStore(database: database).insert(user("user\(number)"), passwordHash: "hash")
      }
      try database.run("PRAGMA wal_checkpoint(TRUNCATE)") { _ in }
    }
    var bytes = try #require(try StateFile.read(path))
    for at in stride(from: 4096, to: bytes.count, by: 7) { bytes[at] ^= 0xa5 }
    try StateFile.replace(path, with: bytes, mode: 0o600)
    #expect(performing: { _ = try Database(path: path) }, throws: { Self.isDamage($0) })
    #expect(try StateFile.read(path) == bytes)
  }

  @Test(arguments: [
    "not a database at all, but some text that is long enough to be read as a head", "SQLite format 3\u{0}",
  ])
  func aFileThatIsNoDatabaseIsRefused(_ text: String) throws {
    let bytes = Array(text.utf8) + [UInt8](repeating: 1, count: 200)
    try StateFile.replace(path, with: bytes, mode: 0o600)
    #expect(performing: { _ = try Database(path: path) }, throws: { Self.isDamage($0) })
    #expect(try StateFile.read(path) == bytes)
  }

  @Test(arguments: ["x'; DROP TABLE users; --", "__proto__", "“quoted”", "a\u{0}b", "日本語"])
  func textsStayTexts(_ text: String) throws {
    let database = try Database(path: path)
    try Migrations.apply(to: database)
    let store = UserStore(database: database)
    var stored = user("anna")
    stored.displayName = text
    try store.insert(stored, passwordHash: text)
    #expect(try store.user("anna") == stored)
    #expect(try store.passwordHash(of: "anna") == text)
    #expect(try store.user(text) == nil)
  }

  @Test func anIDIsStoredOnce() throws {
    let database = try Database(path: path)
    try Migrations.apply(to: database)
    let store = UserStore(database: database)
    try store.insert(user("anna"), passwordHash: "first")
    let second = Result { () throws(any Error) in try store.insert(user("anna"), passwordHash: "second") }
    #expect(second.isConstraint)
    #expect(try store.passwordHash(of: "anna") == "first")
    #expect(try store.count() == 1)
  }

  @Test func usersComeInTheOrderOfTheirRegistration() throws {
    let database = try Database(path: path)
    try Migrations.apply(to: database)
    let store = UserStore(database: database)
    for id in ["zoe", "anna", "mia"] { try store.insert(user(id), passwordHash: "hash") }
    try store.makeAdministrator("mia")
    #expect(try store.all().map(\.id) == ["zoe", "anna", "mia"])
    #expect(try store.all().map(\.administrator) == [false, false, true])
  }

  @Test func aTransactionIsWholeOrNothing() throws {
    let database = try Database(path: path)
    try Migrations.apply(to: database)
    let store = UserStore(database: database)
    #expect(throws: DatabaseError.self) {
      try database.transaction { () throws(DatabaseError) in
        try store.insert(user("anna"), passwordHash: "hash")
        try store.insert(user("anna"), passwordHash: "hash")
      }
    }
    #expect(try store.count() == 0)
  }

  @Test func aColumnOfAnotherTypeIsAnError() throws {
    let database = try Database(path: path)
    #expect(throws: DatabaseError.unexpectedValue(column: 0, expected: "an integer")) {
      try database.run("SELECT 'text'") { row throws(DatabaseError) in _ = try row.integer(0) }
    }
    #expect(throws: DatabaseError.unexpectedValue(column: 3, expected: "text")) {
      try database.run("SELECT 1") { row throws(DatabaseError) in _ = try row.text(3) }
    }
  }

  private func user(_ id: String) -> StoredUser {
    StoredUser(id: id, displayName: id, administrator: false, created: WallTime(milliseconds: 5))
  }

  private func number(_ sql: StaticString, _ database: Database) throws -> Int {
    var found = -1
    try database.run(sql) { row throws(DatabaseError) in found = Int(try row.integer(0)) }
    return found
  }

  private static func isDamage(_ error: any Error) -> Bool {
    if case DatabaseError.damaged = error { true } else { false }
  }
}

extension Result where Success == Void, Failure == any Error {
  /// A row that must be the only one was there already.
  fileprivate var isConstraint: Bool {
    if case .failure(let error) = self, case .constraint = error as? DatabaseError { true } else { false }
  }
}
