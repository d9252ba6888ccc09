import Linux

/// An account as it is stored.
struct StoredUser: Equatable {
  var id: String
  var displayName: String
  var administrator: Bool
  var created: WallTime
}

/// The table of accounts.
struct UserStore {
  let database: Database

  /// Throws `constraint` where the id is taken.
  func insert(_ user: StoredUser, passwordHash: String) throws(DatabaseError) {
    try database.run(
      "INSERT INTO users (id, display_name, password, administrator, created) VALUES (?, ?, ?, ?, ?)",
      [
        .text(user.id), .text(user.displayName), .text(passwordHash), .integer(user.administrator ? 1 : 0),
        .integer(user.created.milliseconds),
      ])
  }

  func user(_ id: String) throws(DatabaseError) -> StoredUser? {
    var found: StoredUser?
    try database.run(
      "SELECT id, display_name, administrator, created FROM users WHERE id = ?", [.text(id)]
    ) { row throws(DatabaseError) in found = try Self.user(row) }
    return found
  }

  /// All accounts in the order of their registration.
  func all() throws(DatabaseError) -> [StoredUser] {
    var users: [StoredUser] = []
    try database.run("SELECT id, display_name, administrator, created FROM users ORDER BY number") {
      row throws(DatabaseError) in users.append(try Self.user(row))
    }
    return users
  }

  func count() throws(DatabaseError) -> Int {
    var count = 0
    try database.run("SELECT count(*) FROM users") { row throws(DatabaseError) in count = Int(try row.integer(0)) }
    return count
  }

  /// The encoded Argon2id hash; nil for an unknown id.
  func passwordHash(of id: String) throws(DatabaseError) -> String? {
    var hash: String?
    try database.run("SELECT password FROM users WHERE id = ?", [.text(id)]) {
      row throws(DatabaseError) in hash = try row.text(0)
    }
    return hash
  }

  func makeAdministrator(_ id: String) throws(DatabaseError) {
    try database.run("UPDATE users SET administrator = 1 WHERE id = ?", [.text(id)])
  }

  private static func user(_ row: Row) throws(DatabaseError) -> StoredUser {
    StoredUser(
      id: try row.text(0), displayName: try row.text(1), administrator: try row.integer(2) != 0,
      created: WallTime(milliseconds: try row.integer(3)))
  }
}
