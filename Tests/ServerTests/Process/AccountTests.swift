import Linux
import Signaling
import TestSupport
import Testing

@testable import Server

/// Registering, signing in and out, sessions: over real HTTPS. One server at a time: libwebsockets keeps a few globals.
extension ProcessTests {
  @Test func aNewUserIsSignedInAtOnce() throws {
    let server = try ServerUnderTest()
    let phone = try Phone(server)
    let reply = try phone.register("Anna", displayName: "  Anna Ä. ")
    #expect(reply.status == 200)
    let expected = Me(id: UserID("anna"), displayName: "Anna Ä.", administrator: false)
    #expect(try reply.decoded(MeResponse.self).me == expected)
    #expect(try phone.get("/api/me").decoded(MeResponse.self).me == expected)
    let cookie = try #require(reply.headers["set-cookie"])
    for part in ["__Host-session=", "Path=/", "HttpOnly", "Secure", "SameSite=Strict", "Max-Age=86400"] {
      #expect(cookie.contains(part), "\(part)")
    }
    #expect(!cookie.contains("Domain"))
    // 128 bits, and nothing of the user in it.
    #expect(Base64URL.decode(try #require(phone.cookie))?.count == 16)
  }

  @Test func aBadRegistrationNamesItsField() throws {
    let server = try ServerUnderTest()
    let phone = try Phone(server)
    let good = #""displayName":"Anna","password":"correct horse"}"#
    let cases = [
      (#"{"id":"a","# + good, "id"), (#"{"id":"anna anna","# + good, "id"), (#"{"id":"ännä","# + good, "id"),
      (#"{"id":"__proto__'--","# + good, "id"), (#"{"id":"box","# + good, "id"), (#"{"id":"EVERYONE","# + good, "id"),
      (#"{"id":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","# + good, "id"),
      (#"{"id":"anna","displayName":"","password":"correct horse"}"#, "displayName"),
      (#"{"id":"anna","displayName":"   ","password":"correct horse"}"#, "displayName"),
      (#"{"id":"anna","displayName":"An\u0000na","password":"correct horse"}"#, "displayName"),
      (#"{"id":"anna","displayName":"An\u202ena","password":"correct horse"}"#, "displayName"),
      (#"{"id":"anna","displayName":"Anna","password":"short"}"#, "password"),
      (#"{"id":"anna","displayName":"Anna","password":""}"#, "password"),
    ]
    for (json, field) in cases {
      let reply = try phone.post("/api/register", json)
      #expect(reply.status == 400, "\(json)")
      #expect(reply.errorCode == .invalid, "\(json)")
      #expect(reply.errorField == field, "\(json)")
      #expect(reply.headers["set-cookie"] == nil, "\(json)")
    }
  }

  @Test func aBadBodyIsABadRequest() throws {
    let server = try ServerUnderTest()
    let phone = try Phone(server)
    let cases = [
      "", "{", "null", "[]", "42", "\"text\"", "{}", #"{"id":1,"displayName":"A","password":"correct horse"}"#,
      #"{"id":"anna"}"#, #"{"id":null,"displayName":null,"password":null}"#, "\u{0}", #"{"id":"\ud800"}"#,
      String(repeating: "[", count: 60_000), String(repeating: #"{"a":"#, count: 10_000),
      #"{"__proto__":{"id":"anna"},"constructor":{}}"#,
    ]
    for json in cases {
      let reply = try phone.post("/api/register", json)
      #expect(reply.status == 400, "\(json.prefix(80))")
      #expect(reply.errorCode == .badRequest, "\(json.prefix(80))")
    }
    // The server goes on.
    #expect(try phone.register("anna").status == 200)
  }

  @Test func aTakenIDIsRefused() throws {
    let server = try ServerUnderTest()
    let anna = try Phone(server, registering: "anna")
    let other = try Phone(server)
    for id in ["anna", "ANNA", "Anna"] {
      let reply = try other.register(id, password: "another password")
      #expect(reply.status == 409)
      #expect(reply.errorCode == .idTaken)
      #expect(reply.errorField == "id")
    }
    #expect(other.cookie == nil)
    #expect(try Phone(server).signIn("anna").status == 200)
    #expect(try anna.get("/api/me").status == 200)
  }

  @Test func twoWhoRegisterTheSameIDAtOnce() throws {
    let server = try ServerUnderTest()
    let phones = try (0..<4).map { _ in try Phone(server) }
    for phone in phones {
      let request = RegisterRequest(id: "anna", displayName: "Anna", password: Secret("correct horse"))
      try phone.client.send(
        "POST", "/api/register", headers: phone.headers(contentType: "application/json"),
        body: try APICodec.encode(request))
    }
    let replies = try phones.map { try $0.client.reply() }
    #expect(replies.filter { $0.status == 200 }.count == 1)
    #expect(replies.filter { $0.errorCode == .idTaken }.count == 3)
  }

  @Test func aWrongPasswordAndAnUnknownIDAnswerTheSame() throws {
    let server = try ServerUnderTest()
    _ = try Phone(server, registering: "anna")
    let phone = try Phone(server)
    let replies = try [
      phone.signIn("anna", password: "wrong password"), phone.signIn("nobody", password: "wrong password"),
      phone.signIn("not an id at all", password: "x"), phone.signIn("__proto__", password: "x"),
    ]
    for reply in replies {
      #expect(reply.status == 401)
      #expect(reply.body == replies[0].body)
      #expect(reply.headers == replies[0].headers)
    }
    #expect(replies[0].errorCode == .wrongCredentials)
    // Each cost a hash: nothing is answered without one.
    #expect(phone.cookie == nil)
    #expect(try phone.signIn("anna").status == 200)
  }

  @Test(arguments: ["anna", "nobody"])
  func passwordsCannotBeTriedForEver(_ id: String) throws {
    let server = try ServerUnderTest { $0.attemptsPerMinute = 3 }
    _ = try Phone(server, registering: "anna")
    let phone = try Phone(server)
    for _ in 0..<3 { #expect(try phone.signIn(id, password: "wrong password").status == 401) }
    let reply = try phone.signIn(id, password: "wrong password")
    #expect(reply.status == 429)
    #expect(reply.errorCode == .tooManyAttempts)
    #expect(Int(try #require(reply.headers["retry-after"])) ?? 0 > 0)
    // Nor with the right one, or guessing would go on.
    #expect(try phone.signIn(id).errorCode == .tooManyAttempts)
    // Another account is not locked, until the address is.
    #expect(try phone.signIn("ben", password: "wrong password").status == 401)
    var refused = false
    for number in 0..<20 where !refused { refused = try phone.signIn("user\(number)", password: "x").status == 429 }
    #expect(refused)
  }

  @Test func whoSignsInOftenIsNotLockedOut() throws {
    let server = try ServerUnderTest { $0.attemptsPerMinute = 2 }
    _ = try Phone(server, registering: "anna")
    for _ in 0..<8 { #expect(try Phone(server).signIn("anna").status == 200) }
  }

  @Test func registrationsAndAccountsAreLimited() throws {
    let server = try ServerUnderTest { $0.registrationsPerMinute = 2 }
    let phone = try Phone(server)
    for id in ["anna", "ben"] { #expect(try phone.register(id).status == 200) }
    #expect(try phone.register("carl").errorCode == .tooManyAttempts)
    try server.stop()

    let small = try ServerUnderTest { $0.accounts = 1 }
    #expect(try Phone(small).register("anna").status == 200)
    #expect(try Phone(small).register("ben").errorCode == .wrongState)
  }

  @Test func sessionsAreListedAndEndedFromAnotherDevice() throws {
    let server = try ServerUnderTest()
    let phone = try Phone(server, registering: "anna")
    let tablet = try Phone(server)
    #expect(try tablet.signIn("anna").status == 200)
    let ben = try Phone(server, registering: "ben")
    let sessions = try tablet.get("/api/sessions").decoded(SessionsResponse.self).sessions
    #expect(sessions.count == 2)
    #expect(sessions.filter(\.current).count == 1)
    let other = try #require(sessions.first { !$0.current })

    let events = try phone.events()
    _ = try events.hello()
    // Not somebody else's.
    #expect(try ben.post("/api/sessions/end", EndSessionRequest(session: other.id)).errorCode == .notFound)
    #expect(try ben.post("/api/sessions/end", EndSessionRequest(session: SessionID("__proto__"))).status == 404)
    #expect(try phone.get("/api/me").status == 200)

    #expect(try tablet.post("/api/sessions/end", EndSessionRequest(session: other.id)).status == 200)
    #expect(try events.next("sessionEnded").data == "{}")
    #expect(try events.client.isAtEnd())
    #expect(try phone.get("/api/me").errorCode == .notSignedIn)
    #expect(try tablet.get("/api/me").status == 200)
    #expect(try tablet.post("/api/sessions/end", EndSessionRequest(session: other.id)).status == 404)
  }

  @Test func signingOutEndsTheSession() throws {
    let server = try ServerUnderTest()
    let phone = try Phone(server, registering: "anna")
    let token = try #require(phone.cookie)
    let events = try phone.events()
    _ = try events.hello()
    let reply = try phone.post("/api/signOut", EmptyRequest())
    #expect(reply.status == 200)
    #expect(try #require(reply.headers["set-cookie"]).contains("Max-Age=0"))
    #expect(phone.cookie == nil)
    _ = try events.next("sessionEnded")
    phone.cookie = token
    #expect(try phone.get("/api/me").errorCode == .notSignedIn)
  }

  @Test func signingInAgainInOneBrowserLeavesOneSession() throws {
    let server = try ServerUnderTest()
    let phone = try Phone(server, registering: "anna")
    let old = try #require(phone.cookie)
    #expect(try phone.signIn("anna").status == 200)
    #expect(phone.cookie != old)
    #expect(try phone.get("/api/sessions").decoded(SessionsResponse.self).sessions.count == 1)
  }

  @Test func accountsAndSessionsSurviveARestart() throws {
    let directory = try ScratchDirectory()
    var server: ServerUnderTest? = try ServerUnderTest(in: directory)
    let cookie = try Phone(#require(server), registering: "anna").cookie
    #expect(try server?.stop() == 0)
    server = nil
    let second = try ServerUnderTest(in: directory)
    let phone = try Phone(second)
    phone.cookie = cookie
    #expect(try phone.get("/api/me").decoded(MeResponse.self).me.id == UserID("anna"))
    #expect(try Phone(second).signIn("anna").status == 200)
    #expect(try Phone(second).signIn("anna", password: "wrong password").status == 401)
  }

  @Test func aSessionRunsOut() throws {
    // Over before the next request comes.
    let server = try ServerUnderTest { $0.sessionHours = 0 }
    let phone = try Phone(server)
    #expect(try phone.register("anna").status == 200)
    #expect(phone.cookie != nil)
    #expect(try phone.get("/api/me").errorCode == .notSignedIn)
  }

  /// Whatever happens to a password, no line of the log has it; and there is a line for each thing worth auditing.
  @Test func theLogTellsWhoButNoSecret() throws {
    let lines = LogLines()
    let server = try ServerUnderTest()
    lines.start()
    let phone = try Phone(server)
    let password = "hunter2-hunter2"
    #expect(try phone.register("anna", password: password).status == 200)
    let token = try #require(phone.cookie)
    _ = try phone.signIn("anna", password: password + "!")
    _ = try phone.post("/api/signIn", "{\"id\":7,\"password\":\"\(password)\"}")
    _ = try phone.post("/api/register", "{\"id\":\"\(password)\",\"displayName\":\"x\"")
    _ = try phone.signIn("anna\u{1b}[2J\nforged line", password: password)
    _ = try phone.post("/api/signOut", EmptyRequest())
    try server.stop()
    let all = lines.stop()
    #expect(all.contains { $0.contains("audit: anna registered from 127.0.0.1") })
    #expect(all.contains { $0.contains("audit: sign-in of anna from 127.0.0.1 failed") })
    #expect(all.contains { $0.contains("audit: anna signed out") })
    for line in all {
      #expect(!line.contains("hunter2"), "\(line)")
      #expect(!line.contains(token), "\(line)")
      #expect(!line.contains("forged"), "\(line)")
    }
  }
}
