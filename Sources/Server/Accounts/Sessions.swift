import Glibc
import Linux
import Signaling

/// Who is signed in. The table in memory answers every request; the store keeps it over a restart. A session is found by
/// the SHA-256 of its token, so neither the store nor a memory dump holds anything that signs in.
final class Sessions {
  static let tokenBytes = 16
  /// One user's sessions; the one unused longest gives way.
  static let mostPerUser = 20
  /// How often what changes by itself (last seen, age) is written.
  static let savePeriod = Interval.seconds(300)

  private let store: SessionStore
  private let lifetime: Interval
  private let boot: String
  private var sessions: [[UInt8]: StoredSession] = [:]
  private var unsaved: Set<[UInt8]> = []
  /// Over, and still in the store because it could not be written.
  private var undeleted: Set<[UInt8]> = []

  /// Takes over what the store has. Ages go on: by the monotonic clock within one boot, from the stored age after another.
  init(store: SessionStore, lifetime: Interval, boot: String, now: MonotonicTime) throws(DatabaseError) {
    self.store = store
    self.lifetime = lifetime
    self.boot = boot
    for var session in try store.all() {
      if session.boot == boot, session.agedAt <= now {
        session.age = Self.age(session, now)
      }
      session.agedAt = now
      session.boot = boot
      sessions[session.tokenHash] = session
    }
  }

  /// The boot that the monotonic clock counts from.
  static func currentBoot() -> String {
    let bytes = (try? StateFile.read("/proc/sys/kernel/random/boot_id", atMost: 128)) ?? []
    return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }

  var count: Int { sessions.count }

  /// A new session; the token goes into the cookie and nowhere else.
  func begin(user: UserID, device: String, now: Moment) throws(DatabaseError) -> (token: Secret, ended: [SessionID]) {
    var ended: [SessionID] = []
    let own = sessions.values.filter { $0.user == user.rawValue }.sorted { $0.lastSeen < $1.lastSeen }
    for oldest in own.prefix(max(0, own.count - Self.mostPerUser + 1)) {
      remove(oldest)
      ended.append(SessionID(oldest.id))
    }
    let token = Random.bytes(Self.tokenBytes)
    let session = StoredSession(
      tokenHash: Digest.sha256(token), id: Base64URL.encode(Random.bytes(9)), user: user.rawValue, device: device,
      created: now.wall, lastSeen: now.wall, age: .zero, agedAt: now.monotonic, boot: boot)
    try store.insert(session)
    sessions[session.tokenHash] = session
    return (Secret(Base64URL.encode(token)), ended)
  }

  /// Whose token this is; nil for an unknown or expired one.
  func identity(token: String, now: Moment) -> Identity? {
    guard token.utf8.count <= 64, let bytes = Base64URL.decode(token), bytes.count == Self.tokenBytes else {
      return nil
    }
    let hash = Digest.sha256(bytes)
    guard let session = sessions[hash], Self.age(session, now.monotonic) < lifetime else { return nil }
    if session.lastSeen != now.wall {
      sessions[hash]?.lastSeen = now.wall
      unsaved.insert(hash)
    }
    return Identity(user: UserID(session.user), session: SessionID(session.id))
  }

  /// Whether a session is still one.
  func isLive(_ identity: Identity, now: Moment) -> Bool {
    sessions.values.contains {
      $0.id == identity.session.rawValue && $0.user == identity.user.rawValue
        && Self.age($0, now.monotonic) < lifetime
    }
  }

  /// The user's own sessions, the newest first.
  func views(of identity: Identity) -> [SessionView] {
    sessions.values.filter { $0.user == identity.user.rawValue }
      .sorted { ($0.created, $0.id) > ($1.created, $1.id) }
      .map {
        SessionView(
          id: SessionID($0.id), created: $0.created.milliseconds, lastSeen: $0.lastSeen.milliseconds,
          device: $0.device, current: $0.id == identity.session.rawValue)
      }
  }

  /// Ends one session of a user. False if the user has no such session.
  func end(_ id: SessionID, of user: UserID) -> Bool {
    guard let session = sessions.values.first(where: { $0.id == id.rawValue && $0.user == user.rawValue }) else {
      return false
    }
    remove(session)
    return true
  }

  /// Ends those whose time is over.
  func expire(now: MonotonicTime) -> [SessionID] {
    let over = sessions.values.filter { Self.age($0, now) >= lifetime }
    for session in over { remove(session) }
    return over.map { SessionID($0.id) }
  }

  /// Writes what has changed by itself. At the end of the process `all` writes every age.
  func save(now: MonotonicTime, all: Bool = false) throws(DatabaseError) {
    let changed = all ? Array(sessions.keys) : Array(unsaved)
    for hash in changed {
      guard let session = sessions[hash] else { continue }
      sessions[hash]?.age = Self.age(session, now)
      sessions[hash]?.agedAt = now
    }
    try deleteFromStore()
    try store.update(changed.compactMap { sessions[$0] })
    unsaved = []
  }

  /// It is over at once, whatever the disk says: a phone that was stolen must not stay signed in because it is full.
  private func remove(_ session: StoredSession) {
    sessions[session.tokenHash] = nil
    unsaved.remove(session.tokenHash)
    undeleted.insert(session.tokenHash)
    do throws(DatabaseError) { try deleteFromStore() } catch { Log.error("store: \(error)") }
  }

  private func deleteFromStore() throws(DatabaseError) {
    for hash in undeleted {
      try store.delete(tokenHash: hash)
      undeleted.remove(hash)
    }
  }

  private static func age(_ session: StoredSession, _ now: MonotonicTime) -> Interval {
    session.age + max(.zero, now - session.agedAt)
  }
}
