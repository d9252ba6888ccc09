import CSQLite

/// A value bound to a statement.
enum SQLValue {
  case integer(Int64)
  case text(String)
  case blob([UInt8])
}

/// One SQLite connection. Statements are literals (`StaticString`), so no text from outside can become SQL; they
/// are prepared once and kept. Used from one thread.
final class Database {
  let path: String
  private let handle: OpaquePointer
  private var statements: [String: OpaquePointer] = [:]
  /// Why nothing can be stored now, in words; nil while it can.
  private(set) var fault: String?
  /// Called when ``fault`` has changed.
  var faultChanged: () -> Void = {}

  /// Opens or creates the file: write-ahead log, and each commit on the disk before it is acknowledged.
  init(path: String) throws(DatabaseError) {
    self.path = path
    var opened: OpaquePointer?
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
    let code = sqlite3_open_v2(path, &opened, flags, nil)
    guard code == SQLITE_OK, let opened else {
      let detail = opened.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
      sqlite3_close_v2(opened)
      throw .failed(code: code, detail: detail, statement: "open \(path)")
    }
    handle = opened
    do {
      // Nobody else reads it, and the index that is shared otherwise cannot be made on a full disk.
      try run("PRAGMA locking_mode = EXCLUSIVE")
      try run("PRAGMA journal_mode = WAL")
      try run("PRAGMA synchronous = FULL")
      try run("PRAGMA foreign_keys = ON")
      try run("PRAGMA cache_size = -256")
      try run("PRAGMA trusted_schema = OFF")
      try check()
    } catch {
      throw Self.asDamage(error, path)
    }
  }

  /// Every page is sound.
  func check() throws(DatabaseError) {
    var report = ""
    try run("PRAGMA quick_check(1)") { row throws(DatabaseError) in report = try row.text(0) }
    guard report == "ok" else { throw DatabaseError.damaged(path: path, detail: report) }
  }

  deinit {
    for statement in statements.values { sqlite3_finalize(statement) }
    sqlite3_close_v2(handle)
  }

  /// Runs one statement to its end and hands each row over.
  func run(
    _ sql: StaticString, _ values: [SQLValue] = [], each: (Row) throws(DatabaseError) -> Void = { _ in }
  ) throws(DatabaseError) {
    let statement = try prepared(sql)
    defer {
      sqlite3_reset(statement)
      sqlite3_clear_bindings(statement)
    }
    for (index, value) in values.enumerated() {
      let code = Self.bind(value, to: statement, at: Int32(truncatingIfNeeded: index &+ 1))
      guard code == SQLITE_OK else { throw failure(code, "\(sql)") }
    }
    while true {
      let code = sqlite3_step(statement)
      switch code {
      case SQLITE_ROW: try each(Row(statement: statement))
      case SQLITE_DONE:
        // Inside a transaction nothing is stored yet.
        if fault != nil, sqlite3_stmt_readonly(statement) == 0, sqlite3_get_autocommit(handle) != 0 { set(fault: nil) }
        return
      default: throw failure(code, "\(sql)")
      }
    }
  }

  /// All of `body` or nothing of it.
  func transaction(_ body: () throws(DatabaseError) -> Void) throws(DatabaseError) {
    try run("BEGIN IMMEDIATE")
    do {
      try body()
      try run("COMMIT")
      set(fault: nil)
    } catch {
      try? run("ROLLBACK")
      throw error
    }
  }

  /// Several statements at once, for migrations only.
  func execute(script: StaticString) throws(DatabaseError) {
    let code = sqlite3_exec(handle, "\(script)", nil, nil, nil)
    guard code == SQLITE_OK else { throw failure(code, "\(script)") }
  }

  private func prepared(_ sql: StaticString) throws(DatabaseError) -> OpaquePointer {
    let text = "\(sql)"
    if let statement = statements[text] { return statement }
    var statement: OpaquePointer?
    let code = sqlite3_prepare_v3(handle, text, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
    guard code == SQLITE_OK, let statement else { throw failure(code, text) }
    statements[text] = statement
    return statement
  }

  private static func bind(_ value: SQLValue, to statement: OpaquePointer, at index: Int32) -> Int32 {
    switch value {
    case .integer(let number): sqlite3_bind_int64(statement, index, number)
    case .text(let text): fieldbox_sqlite3_bind_text(statement, index, text, Int32(clamping: text.utf8.count))
    case .blob(let bytes): fieldbox_sqlite3_bind_blob(statement, index, bytes, Int32(clamping: bytes.count))
    }
  }

  /// How many rows have been changed so far.
  var changes: Int { Int(sqlite3_total_changes(handle)) }

  private func set(fault: String?) {
    guard fault != self.fault else { return }
    self.fault = fault
    faultChanged()
  }

  private func failure(_ code: Int32, _ statement: String) -> DatabaseError {
    let detail = String(cString: sqlite3_errmsg(handle))
    switch code & 0xff {
    case SQLITE_FULL: set(fault: "disk full")
    case SQLITE_READONLY: set(fault: "disk cannot be written")
    case SQLITE_IOERR, SQLITE_CANTOPEN: set(fault: "disk fails")
    default: break
    }
    switch code & 0xff {
    case SQLITE_CONSTRAINT: return .constraint(detail)
    case SQLITE_CORRUPT, SQLITE_NOTADB: return .damaged(path: path, detail: detail)
    default: return .failed(code: code, detail: detail, statement: statement)
    }
  }

  /// What goes wrong while the pragmas are read is damage only where SQLite says so.
  private static func asDamage(_ error: any Error, _ path: String) -> DatabaseError {
    error as? DatabaseError ?? .damaged(path: path, detail: "\(error)")
  }
}

/// One row, valid only while it is handed over.
struct Row {
  fileprivate let statement: OpaquePointer

  func integer(_ column: Int) throws(DatabaseError) -> Int64 {
    let index = Int32(truncatingIfNeeded: column)
    guard sqlite3_column_type(statement, index) == SQLITE_INTEGER else {
      throw .unexpectedValue(column: column, expected: "an integer")
    }
    return sqlite3_column_int64(statement, index)
  }

  func text(_ column: Int) throws(DatabaseError) -> String {
    let index = Int32(truncatingIfNeeded: column)
    guard sqlite3_column_type(statement, index) == SQLITE_TEXT, let start = sqlite3_column_text(statement, index) else {
      throw .unexpectedValue(column: column, expected: "text")
    }
    let bytes = UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, index)))
    return String(decoding: bytes, as: UTF8.self)
  }

  func blob(_ column: Int) throws(DatabaseError) -> [UInt8] {
    let index = Int32(truncatingIfNeeded: column)
    guard sqlite3_column_type(statement, index) == SQLITE_BLOB else {
      throw .unexpectedValue(column: column, expected: "a blob")
    }
    guard let start = sqlite3_column_blob(statement, index) else { return [] }
    return [UInt8](UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, index))))
  }
}
