import Links
import Linux
import Signaling
import Testing

@testable import Server

/// From a press or a request to the media process and the browsers, through the whole server.
extension ProcessTests {
  private static let offer = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n"

  /// Answers the requests of the server as the media process would, until one fits.
  @discardableResult
  private static func serveMedia(
    _ media: FakePeer<MediaRequest, MediaEvent>, until fits: (MediaRequest) -> Bool
  ) throws -> MediaRequest {
    while true {
      let request = try media.next()
      switch request {
      case .openPeer(let id, _, _, _), .reshapePeer(let id, _, _, _):
        media.send(.reply(id: id, .offer(MediaOffer(sdp: offer))))
      case .list(let id): media.send(.reply(id: id, .peers([])))
      case .setAnswer(let id, _, _), .setFeed(let id, _, _), .closePeer(let id, _): media.send(.reply(id: id, .done))
      }
      if fits(request) { return request }
    }
  }

  @Test func aPressRingsTheBrowserAndTheCallConnects() throws {
    let server = try ServerUnderTest()
    let media = try server.linkMedia()
    try Self.serveMedia(media) { if case .list = $0 { true } else { false } }
    let anna = try Phone(server, registering: "anna")
    let stream = try anna.events()
    let device = try stream.hello().device

    server.press(.short(.call))
    // The first account became administrator by the press, and is whom CALL rings.
    let me = try stream.next("me").decoded(Me.self)
    #expect(me.administrator)
    let ringing = try stream.call { $0.state == .ringing }
    #expect(ringing.direction == .incoming)
    #expect(ringing.with.id == .box)
    try server.supervisor.waitFor { $0 == .state(.calling) }

    // The peer advertises the address that the phone's request came to.
    let opened = try Self.serveMedia(media) { if case .openPeer = $0 { true } else { false } }
    guard case .openPeer(_, let peer, let addresses, _) = opened else { return }
    #expect(addresses == ["127.0.0.1"])
    let offered = try stream.next("offer").decoded(Event.Offer.self)
    #expect(offered.call == ringing.id)
    #expect(offered.peer.rawValue == peer)
    #expect(offered.sdp == Self.offer)

    let answer = AnswerRequest(device: device, call: ringing.id, peer: offered.peer, sdp: "v=0\r\nanswer")
    #expect(try anna.post("/api/calls/answer", answer).status == 200)
    let told = try Self.serveMedia(media) { if case .setAnswer = $0 { true } else { false } }
    guard case .setAnswer(_, peer, "v=0\r\nanswer") = told else { throw ConnectionError("\(told)") }
    media.send(.connected(peer: peer))

    #expect(try anna.post("/api/calls/accept", CallRequest(device: device, call: ringing.id)).status == 200)
    _ = try stream.call { $0.state == .connected && $0.mine }
    try server.supervisor.waitFor { $0 == .state(.inCall(boxCalled: true, autoAnswered: false)) }
    var feeds: [MediaEndpoint: MediaFeed] = [:]
    try Self.serveMedia(media) { request in
      if case .setFeed(_, let endpoint, let feed) = request { feeds[endpoint] = feed }
      return feeds.count == 2
    }
    #expect(feeds[.peer(peer)] == MediaFeed(audio: [.local], video: [MediaView(from: .local)]))
    #expect(feeds[.local] == MediaFeed(audio: [.peer(peer)], video: [MediaView(from: .peer(peer))]))

    server.press(.short(.hangUp))
    #expect(try stream.call { $0.state == .ended }.reason == .hungUp)
    try server.supervisor.waitFor { $0 == .cue(.ended) }
    try Self.serveMedia(media) { if case .closePeer(_, peer) = $0 { true } else { false } }
    // The store knows the administrator too.
    #expect(try anna.get("/api/me").decoded(MeResponse.self).me.administrator)
  }

  @Test func whatTheMediaProcessRefusesIsCountedAndLogged() throws {
    let lines = LogLines()
    lines.start()
    let server = try ServerUnderTest()
    let media = try server.linkMedia()
    for id in [4711, 4712] { media.send(.reply(id: id, .refused(code: "badDescription", detail: "v=0 of a client"))) }
    while try server.counters()["media.refused", default: 0] < 2 {}
    #expect(try server.stop() == 0)
    let all = lines.stop()
    #expect(all.filter { $0.contains("refused a request: badDescription") }.count == 2)
    #expect(!all.contains { $0.contains("of a client") })
  }

  @Test func theEndOfTheMediaLinkIsNoWarningAtAnOrderlyStop() throws {
    let lines = LogLines()
    lines.start()
    let server = try ServerUnderTest()
    let media = try server.linkMedia()
    try Self.serveMedia(media) { if case .list = $0 { true } else { false } }
    // One turn of the server's loop sees both.
    server.supervisor.send(.stop)
    media.close()
    #expect(try server.stop() == 0)
    #expect(!lines.stop().contains { $0.contains("the media link ended") })
  }

