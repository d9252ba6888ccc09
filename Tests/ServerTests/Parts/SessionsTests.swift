import Linux
import Signaling
import TestSupport
import Testing

@testable import Server

@Suite struct SessionsTests {
  private let directory: ScratchDirectory
  private let database: Database
  private let store: SessionStore
  private static let start = MonotonicTime(microseconds: 1_000_000_000)

  init() throws {
    directory = try ScratchDirectory()
    database = try Database(path: "\(directory.path)/test.db")
    try Migrations.apply(to: database)
    for id in ["anna", "ben"] {
      let user = StoredUser(id: id, displayName: id, administrator: false, created: WallTime(milliseconds: 0))
      try UserStore(database: database).insert(user, passwordHash: "hash")
    }
    store = SessionStore(database: database)
  }

  private func sessions(boot: String = "first", now: Moment = at(0)) throws -> Sessions {
    try Sessions(store: store, lifetime: .seconds(100), boot: boot, now: now.monotonic)
  }

  private static func at(_ seconds: Int64, wall: Int64 = 1_700_000_000_000) -> Moment {
    Moment(monotonic: start + .seconds(seconds), wall: WallTime(milliseconds: wall + seconds * 1000))
  }

  @Test func aTokenSignsInUntilItsTimeIsOver() throws {
    let sessions = try sessions()
    let token = try sessions.begin(user: UserID("anna"), device: "test", now: Self.at(0)).token.revealed
    #expect(sessions.identity(token: token, now: Self.at(99))?.user == UserID("anna"))
    #expect(sessions.identity(token: token, now: Self.at(100)) == nil)
    #expect(sessions.expire(now: Self.at(100).monotonic).count == 1)
    #expect(try store.all().isEmpty)
  }

  /// Whoever lost a phone ends its session, full disk or not, and it is out of the store as soon as that can be written.
  @Test func aSessionIsEndedAlsoWhenTheStoreCannotBeWritten() throws {
    let sessions = try sessions()
    let token = try sessions.begin(user: UserID("anna"), device: "test", now: Self.at(0)).token.revealed
    let identity = try #require(sessions.identity(token: token, now: Self.at(1)))
    try database.run("PRAGMA query_only = ON")
    #expect(sessions.end(identity.session, of: identity.user))
    #expect(sessions.identity(token: token, now: Self.at(2)) == nil)
    #expect(try store.all().count == 1)
    try database.run("PRAGMA query_only = OFF")
    try sessions.save(now: Self.at(3).monotonic)
    #expect(try store.all().isEmpty)
  }

  @Test func aSessionEndsAlsoWhenTheStoreCannotBeWritten() throws {
    let sessions = try sessions()
    let token = try sessions.begin(user: UserID("anna"), device: "test", now: Self.at(0)).token.revealed
    try database.run("PRAGMA query_only = ON")
    #expect(sessions.expire(now: Self.at(100).monotonic).count == 1)
    #expect(sessions.count == 0)
    #expect(sessions.expire(now: Self.at(200).monotonic).isEmpty, "told once")
    // The store still has it, and its age.
    let again = try self.sessions(now: Self.at(201))
    #expect(again.count == 1)
    #expect(again.identity(token: token, now: Self.at(201)) == nil)
  }

  @Test func aJumpOfTheWallClockDoesNotEndASession() throws {
    let sessions = try sessions()
    let token = try sessions.begin(user: UserID("anna"), device: "test", now: Self.at(0)).token.revealed
    #expect(sessions.identity(token: token, now: Self.at(50, wall: 2_000_000_000_000)) != nil)
    #expect(sessions.identity(token: token, now: Self.at(51, wall: 0)) != nil)
  }

  @Test func theTokenIsNotInTheStore() throws {
    let sessions = try sessions()
    let token = try sessions.begin(user: UserID("anna"), device: "test", now: Self.at(0)).token.revealed
    let bytes = try #require(Base64URL.decode(token))
    #expect(bytes.count == 16)
    let stored = try #require(try store.all().first)
    #expect(stored.tokenHash == Digest.sha256(bytes))
    #expect(stored.id != token)
    #expect(sessions.identity(token: stored.id, now: Self.at(1)) == nil)
    #expect(sessions.identity(token: Base64URL.encode(stored.tokenHash), now: Self.at(1)) == nil)
  }

