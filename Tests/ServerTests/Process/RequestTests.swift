import Linux
import Signaling
import Testing

@testable import Server

/// What is checked of every request.
extension ProcessTests {
  private static func path(_ route: Route) -> (String, String) { (route.method.rawValue, route.path) }

  /// A body that the route's type accepts, with ids that do not exist.
  private static func body(_ route: Route) -> String {
    switch route.name {
    case .register: #"{"id":"zoe","displayName":"Zoe","password":"correct horse"}"#
    case .signIn: #"{"id":"anna","password":"correct horse"}"#
    case .endSession: #"{"session":"none"}"#
    case .presence: #"{"device":"none","state":"awake"}"#
    case .startCall: #"{"device":"none","callee":"box","audio":true,"video":true}"#
    case .answerCall: #"{"device":"none","call":"none","peer":"none","sdp":"v=0"}"#
    case .callMedia: #"{"device":"none","call":"none","audio":true,"video":true}"#
    case .signal: #"{"device":"none","call":"none","attempt":1,"kind":"lost"}"#
    default: #"{"device":"none","call":"none"}"#
    }
  }

  /// Hole 3 and 5 of the list: each route but the open ones wants a session, and the table is what the server serves.
  @Test func everyRouteIsServedAndOnlyOpenOnesWithoutASession() throws {
    let server = try ServerUnderTest()
    let stranger = try Phone(server)
    let open: Set<Route.Name> = [.box, .register, .signIn]
    for route in Route.table {
      let reply =
        route.method == .get ? try stranger.get(route.path) : try stranger.post(route.path, Self.body(route))
      if open.contains(route.name) {
        #expect(reply.errorCode != .notSignedIn, "\(route.path)")
        #expect(reply.status != 404, "\(route.path)")
      } else {
        #expect(reply.status == 401, "\(route.path)")
        #expect(reply.errorCode == .notSignedIn, "\(route.path)")
      }
      stranger.cookie = nil
    }
    let anna = try Phone(server, registering: "anna")
    for route in Route.table where route.name != .events && route.name != .signOut {
      let reply = route.method == .get ? try anna.get(route.path) : try anna.post(route.path, Self.body(route))
      // Ids that nobody has are not found; the path is.
      #expect(reply.text.contains("no such path") == false, "\(route.path)")
      guard route.access != .administrator else {
        #expect(reply.status == 403 && reply.errorCode == .forbidden, "\(route.path)")
        continue
      }
      #expect(reply.status == 200 || reply.errorField != nil, "\(route.path): \(reply.text)")
    }
  }

  @Test(arguments: ["", "AAAAAAAAAAAAAAAAAAAAAA", "anna", "; __Host-session=x", String(repeating: "a", count: 3000)])
  func aMadeUpCookieIsNoSession(_ cookie: String) throws {
    let server = try ServerUnderTest()
    let phone = try Phone(server)
    phone.cookie = cookie
    #expect(try phone.get("/api/me").status == 401)
  }

  @Test func aCookieGivenTwiceIsNoSession() throws {
    let server = try ServerUnderTest()
    let phone = try Phone(server, registering: "anna")
    let cookie = try #require(phone.cookie)
    phone.cookie = "\(cookie); __Host-session=\(cookie)"
    #expect(try phone.get("/api/me").status == 401)
  }