  @Test func theBoxIsCalledAndRefuses() throws {
    let server = try ServerUnderTest()
    let media = try server.linkMedia()
    let anna = try Phone(server, registering: "anna")
    let stream = try anna.events()
    let device = try stream.hello().device
    let start = StartCallRequest(device: device, callee: .box, audio: true, video: true)
    let call = try anna.post("/api/calls/start", start).decoded(StartCallResponse.self).call
    #expect(call.direction == .outgoing)
    try server.supervisor.waitFor { $0 == .state(.incoming) }
    server.press(.short(.hangUp))
    #expect(try stream.call { $0.id == call.id && $0.state == .ended }.reason == .rejected)
    _ = media
  }

  /// Hole 7, 8 and 21: a call is its members' alone.
  @Test func nobodyElseCanTouchACall() throws {
    let server = try ServerUnderTest()
    let media = try server.linkMedia()
    let anna = try Phone(server, registering: "anna")
    let annas = try anna.events()
    let device = try annas.hello().device
    let start = StartCallRequest(device: device, callee: .box, audio: true, video: true)
    let call = try anna.post("/api/calls/start", start).decoded(StartCallResponse.self).call

    let eve = try Phone(server, registering: "eve")
    let eves = try eve.events()
    let hello = try eves.hello()
    #expect(hello.calls.isEmpty)
    for path in ["accept", "reject", "hangUp", "reconnect"] {
      for device in [hello.device, device, DeviceID("__proto__")] {
        let reply = try eve.post("/api/calls/\(path)", CallRequest(device: device, call: call.id))
        #expect(reply.status == 404, "\(path)")
        #expect(reply.errorCode == .notFound)
      }
    }
    let answer = AnswerRequest(device: hello.device, call: call.id, peer: PeerID("x"), sdp: "v=0")
    #expect(try eve.post("/api/calls/answer", answer).status == 404)
    let muted = CallMediaRequest(device: hello.device, call: call.id, audio: false, video: false)
    #expect(try eve.post("/api/calls/media", muted).status == 404)
    let signal = SignalRequest(device: hello.device, call: call.id, attempt: 1, kind: .lost)
    #expect(try eve.post("/api/calls/signal", signal).status == 404)
    // The user's own tablet has another session: the phone's device is not its.
    let tablet = try Phone(server)
    #expect(try tablet.signIn("anna").status == 200)
    #expect(try tablet.post("/api/calls/hangUp", CallRequest(device: device, call: call.id)).status == 404)
    // And eve heard nothing of it but that anna is busy.
    try server.settle()
    server.press(.short(.hangUp))
    #expect(try annas.call { $0.state == .ended }.id == call.id)
    while true {
      let message = try eves.next()
      #expect(message.event == "person")
      if let person = try? message.decoded(Person.self), person.id == UserID("anna"), person.presence == .online {
        break
      }
    }
    _ = media
  }

  @Test func aNewMediaProcessGetsTheCalls() throws {
    let server = try ServerUnderTest()
    var media = try server.linkMedia()
    try Self.serveMedia(media) { if case .list = $0 { true } else { false } }
    let anna = try Phone(server, registering: "anna")
    let stream = try anna.events()
    let device = try stream.hello().device
    let start = StartCallRequest(device: device, callee: .box, audio: true, video: true)
    let call = try anna.post("/api/calls/start", start).decoded(StartCallResponse.self).call
    try Self.serveMedia(media) { if case .openPeer = $0 { true } else { false } }
    let first = try stream.next("offer").decoded(Event.Offer.self)
    // The old end is closed, the new one is another process.
    media = try server.linkMedia()
    try Self.serveMedia(media) { if case .openPeer = $0 { true } else { false } }
    let second = try stream.next("offer").decoded(Event.Offer.self)
    #expect(second.call == call.id)
    #expect(second.peer != first.peer)
  }

  @Test func garbageOnTheLinksIsCountedAndIgnored() throws {
    let server = try ServerUnderTest()
    let media = try server.linkMedia()
    try Self.serveMedia(media) { if case .list = $0 { true } else { false } }
    let rubbish: [[UInt8]] = [
      Array("{}".utf8), Array("rubbish".utf8), [0, 1, 2, 3], Array(#"{"v":99,"m":{"stop":{}}}"#.utf8),
      Array(#"{"v":1,"m":{"unknown":{}}}"#.utf8), [UInt8](repeating: 0x5b, count: 50_000),
    ]
    for bytes in rubbish {
      media.sendRaw(bytes)
      server.supervisor.sendRaw(bytes)
    }
    // Replies that nobody asked for, and news of peers that nobody knows.
    media.send(.reply(id: 4711, .offer(MediaOffer(sdp: "x"))))
    media.send(.connected(peer: "__proto__"))
    media.send(.closed(peer: "nobody", reason: "failed"))
    while try server.counters()["messages.refused", default: 0] < 2 * rubbish.count {}
    #expect(try Phone(server).get("/api/box").status == 200)
    #expect(try server.stop() == 0)
  }
}
