import Linux

/// A session as it is stored. Its age runs on the monotonic clock, because the wall clock of a board without a battery
/// jumps: the age so far, and when within which boot it was taken. Time without power does not age a session.
struct StoredSession: Equatable {
  /// SHA-256 of the token; the token itself is only in the cookie.
  var tokenHash: [UInt8]
  /// The name under which other devices of the user see and end it.
  var id: String
  var user: String
  /// "Chrome on Android", from the User-Agent.
  var device: String
  var created: WallTime
  var lastSeen: WallTime
  var age: Interval
  var agedAt: MonotonicTime
  var boot: String
}

/// The table of sessions.
struct SessionStore {
  let database: Database

  func insert(_ session: StoredSession) throws(DatabaseError) {
    try database.run(
      """
      INSERT INTO sessions
        (token_hash, id, user_id, device, created, last_seen, age_milliseconds, aged_at_microseconds, boot)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      [
        .blob(session.tokenHash), .text(session.id), .text(session.user), .text(session.device),
        .integer(session.created.milliseconds), .integer(session.lastSeen.milliseconds),
        .integer(session.age.milliseconds), .integer(session.agedAt.microseconds), .text(session.boot),
      ])
  }

  func all() throws(DatabaseError) -> [StoredSession] {
    var sessions: [StoredSession] = []
    try database.run(
      """
      SELECT token_hash, id, user_id, device, created, last_seen, age_milliseconds, aged_at_microseconds, boot
      FROM sessions
      """
    ) { row throws(DatabaseError) in
      sessions.append(
        StoredSession(
          tokenHash: try row.blob(0), id: try row.text(1), user: try row.text(2), device: try row.text(3),
          created: WallTime(milliseconds: try row.integer(4)), lastSeen: WallTime(milliseconds: try row.integer(5)),
          age: .milliseconds(try row.integer(6)), agedAt: MonotonicTime(microseconds: try row.integer(7)),
          boot: try row.text(8)))
    }
    return sessions
  }

  /// Writes what changes while a session lives.
  func update(_ sessions: [StoredSession]) throws(DatabaseError) {
    guard !sessions.isEmpty else { return }
    try database.transaction { () throws(DatabaseError) in
      for session in sessions {
        try database.run(
          """
          UPDATE sessions SET last_seen = ?, age_milliseconds = ?, aged_at_microseconds = ?, boot = ?
          WHERE token_hash = ?
          """,
          [
            .integer(session.lastSeen.milliseconds), .integer(session.age.milliseconds),
            .integer(session.agedAt.microseconds), .text(session.boot), .blob(session.tokenHash),
          ])
      }
    }
  }

  func delete(tokenHash: [UInt8]) throws(DatabaseError) {
    try database.run("DELETE FROM sessions WHERE token_hash = ?", [.blob(tokenHash)])
  }
}
