/// The schema, as the steps that lead to it. `user_version` counts the steps a file has taken. A step that has been
/// released is never edited: a change is a new step.
enum Migrations {
  static let steps: [StaticString] = [
    // 1: accounts and sessions.
    """
    CREATE TABLE users (
      number INTEGER PRIMARY KEY,
      id TEXT UNIQUE NOT NULL CHECK (length(id) BETWEEN 2 AND 32),
      display_name TEXT NOT NULL CHECK (length(display_name) >= 1),
      password TEXT NOT NULL,
      administrator INTEGER NOT NULL DEFAULT 0 CHECK (administrator IN (0, 1)),
      created INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE sessions (
      token_hash BLOB PRIMARY KEY NOT NULL CHECK (length(token_hash) = 32),
      id TEXT UNIQUE NOT NULL,
      user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
      device TEXT NOT NULL,
      created INTEGER NOT NULL,
      last_seen INTEGER NOT NULL,
      age_milliseconds INTEGER NOT NULL,
      aged_at_microseconds INTEGER NOT NULL,
      boot TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX sessions_by_user ON sessions (user_id);
    """
  ]

  /// Brings a file to the newest version, or to `target` in a test. Each step is one transaction with its number.
  static func apply(to database: Database, upTo target: Int = steps.count) throws(DatabaseError) {
    var version = 0
    try database.run("PRAGMA user_version") { row throws(DatabaseError) in version = Int(try row.integer(0)) }
    guard version <= steps.count, version >= 0 else {
      throw .tooNew(path: database.path, version: version, newestKnown: steps.count)
    }
    for (index, step) in steps.enumerated() where index >= version && index < target {
      try database.transaction { () throws(DatabaseError) in
        try database.execute(script: step)
        try setVersion(index + 1, in: database)
      }
    }
  }

  /// `PRAGMA user_version` takes no bound value, so the few numbers there are stand as literals.
  private static func setVersion(_ version: Int, in database: Database) throws(DatabaseError) {
    let statements: [Int: StaticString] = [
      1: "PRAGMA user_version = 1", 2: "PRAGMA user_version = 2", 3: "PRAGMA user_version = 3",
      4: "PRAGMA user_version = 4", 5: "PRAGMA user_version = 5", 6: "PRAGMA user_version = 6",
    ]
    guard let statement = statements[version] else {
      throw .failed(code: 0, detail: "no statement sets version \(version)", statement: "PRAGMA user_version")
    }
    try database.run(statement)
  }
}
