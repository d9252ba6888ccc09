import Links
import Linux
import Signaling
import Testing

@testable import Server

/// The event stream.
extension ProcessTests {
  @Test func aFreshStreamBeginsWithHello() throws {
    let server = try ServerUnderTest()
    let anna = try Phone(server, registering: "anna")
    let stream = try anna.events()
    #expect(stream.head.status == 200)
    #expect(stream.head.headers["content-type"] == "text/event-stream")
    #expect(stream.head.headers["cache-control"] == "no-store")
    #expect(stream.head.headers["content-encoding"] == nil)
    let message = try stream.next()
    #expect(message.event == "hello")
    let hello = try message.decoded(Event.Hello.self)
    #expect(message.id == "\(hello.device).1")
    #expect(hello.me.id == UserID("anna"))
    #expect(hello.people.map(\.id) == [.box, UserID("anna")])
    #expect(hello.device.rawValue.count >= 22)
  }

  /// Hole 6 and 7: who is there is told to those who are signed in.
  @Test func presenceIsToldLive() throws {
    let server = try ServerUnderTest()
    let anna = try Phone(server, registering: "anna")
    let stream = try anna.events()
    _ = try stream.hello()
    let ben = try Phone(server, registering: "ben")
    func waitForBen(_ presence: Presence) throws {
      while true {
        let person = try stream.next("person").decoded(Person.self)
        if person.id == UserID("ben"), person.presence == presence { return }
      }
    }
    try waitForBen(.offline)
    let bens = try ben.events()
    let hello = try bens.hello()
    try waitForBen(.online)
    #expect(try ben.post("/api/presence", PresenceRequest(device: hello.device, state: .asleep)).status == 200)
    try waitForBen(.asleep)
    // A device is its own session's.
    let reply = try anna.post("/api/presence", PresenceRequest(device: hello.device, state: .awake))
    #expect(reply.errorCode == .notFound)
    #expect(try ben.post("/api/signOut", EmptyRequest()).status == 200)
    try waitForBen(.offline)
  }

  @Test func aStreamThatIsGoneIsNoticed() throws {
    let server = try ServerUnderTest { $0.graceSeconds = 0.01 }
    let anna = try Phone(server, registering: "anna")
    let stream = try anna.events()
    _ = try stream.hello()
    let ben = try Phone(server, registering: "ben")
    let bens = try ben.events()
    _ = try bens.hello()
    bens.client.connection.shutDown()
    while true {
      let person = try stream.next("person").decoded(Person.self)
      if person.id == UserID("ben"), person.presence == .offline, person.displayName == "ben" {
        if try server.counters()["streams"] == 1 { break }
      }
    }
  }

  @Test(arguments: [true, false])
  func aStreamResumesWhereItWas(_ inHeader: Bool) throws {
    let server = try ServerUnderTest()
    let anna = try Phone(server, registering: "anna")
    let first = try anna.events()
    let hello = try first.hello()
    // The first news after hello is about anna herself.
    let seen = try first.next("person").id
    first.client.connection.shutDown()
    let ben = try Phone(server, registering: "ben")
    let second = try anna.events(last: seen, inHeader: inHeader)
    let missed = try second.next()
    #expect(missed.event == "person")
    #expect(try missed.decoded(Person.self).id == UserID("ben"))
    let number = try #require(EventID(seen)).number
    #expect(missed.id == "\(hello.device).\(number + 1)")
    // The same events again, for whoever asks from further back.
    let third = try anna.events(last: "\(hello.device).1", inHeader: inHeader)
    #expect(try third.next().id == "\(hello.device).2")
    // The newer stream took the place of the older one.
    while try !second.client.isAtEnd() { _ = try? second.next() }
    _ = ben
  }

  @Test func whatCannotBeResumedBeginsAnew() throws {
    let server = try ServerUnderTest()
    let anna = try Phone(server, registering: "anna")
    let ben = try Phone(server, registering: "ben")
    let hello = try anna.events().hello()
    // Somebody else's device, one that never was, numbers that never were, and rubbish.
    #expect(try ben.events(last: "\(hello.device).1").hello().device != hello.device)
    #expect(try anna.events(last: "00000000000000000000000000000000.1").hello().device != hello.device)
    for last in ["\(hello.device).99999", "\(hello.device).18446744073709551615", "\(hello.device).0"] {
      let again = try anna.events(last: last).hello()
      #expect(again.device == hello.device, "\(last)")
    }
    for last in [
      "", ".", "x", "a.b", "__proto__.1", "\(hello.device)", "\(hello.device).-1", String(repeating: "9", count: 500),
    ] {
      #expect(try anna.events(last: last).hello().me.id == UserID("anna"), "\(last)")
    }
  }

  @Test func anIdleStreamHasHeartbeats() throws {
    let server = try ServerUnderTest(heartbeat: .milliseconds(20))
    let anna = try Phone(server, registering: "anna")
    let stream = try anna.events()
    _ = try stream.hello()
    for _ in 0..<3 { try stream.heartbeat() }
  }

  @Test func aUserHasSoManyDevices() throws {
    let server = try ServerUnderTest { $0.devicesPerUser = 2 }
    let anna = try Phone(server, registering: "anna")
    let streams = try (0..<2).map { _ in try anna.events() }
    for stream in streams { _ = try stream.hello() }
    let tablet = try Phone(server)
    #expect(try tablet.signIn("anna").status == 200)
    let reply = try tablet.get("/api/events")
    #expect(reply.status == 429)
    #expect(reply.errorCode == .rateLimited)
    #expect(try server.counters()["streams"] == 2)
    // Its own oldest makes room for the same session.
    let newest = try anna.events()
    _ = try newest.hello()
    while try !streams[0].client.isAtEnd() { _ = try? streams[0].next() }
    _ = newest
  }

  /// Hole 19: who does not read loses the stream, and nobody else notices.
  @Test func aClientThatDoesNotReadIsDropped() throws {
    let server = try ServerUnderTest { $0.presets = ["anna"] }
    let anna = try Phone(server, registering: "anna")
    let slow = try anna.events(receiveBytes: 4096)
    _ = try slow.hello()
    // Each pair of presses is a call that begins and ends, which is told to the device.
    var pairs = 0
    while try server.counters()["streams.dropped", default: 0] == 0, pairs < 5000 {
      server.press(.short(.call))
      server.press(.short(.hangUp))
      pairs += 1
    }
    #expect(try server.counters()["streams.dropped"] == 1)
    while try server.counters()["streams"] != 0 {}
    #expect(try anna.get("/api/me").status == 200)
    // It comes back, to a fresh start: what was missed is more than is kept.
    #expect(try anna.events(last: slow.lastID).hello().me.id == UserID("anna"))
  }

  @Test func theEndOfTheServerEndsItsStreams() throws {
    let server = try ServerUnderTest()
    let anna = try Phone(server, registering: "anna")
    let stream = try anna.events()
    _ = try stream.hello()
    #expect(try server.stop() == 0)
    while try !stream.client.isAtEnd() { _ = try? stream.next() }
  }
}
