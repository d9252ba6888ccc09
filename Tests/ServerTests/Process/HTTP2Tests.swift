import Linux
import Signaling
import TestSupport
import Testing

@testable import Server

/// The same over HTTP/2, which is what browsers speak.
extension ProcessTests {
  private static func connect(_ server: ServerUnderTest) throws -> HTTP2Client {
    try HTTP2Client(TLSConnection(port: server.httpsPort, trusting: server.paths.authorityCertificate, alpn: ["h2"]))
  }

  private static func authority(_ server: ServerUnderTest) -> String { "localhost:\(server.httpsPort)" }

  private static func headers(_ phone: Phone) -> [(String, String)] {
    phone.headers(contentType: "application/json").filter { $0.0 != "Host" }.map { ($0.0.lowercased(), $0.1) }
  }

  @Test func severalRequestsShareAConnection() throws {
    let server = try ServerUnderTest()
    let anna = try Phone(server, registering: "anna")
    let client = try Self.connect(server)
    let authority = Self.authority(server)
    let streams = try (0..<8).map { _ in
      try client.begin("GET", "/api/me", authority: authority, headers: Self.headers(anna))
    }
    var open = Set(streams)
    while !open.isEmpty {
      let frame = try client.frame()
      #expect(frame.type == HTTP2Client.FrameType.headers || frame.type == HTTP2Client.FrameType.data)
      if frame.endsStream { open.remove(frame.stream) }
    }
    let body = Array(#"{"id":"ben","displayName":"Ben","password":"correct horse"}"#.utf8)
    let stream = try client.begin(
      "POST", "/api/register", authority: authority, headers: Self.headers(try Phone(server)), body: body)
    let reply = try client.reply(stream)
    #expect(reply.status == 200)
    #expect(reply.headers["set-cookie"]?.hasPrefix("__Host-session=") == true)
    #expect(reply.headers["content-security-policy"] == SecurityHeaders.contentSecurityPolicy)
  }

  /// 300,000 bytes are more than the window and more than the socket's buffer.
  @Test func aLargeFileArrivesWhole() throws {
    let server = try ServerUnderTest()
    let client = try Self.connect(server)
    for _ in 0..<3 {
      let stream = try client.begin("GET", "/large.bin", authority: Self.authority(server))
      let reply = try client.reply(stream)
      #expect(reply.status == 200)
      #expect(reply.body.count == 300_000)
      #expect(reply.body.allSatisfy { $0 == 0x61 })
    }
  }

  @Test func aClientThatGrantsNoRoomHoldsUpItselfAlone() throws {
    let server = try ServerUnderTest()
    let stingy = try Self.connect(server)
    let stream = try stingy.begin("GET", "/large.bin", authority: Self.authority(server))
    var count = 0
    while count < 65_535 {
      let frame = try stingy.frame()
      if frame.type == HTTP2Client.FrameType.data { count += frame.payload.count }
    }
    #expect(count == 65_535)
    #expect(try Phone(server).get("/api/box").status == 200)
    // And goes on once it does.
    try stingy.grant(300_000, to: [0, stream])
    while count < 300_000 {
      let frame = try stingy.frame()
      if frame.type == HTTP2Client.FrameType.data { count += frame.payload.count }
    }
    #expect(count == 300_000)
  }

  @Test func aRefusedBodyLeavesTheConnectionUsable() throws {
    let server = try ServerUnderTest()
    let phone = try Phone(server)
    let client = try Self.connect(server)
    let authority = Self.authority(server)
    for size in [10, 60_000, 100_000] {
      let stream = try client.begin(
        "POST", "/api/calls/start", authority: authority, headers: Self.headers(phone),
        body: [UInt8](repeating: 0x20, count: size))
      let reply = try client.reply(stream)
      #expect(reply.errorCode == .notSignedIn)
      let next = try client.begin("GET", "/api/box", authority: authority)
      #expect(try client.reply(next).status == 200)
    }
  }

  /// libwebsockets 4.3 is not up to bodies that it reads in several pieces; what comes in one TLS record must be read in one.
  @Test func largeBodiesArriveOneAfterTheOther() throws {
    let server = try ServerUnderTest()
    let phone = try Phone(server)
    let client = try Self.connect(server)
    for size in [3_000, 10_000, 16_000] {
      for _ in 0..<2 {
        let body =
          Array("{\"id\":\"anna\",\"password\":\"".utf8) + [UInt8](repeating: 0x78, count: size) + Array("\"}".utf8)
        let stream = try client.begin(
          "POST", "/api/signIn", authority: Self.authority(server), headers: Self.headers(phone), body: body,
          waitsForRoom: true)
        #expect([401, 429].contains(try client.reply(stream).status))
      }
    }
  }

  @Test func eventsAndRequestsShareAConnection() throws {
    let server = try ServerUnderTest(heartbeat: .milliseconds(20))
    let anna = try Phone(server, registering: "anna")
    let client = try Self.connect(server)
    let authority = Self.authority(server)
    let events = try client.begin("GET", "/api/events", authority: authority, headers: Self.headers(anna))
    let text = try client.text(events, until: "event: hello")
    #expect(text.contains("retry: 1000"))
    _ = try client.text(events, until: "\n:\n")
    let ben = try Phone(server, registering: "ben")
    _ = try client.text(events, until: "\"id\":\"ben\"")
    let me = try client.begin("GET", "/api/me", authority: authority, headers: Self.headers(anna))
    #expect(try client.reply(me).status == 200)
    // A page that is left says so, because libwebsockets keeps a stream that was reset to itself; the connection stays.
    try client.send(.init(type: HTTP2Client.FrameType.resetStream, flags: 0, stream: events, payload: [0, 0, 0, 8]))
    let device = try #require(text.firstMatch(of: /"device":"([^"]*)"/)?.1)
    let gone = PresenceRequest(device: DeviceID(String(device)), state: .gone)
    #expect(try anna.post("/api/presence", gone).status == 200)
    while try server.counters()["streams"] != 0 {}
    let again = try client.begin("GET", "/api/people", authority: authority, headers: Self.headers(anna))
    #expect(try client.reply(again).status == 200)
    _ = ben
  }

  @Test func oneConnectionHasSoManyStreams() throws {
    let server = try ServerUnderTest { $0.devicesPerUser = 256 }
    let phones = try (0..<3).map { try Phone(server, registering: "user\($0)") }
    let client = try Self.connect(server)
    let most = WebServer.Limits().streamsPerConnection
    for number in 0..<45 {
      let stream = try client.begin(
        "GET", "/api/events", authority: Self.authority(server), headers: Self.headers(phones[number % 3]))
      #expect(try client.status(stream) == (number < most ? 200 : 429), "\(number)")
    }
    #expect(try server.counters()["streams"] == most)
    #expect(try Phone(server).get("/api/box").status == 200)
  }

  /// The header for it does not get through libwebsockets here.
  @Test func aStreamResumesByItsQuery() throws {
    let server = try ServerUnderTest()
    let anna = try Phone(server, registering: "anna")
    let authority = Self.authority(server)
    let first = try Self.connect(server)
    let events = try first.begin("GET", "/api/events", authority: authority, headers: Self.headers(anna))
    let text = try first.text(events, until: "\n\nid: ")
    let device = try #require(text.firstMatch(of: /"device":"([^"]*)"/)?.1)
    let ben = try Phone(server, registering: "ben")
    let second = try Self.connect(server)
    let again = try second.begin(
      "GET", "/api/events?last=\(device).1", authority: authority, headers: Self.headers(anna))
    let missed = try second.text(again, until: #""id":"ben""#)
    #expect(missed.contains("id: \(device).2\n"))
    #expect(!missed.contains("event: hello"))
    _ = ben
  }

  /// It waits for room, but not for ever.
  @Test func anEndedStreamWithoutRoomIsClosed() throws {
    let server = try ServerUnderTest(limits: .init(stallSeconds: 1))
    let anna = try Phone(server, registering: "anna")
    let stingy = try HTTP2Client(
      TLSConnection(port: server.httpsPort, trusting: server.paths.authorityCertificate, alpn: ["h2"]), window: 0)
    let events = try stingy.begin(
      "GET", "/api/events", authority: Self.authority(server), headers: Self.headers(anna))
    #expect(try stingy.status(events) == 200)
    #expect(try server.counters()["streams"] == 1)
    #expect(try anna.post("/api/signOut", EmptyRequest()).status == 200)
    while try server.counters()["streams"] != 0 {}
    #expect(try Phone(server).get("/api/box").status == 200)
  }

  @Test func aRegistrationWhoseClientIsGoneIsAnAccount() throws {
    let server = try ServerUnderTest()
    // What is hashed before it, so that its client is gone when its own turn comes.
    let before = try (0..<8).map { _ in try Phone(server) }
    for phone in before {
      try phone.client.send(
        "POST", "/api/signIn", headers: phone.headers(contentType: "application/json"),
        body: try APICodec.encode(SignInRequest(id: "nobody", password: Secret("wrong password"))))
    }
    let client = try Self.connect(server)
    let authority = Self.authority(server)
    _ = try client.begin(
      "POST", "/api/register", authority: authority, headers: Self.headers(before[0]),
      body: try APICodec.encode(RegisterRequest(id: "anna", displayName: "Anna", password: Secret("correct horse"))))
    // An answer to the next request means that this one was read.
    #expect(try client.reply(client.begin("GET", "/api/box", authority: authority)).status == 200)
    client.connection.shutDown()
    for phone in before { #expect(try phone.client.reply().status == 401) }
    let anna = try Phone(server)
    while try anna.signIn("anna").status != 200 {}
    #expect(try anna.events().hello().me.id == UserID("anna"))
  }

  @Test func thereIsNoWebSocketOverHTTP2() throws {
    let server = try ServerUnderTest()
    let client = try Self.connect(server)
    _ = try client.begin(
      "CONNECT", "/api/events", authority: Self.authority(server),
      headers: [(":protocol", "websocket"), ("sec-websocket-version", "13")])
    // Nothing but the next request is answered.
    let next = try client.begin("GET", "/api/box", authority: Self.authority(server))
    #expect(try client.reply(next).status == 200)
    #expect(try server.counters()["streams"] == 0)
  }

  @Test func brokenFramesEndTheirConnectionAlone() throws {
    let server = try ServerUnderTest()
    let anna = try Phone(server, registering: "anna")
    var generator = SeededGenerator(seed: 7)
    let broken: [[UInt8]] = [
      [0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1], [0, 0, 0, 1, 4, 0, 0, 0, 0], [0, 0, 1, 4, 1, 0, 0, 0, 0, 0],
      [0, 0, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 5, 1, 4, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 0xff],
      [0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 1, 0, 1, 0, 0, 0, 9, 0x41],
    ]
    let random = (0..<30).map { _ in
      (0..<Int.random(in: 9...200, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }
    for bytes in broken + random {
      let client = try Self.connect(server)
      try? client.connection.write(bytes)
      client.connection.shutDown()
    }
    #expect(try anna.get("/api/me").status == 200)
    #expect(try server.stop() == 0)
  }
}