  @Test func unknownPathsAndOtherMethods() throws {
    let server = try ServerUnderTest()
    let phone = try Phone(server, registering: "anna")
    for path in ["/api", "/api/", "/api/nothing", "/api/calls", "/api/box/", "/API/box", "/api/__proto__"] {
      #expect(try phone.get(path).status == 404, "\(path)")
    }
    for (reply, methods) in [(try phone.get("/api/register"), "POST"), (try phone.post("/api/me", "{}"), "GET")] {
      #expect(reply.errorCode == .methodNotAllowed)
      #expect(reply.headers["allow"] == methods)
    }
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"] {
      let client = try server.connect()
      let reply = try client.request(method, "/api/box", headers: [("Host", phone.host)])
      #expect(reply.status == 405, "\(method)")
      #expect(reply.headers["allow"] == "GET", "\(method)")
      #expect(reply.headers["access-control-allow-origin"] == nil)
    }
  }

  /// Hole 11: no other site's page may change anything.
  @Test func aForeignOriginIsRefused() throws {
    let server = try ServerUnderTest()
    let phone = try Phone(server, registering: "anna")
    let port = server.httpsPort
    let foreign: [String?] = [
      nil, "null", "https://evil.example", "http://localhost:\(port)", "https://localhost",
      "https://localhost:\(port)1",
      "https://localhost:\(port).evil.example", "https://localhost:\(port)/", "https://localhost:\(port), https://x",
    ]
    for origin in foreign {
      phone.origin = origin
      let reply = try phone.post("/api/signOut", "{}")
      #expect(reply.status == 403, "\(origin ?? "none")")
      #expect(reply.errorCode == .forbiddenOrigin)
      #expect(reply.headers["access-control-allow-origin"] == nil)
      if origin != nil {
        #expect(try phone.get("/api/me").status == 403)
        #expect(try phone.get("/api/events").status == 403)
      }
    }
    phone.origin = nil
    #expect(try phone.get("/api/me").status == 200)
    for site in ["cross-site", "same-site"] {
      #expect(try phone.get("/api/me", headers: [("Sec-Fetch-Site", site)]).status == 403)
    }
    for site in ["same-origin", "none"] {
      #expect(try phone.get("/api/me", headers: [("Sec-Fetch-Site", site)]).status == 200)
    }
    phone.origin = "https://LOCALHOST:\(port)"
    #expect(try phone.post("/api/signOut", "{}").status == 200)
  }

  @Test func onlyJSONIsRead() throws {
    let server = try ServerUnderTest()
    let phone = try Phone(server, registering: "anna")
    for type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "application/jsonx"] {
      let reply = try phone.post("/api/calls/start", "{}", contentType: type)
      #expect(reply.status == 415, "\(type)")
      #expect(reply.errorCode == .unsupportedMediaType)
    }
    for type in ["application/json; charset=utf-8", "Application/JSON"] {
      #expect(try phone.post("/api/signIn", "{}", contentType: type).errorCode == .badRequest)
    }
  }

  @Test func aLargeBodyIsNotRead() throws {
    let server = try ServerUnderTest()
    let phone = try Phone(server, registering: "anna")
    let limit = API.largestBodyBytes
    // Just within it: read, and found wrong.
    let within = "{\"device\":\"" + String(repeating: "x", count: limit - 13) + "\"}"
    #expect(within.utf8.count == limit)
    #expect(try phone.post("/api/calls/accept", within).errorCode == .badRequest)
    #expect(try phone.post("/api/calls/accept", within + " ").errorCode == .tooLarge)
    // Announced and never sent: the answer comes at once.
    let client = try server.connect()
    try client.send(
      "POST", "/api/calls/accept",
      headers: phone.headers(contentType: "application/json") + [("Content-Length", "1000000000000")])
    let reply = try client.reply()
    #expect(reply.status == 413)
    #expect(reply.errorCode == .tooLarge)
    #expect(reply.headers["connection"] == "close")
  }

  @Test func aBodyOfUnknownLengthIsNotRead() throws {
    let server = try ServerUnderTest()
    let phone = try Phone(server, registering: "anna")
    let cases = [
      ("Transfer-Encoding", "chunked"), ("Content-Length", "-1"), ("Content-Length", "1e3"), ("X-None", "1"),
      ("Content-Length", "5, 6"),
    ]
    for header in cases {
      let client = try server.connect()
      try client.send("POST", "/api/signOut", headers: phone.headers(contentType: "application/json") + [header])
      let reply = try client.reply()
      #expect(reply.status == 400, "\(header)")
      #expect(reply.headers["connection"] == "close", "\(header)")
    }
    #expect(try phone.get("/api/me").status == 200)
  }

  /// An answer before the body was read must leave the connection usable.
  @Test func aRefusedBodyIsSkipped() throws {
    let server = try ServerUnderTest()
    let phone = try Phone(server)
    for _ in 0..<3 { #expect(try phone.post("/api/calls/start", String(repeating: " ", count: 50_000)).status == 401) }
    #expect(try phone.get("/api/box").status == 200)
  }

  @Test func aBodyInSmallPiecesIsReadToItsEnd() throws {
    let server = try ServerUnderTest()
    let phone = try Phone(server, registering: "anna")
    let client = try server.connect()
    let body = Array(#"{"id":"anna","password":"correct horse"}"#.utf8)
    var head = "POST /api/signIn HTTP/1.1\r\nContent-Length: \(body.count)\r\n"
    phone.cookie = nil
    for (name, value) in phone.headers(contentType: "application/json") { head += "\(name): \(value)\r\n" }
    for byte in Array((head + "\r\n").utf8) + body { try client.connection.write([byte]) }
    #expect(try client.reply().status == 200)
  }

  @Test func tooManyRequestsAreRefused() throws {
    let server = try ServerUnderTest()
    let phone = try Phone(server, registering: "anna")
    var refused: HTTPReply?
    for _ in 0..<200 where refused == nil {
      let reply = try phone.post("/api/calls/hangUp", #"{"device":"none","call":"none"}"#)
      if reply.status == 429 { refused = reply } else { #expect(reply.status == 404) }
    }
    let reply = try #require(refused)
    #expect(reply.errorCode == .rateLimited)
    #expect(reply.headers["retry-after"] != nil)
    // The bucket is that of the session and of the kind.
    #expect(try phone.get("/api/me").status == 200)
    let ben = try Phone(server, registering: "ben")
    #expect(try ben.post("/api/calls/hangUp", #"{"device":"none","call":"none"}"#).status == 404)
  }

  /// Whatever refuses it, and whenever.
  @Test func everyRefusalIsCountedOnce() throws {
    let server = try ServerUnderTest()
    let anna = try Phone(server, registering: "anna")
    let stranger = try Phone(server)
    let foreign = try Phone(server)
    foreign.origin = "https://evil.example"
    let refused: [(what: String, status: Int, ask: () throws -> HTTPReply)] = [
      ("path", 404, { try anna.get("/api/nothing") }), ("method", 405, { try anna.get("/api/signIn") }),
      ("origin", 403, { try foreign.post("/api/signIn", "{}") }), ("session", 401, { try stranger.get("/api/me") }),
      ("type", 415, { try anna.post("/api/signOut", "{}", contentType: "text/plain") }),
      ("length", 413, { try stranger.post("/api/signIn", String(repeating: " ", count: API.largestBodyBytes + 1)) }),
      ("form", 400, { try anna.post("/api/calls/start", "{}") }),
      ("device", 404, { try anna.post("/api/calls/hangUp", #"{"device":"none","call":"none"}"#) }),
      ("password", 401, { try anna.signIn("anna", password: "wrong password") }),
      ("id", 409, { try anna.register("anna") }),
    ]
    for (number, refusal) in refused.enumerated() {
      #expect(try refusal.ask().status == refusal.status, "\(refusal.what)")
      #expect(try server.counters()["requests.refused"] == number + 1, "\(refusal.what)")
    }
    #expect(try anna.get("/api/me").status == 200)
    #expect(try server.counters()["requests.refused"] == refused.count)
  }

  @Test func garbageEndsItsConnectionAlone() throws {
    let server = try ServerUnderTest()
    let other = try Phone(server, registering: "anna")
    let texts = [
      "GET /", "\r\n\r\n\r\n", "GET\r\n\r\n", "POST /api/box HTTP/9.9\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}",
      "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n",
      "CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET /api/events HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "GET /\u{0}\u{1} HTTP/1.1\r\n\r\n", "GET /%zz%00 HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET / HTTP/1.1\r\nX: " + String(repeating: "y", count: 100_000) + "\r\n\r\n",
      "GET /" + String(repeating: "a/", count: 50_000) + " HTTP/1.1\r\n\r\n",
    ]
    for text in texts {
      for trusting in [server.paths.authorityCertificate, nil] {
        let port = trusting == nil ? server.httpPort : server.httpsPort
        let connection = try TLSConnection(port: port, trusting: trusting)
        // The server may end the connection before it has everything.
        try? connection.write(Array(text.utf8))
        connection.shutDown()
        #expect(try other.get("/api/me").status == 200, "\(text.prefix(60))")
      }
    }
    #expect(try server.stop() == 0)
  }

  @Test func garbageInPlaceOfTLSIsIgnored() throws {
    let server = try ServerUnderTest()
    for bytes in [
      Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8), [0x16, 3, 1, 0xff, 0xff], [UInt8](repeating: 0, count: 5000),
    ] {
      let connection = try TLSConnection(port: server.httpsPort, trusting: nil)
      try? connection.write(bytes)
      let answer = (try? connection.read()) ?? []
      #expect(!String(decoding: answer, as: UTF8.self).contains("HTTP/1.1"))
    }
    #expect(try Phone(server).get("/api/box").status == 200)
  }

  @Test func oneAddressHasSoManyConnections() throws {
    let server = try ServerUnderTest()
    let limit = WebServer.Limits().connectionsPerAddress
    var open: [TLSConnection] = []
    for _ in 0..<limit { open.append(try TLSConnection(port: server.httpPort, trusting: nil)) }
    // Those are taken; the next is closed.
    let extra = try TLSConnection(port: server.httpPort, trusting: nil)
    #expect(try extra.read().isEmpty)
    #expect(try server.counters()["connections.refused"] == 1)
    open.removeAll()
    while try server.counters()["connections"] ?? 0 > 0 {}
    #expect(try Phone(server).get("/api/box").status == 200)
  }
}
