import Glibc
import Linux
import TestSupport
import Testing

@testable import Server

/// A disk that cannot be written: the box goes on with a copy.
@Suite struct VolatileDatabaseTests {
  private func add(_ id: String, to database: Database) throws {
    try UserStore(database: database).insert(
      StoredUser(id: id, displayName: id, administrator: false, created: WallTime(milliseconds: 1)),
      passwordHash: "hash")
  }

  private func ids(_ database: Database) throws -> [String] { try UserStore(database: database).all().map(\.id) }

  @Test func theCopyHasEverythingAlsoWhatIsInTheLogAndOutlivesTheServer() throws {
    let directory = try ScratchDirectory()
    let saved = SavedDatabase(path: "\(directory.path)/fieldbox.db")
    let original = try saved.open().database
    try add("ann", to: original)
    // Still in the log: the original is open.
    #expect(Files.exists("\(saved.path)-wal"))
    let volatile = VolatileDatabase(path: saved.path, folder: directory.path)
    do {
      let copy = try volatile.open()
      #expect(try ids(copy) == ["ann"])
      try add("ben", to: copy)
    }
    #expect(try ids(volatile.open()) == ["ann", "ben"], "the next server finds what the one before did")
    #expect(try ids(original) == ["ann"])
  }

  @Test func anEmptyBoxHasAnEmptyCopy() throws {
    let directory = try ScratchDirectory()
    let copy = try VolatileDatabase(path: "\(directory.path)/none.db", folder: directory.path).open()
    #expect(try ids(copy).isEmpty)
  }

  @Test func whatAnotherHasPutThereIsNotUsed() throws {
    let directory = try ScratchDirectory()
    let volatile = VolatileDatabase(path: "\(directory.path)/fieldbox.db", folder: directory.path)
    _ = try volatile.open()
    let place = try #require(Files.names(in: directory.path).first { $0.hasPrefix("fieldbox-") })
    chmod("\(directory.path)/\(place)", 0o777)
    #expect(throws: DatabaseError.self) { try volatile.open() }
  }

  @Test func onlyADiskThatCannotBeWrittenIsReadOnly() throws {
    let directory = try ScratchDirectory()
    #expect(!VolatileDatabase.isReadOnly("\(directory.path)/fieldbox.db"))
    #expect(!VolatileDatabase.isReadOnly("/no/such/place/fieldbox.db"))
  }
}
