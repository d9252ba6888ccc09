import FoundationEssentials
import Signaling

/// A client as a browser is one: its own connection, the right origin, and the cookie that it was given.
final class Phone {
  let server: ServerUnderTest
  private(set) var client: HTTPClient
  var cookie: String?
  var origin: String?
  var host: String { "localhost:\(server.httpsPort)" }

  init(_ server: ServerUnderTest) throws {
    self.server = server
    client = try server.connect()
    origin = "https://localhost:\(server.httpsPort)"
  }

  /// A phone that is signed in as a new user.
  convenience init(_ server: ServerUnderTest, registering id: String) throws {
    self.init(try Phone(server))
    let reply = try register(id)
    guard reply.status == 200 else { throw ConnectionError("register \(id): \(reply.text)") }
  }

  private init(_ other: Phone) {
    server = other.server
    client = other.client
    origin = other.origin
  }

  func headers(contentType: String? = nil) -> [(String, String)] {
    var headers = [("Host", host)]
    if let origin { headers.append(("Origin", origin)) }
    if let cookie { headers.append(("Cookie", "other=1; __Host-session=\(cookie)")) }
    if let contentType { headers.append(("Content-Type", contentType)) }
    return headers
  }

  func get(_ path: String, headers more: [(String, String)] = []) throws -> HTTPReply {
    try keep(client.request("GET", path, headers: headers() + more))
  }

  func post(_ path: String, _ json: String, contentType: String = "application/json") throws -> HTTPReply {
    try keep(client.request("POST", path, headers: headers(contentType: contentType), body: Array(json.utf8)))
  }

  func post(_ path: String, _ message: some APIMessage) throws -> HTTPReply {
    try post(path, String(decoding: try APICodec.encode(message), as: UTF8.self))
  }

  func register(_ id: String, displayName: String? = nil, password: String = "correct horse") throws -> HTTPReply {
    try post(
      "/api/register", RegisterRequest(id: id, displayName: displayName ?? id, password: Secret(password)))
  }

  func signIn(_ id: String, password: String = "correct horse") throws -> HTTPReply {
    try post("/api/signIn", SignInRequest(id: id, password: Secret(password)))
  }

  /// Opens the event stream on a connection of its own.
  func events(last: String? = nil, inHeader: Bool = false, receiveBytes: Int32? = nil) throws -> EventReader {
    let client = try server.connect(receiveBytes: receiveBytes)
    let query = last.flatMap { inHeader ? nil : "?last=\($0)" } ?? ""
    let header = last.flatMap { inHeader ? [("Last-Event-ID", $0)] : nil } ?? []
    try client.send("GET", "/api/events\(query)", headers: headers() + header)
    return try EventReader(client)
  }

  private func keep(_ reply: HTTPReply) -> HTTPReply {
    if let header = reply.headers["set-cookie"], header.hasPrefix("__Host-session=") {
      let value = header.dropFirst("__Host-session=".count).prefix { $0 != ";" }
      cookie = value.isEmpty ? nil : String(value)
    }
    return reply
  }
}

/// An open event stream.
final class EventReader {
  struct Message {
    var id: String
    var event: String
    var data: String
    func decoded<Data: APIMessage>(_ type: Data.Type) throws -> Data {
      try APICodec.decode(type, from: Array(data.utf8))
    }
  }

  let client: HTTPClient
  let head: HTTPReply
  private(set) var comments = 0
  private(set) var lastID = ""

  init(_ client: HTTPClient) throws {
    self.client = client
    head = try client.head()
  }

  /// The next event; comments are counted.
  func next() throws -> Message {
    while true {
      var message = Message(id: "", event: "", data: "")
      for line in try client.block().split(separator: "\n") {
        guard let colon = line.firstIndex(of: ":") else { continue }
        let value = String(line[line.index(after: colon)...].drop { $0 == " " })
        switch line[..<colon] {
        case "": comments += 1
        case "id": message.id = value
        case "event": message.event = value
        case "data": message.data = value
        default: break
        }
      }
      guard !message.event.isEmpty else { continue }
      lastID = message.id
      return message
    }
  }

  /// Reads until an event of that name.
  func next(_ name: String) throws -> Message {
    while true {
      let message = try next()
      if message.event == name { return message }
    }
  }

  func hello() throws -> Event.Hello { try next("hello").decoded(Event.Hello.self) }

  func call(_ fits: (CallView) -> Bool) throws -> CallView {
    while true {
      let view = try next("call").decoded(CallView.self)
      if fits(view) { return view }
    }
  }

  /// Waits for the next comment.
  func heartbeat() throws {
    while try client.block() != ":" {}
  }
}
