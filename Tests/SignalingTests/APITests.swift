import Testing

@testable import Signaling

/// Bodies, validation, routes and errors.
@Suite struct APITests {
  @Test func everyMessageSurvivesTheWire() throws {
    func roundTrip<Message: APIMessage>(_ message: Message) throws {
      #expect(try APICodec.decode(Message.self, from: APICodec.encode(message)) == message)
    }
    for sample in Samples.all {
      try roundTrip(sample.full)
      try roundTrip(sample.least)
    }
  }

  @Test(
    arguments: [
      ("", ErrorCode.badRequest, nil), ("{", .badRequest, nil), ("[]", .badRequest, nil), ("null", .badRequest, nil),
      ("\"x\"", .badRequest, nil), ("{\"device\":\"d\"}", .badRequest, "call"),
      ("{\"device\":\"d\",\"call\":7}", .badRequest, "call"), ("{\"device\":\"d\",\"call\":null}", .badRequest, "call"),
      ("{\"device\":{\"__proto__\":1},\"call\":\"c\"}", .badRequest, "device"), ("\u{1}", .badRequest, nil),
    ] as [(String, ErrorCode, String?)])
  func badBodies(body: String, code: ErrorCode, field: String?) {
    #expect {
      try APICodec.decode(CallRequest.self, from: Array(body.utf8))
    } throws: { error in
      (error as? APIError)?.code == code && (error as? APIError)?.field == field
    }
  }

  @Test func bodiesThatAreNotText() {
    for bytes in [
      [UInt8](repeating: 0xff, count: 40), [0xc3, 0x28], [UInt8](repeating: UInt8(ascii: "["), count: 60_000),
    ] {
      #expect(refusal { _ = try APICodec.decode(CallRequest.self, from: bytes) } == .badRequest)
    }
    let long = [UInt8](repeating: UInt8(ascii: " "), count: API.largestBodyBytes + 1)
    #expect(refusal { _ = try APICodec.decode(CallRequest.self, from: long) } == .tooLarge)
    let fits = Array("{\"device\":\"d\",\"call\":\"c\"}".utf8) + long.dropLast(26)
    #expect(fits.count == API.largestBodyBytes)
    #expect(refusal { _ = try APICodec.decode(CallRequest.self, from: fits) } == nil)
  }

  @Test func unknownMembersAreIgnoredAndUnknownValuesAreNot() throws {
    let more = Array("{\"device\":\"d\",\"state\":\"asleep\",\"mood\":\"good\"}".utf8)
    #expect(try APICodec.decode(PresenceRequest.self, from: more).state == .asleep)
    let other = Array("{\"device\":\"d\",\"state\":\"dreaming\"}".utf8)
    #expect(refusal { _ = try APICodec.decode(PresenceRequest.self, from: other) } == .badRequest)
  }

  @Test func eventsAreOneLine() throws {
    let offer = Event.offer(.init(call: CallID("c"), peer: PeerID("p"), sdp: "v=0\r\ns=-\r\n"))
    #expect(!(try offer.json().contains(UInt8(ascii: "\n"))))
    #expect(!(try offer.json().contains(UInt8(ascii: "\r"))))
  }

  @Test func ids() throws {
    #expect(try Validation.id("Ann.B_c-9") == UserID("ann.b_c-9"))
    #expect(try Validation.id("ab") == UserID("ab"))
    #expect(try Validation.id(String(repeating: "z", count: 32)).rawValue.count == 32)
    let bad = [
      "", "a", String(repeating: "z", count: 33), "a b", "ann\n", "änn", "box", "BOX", "everyone", "a/b", "<b>",
      "a\u{0}b",
      "ａｎｎ", "\u{212A}im", String(repeating: "x", count: 100_000),
    ]
    for id in bad {
      #expect(refusal { _ = try Validation.id(id) } == .invalid, "\(id.prefix(40))")
    }
  }

  @Test func displayNames() throws {
    #expect(try Validation.displayName("  Ann 王 👩‍🚒 ") == "Ann 王 👩‍🚒")
    #expect(try Validation.displayName("<b>") == "<b>", "shown as text, so harmless")
    #expect(try Validation.displayName(String(repeating: "n", count: 64)).count == 64)
    let bad = [
      "", "   ", String(repeating: "n", count: 65), "a\nb", "a\u{7}b", "a\u{202E}b", "a\u{2066}b", "a\u{2028}b",
      "a" + String(repeating: "\u{301}", count: 64), String(repeating: "n", count: 60_000),
    ]
    for name in bad { #expect(refusal { _ = try Validation.displayName(name) } == .invalid, "\(name.prefix(20))") }
  }

  @Test func passwords() {
    for good in ["12345678", String(repeating: "p", count: 128), "пароль-пароль"] {
      #expect(refusal { try Validation.password(Secret(good)) } == nil)
    }
    for bad in ["", "1234567", String(repeating: "p", count: 129)] {
      #expect(refusal { try Validation.password(Secret(bad)) } == .invalid)
    }
  }

  /// Hole 2 of facts/security.md.
  @Test func secretsPrintAsDots() {
    let request = RegisterRequest(id: "ann", displayName: "Ann", password: Secret("hunter22"))
    var dumped = ""
    dump(request, to: &dumped)
    for text in ["\(request)", String(reflecting: request), dumped, "\(request.password)"] {
      #expect(!text.contains("hunter22"))
      #expect(text.contains("•••"))
    }
  }

  @Test func routes() throws {
    for route in Route.table {
      #expect(try Route.find(method: route.method.rawValue, path: route.path).name == route.name)
      let other = route.method == .get ? "POST" : "GET"
      #expect(refusal { _ = try Route.find(method: other, path: route.path) } == .methodNotAllowed)
      #expect((route.method == .get) == (route.request == nil))
    }
    #expect(Set(Route.table.map(\.name)) == Set(Route.Name.allCases))
    #expect(Route.table.count == Route.Name.allCases.count)
    for path in ["/api", "/api/", "/api/me/", "/API/me", "/api/calls/../me", ""] {
      #expect(refusal { _ = try Route.find(method: "GET", path: path) } == .notFound)
    }
    // Hole 3: what is open is in one table, and this is all of it.
    #expect(Set(Route.table.filter { $0.access == .open }.map(\.name)) == [.box, .register, .signIn])
  }

  @Test func identifiersAreUnguessableAndDistinct() {
    var random = SystemRandomNumberGenerator()
    let ids = (0..<1_000).map { _ in CallID.random(&random) }
    #expect(Set(ids).count == ids.count)
    #expect(ids.allSatisfy { $0.rawValue.count == 32 && $0.rawValue.allSatisfy(\.isHexDigit) })
    struct Zeros: RandomNumberGenerator { mutating func next() -> UInt64 { 1 } }
    var zeros = Zeros()
    #expect(PeerID.short(&zeros).rawValue == "0000000000000001")
  }
}
