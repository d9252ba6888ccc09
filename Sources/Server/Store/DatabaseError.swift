import CSQLite

/// Why the store could not do something. For the log; a client only ever sees `internal`.
public enum DatabaseError: Error, Equatable, Sendable {
  /// The file is there but is no sound database.
  case damaged(path: String, detail: String)
  /// Written by a later release of fieldbox.
  case tooNew(path: String, version: Int, newestKnown: Int)
  /// SQLite refused: its result code, its words, and the statement.
  case failed(code: Int32, detail: String, statement: String)
  /// A value that breaks a UNIQUE or CHECK rule of the schema.
  case constraint(String)
  /// A column that holds another type than the code expects.
  case unexpectedValue(column: Int, expected: String)
}

extension DatabaseError {
  /// What is in the file is not what was written, and another file would do. Values and tables that nobody wrote count.
  var isDamage: Bool {
    switch self {
    case .damaged, .constraint, .unexpectedValue: true
    case .tooNew: false
    case .failed(let code, _, _):
      // No such table or column; pages that the disk cannot give any more: SQLITE_IOERR_READ, _DATA, _CORRUPTFS.
      code & 0xff == SQLITE_ERROR || [1, 32, 33].map { SQLITE_IOERR | $0 << 8 }.contains(code)
    }
  }

  /// Nothing can be stored, whatever it is.
  var isOfTheDisk: Bool {
    guard case .failed(let code, _, _) = self else { return false }
    return [SQLITE_FULL, SQLITE_READONLY, SQLITE_IOERR, SQLITE_CANTOPEN].contains(code & 0xff)
  }
}

extension DatabaseError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .damaged(let path, let detail):
      "the database \(path) is damaged: \(detail)"
    case .tooNew(let path, let version, let newest):
      "the database \(path) has version \(version), this release knows up to \(newest)"
    case .failed(let code, let detail, let statement): "SQLite \(code): \(detail), in “\(statement)”"
    case .constraint(let detail): "the database refused a value: \(detail)"
    case .unexpectedValue(let column, let expected): "column \(column) of a row: expected \(expected)"
    }
  }
}