  @Test(arguments: ["", "A", "!!!", "AAAAAAAAAAAAAAAAAAAAAA", String(repeating: "A", count: 100_000), "日本語"])
  func otherTokensDoNotSignIn(_ token: String) throws {
    let sessions = try sessions()
    _ = try sessions.begin(user: UserID("anna"), device: "test", now: Self.at(0))
    #expect(sessions.identity(token: token, now: Self.at(1)) == nil)
  }

  @Test(arguments: [("first", 40, 99, true), ("first", 40, 100, false)])
  func withinABootAgeGoesOn(_ boot: String, _ restart: Int64, _ then: Int64, _ lives: Bool) throws {
    let token = try sessions().begin(user: UserID("anna"), device: "test", now: Self.at(0)).token.revealed
    // A server that died without a word stored no age: the clock of the same boot tells it.
    let sessions = try sessions(boot: boot, now: Self.at(restart))
    #expect((sessions.identity(token: token, now: Self.at(then)) != nil) == lives)
  }

  @Test(arguments: [(29, true), (31, false)])
  func afterAnotherBootTheStoredAgeCounts(_ seconds: Int64, _ lives: Bool) throws {
    let first = try sessions()
    let token = try first.begin(user: UserID("anna"), device: "test", now: Self.at(0)).token.revealed
    try first.save(now: Self.at(70).monotonic, all: true)
    // The monotonic clock begins anew.
    func after(_ seconds: Int64) -> Moment {
      Moment(monotonic: MonotonicTime(microseconds: 5_000_000) + .seconds(seconds), wall: WallTime(milliseconds: 0))
    }
    let second = try sessions(boot: "second", now: after(0))
    #expect((second.identity(token: token, now: after(seconds)) != nil) == lives)
  }

  @Test func aUserSeesAndEndsOnlyTheirOwn() throws {
    let sessions = try sessions()
    let anna = try sessions.begin(user: UserID("anna"), device: "phone", now: Self.at(0)).token.revealed
    _ = try sessions.begin(user: UserID("anna"), device: "tablet", now: Self.at(1))
    let ben = try sessions.begin(user: UserID("ben"), device: "phone", now: Self.at(2)).token.revealed
    let annas = try #require(sessions.identity(token: anna, now: Self.at(3)))
    let bens = try #require(sessions.identity(token: ben, now: Self.at(3)))
    let views = sessions.views(of: annas)
    #expect(views.map(\.device) == ["tablet", "phone"])
    #expect(views.map(\.current) == [false, true])
    #expect(!sessions.end(bens.session, of: annas.user))
    #expect(sessions.identity(token: ben, now: Self.at(4)) != nil)
    #expect(sessions.end(annas.session, of: annas.user))
    #expect(sessions.identity(token: anna, now: Self.at(4)) == nil)
  }

  @Test func theSessionUnusedLongestGivesWay() throws {
    let sessions = try sessions()
    var tokens: [String] = []
    for number in 0..<Sessions.mostPerUser {
      tokens.append(
        try sessions.begin(user: UserID("anna"), device: "\(number)", now: Self.at(Int64(number))).token.revealed)
    }
    // The first is used again, so the second is the oldest now.
    let oldest = try #require(sessions.identity(token: tokens[1], now: Self.at(1)))
    #expect(sessions.identity(token: tokens[0], now: Self.at(50)) != nil)
    let ended = try sessions.begin(user: UserID("anna"), device: "one more", now: Self.at(51)).ended
    #expect(ended == [oldest.session])
    #expect(sessions.identity(token: tokens[0], now: Self.at(52)) != nil)
    #expect(try store.all().count == Sessions.mostPerUser)
  }

  @Test(arguments: [
    (
      "Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Mobile Safari/537.36",
      "Chrome on Android"
    ),
    (
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15 Version/18.4 Mobile Safari/604.1",
      "Safari on iPhone"
    ),
    ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox on Linux"),
    ("<script>alert(1)</script>", "unknown device"), ("", "unknown device"),
  ])
  func aBrowserIsNamed(_ userAgent: String, _ name: String) {
    #expect(DeviceName.of(userAgent: userAgent) == name)
  }
}
