import FoundationEssentials
import Signaling

struct HTTPReply {
  var status: Int
  /// Names in lower case; several of one name are joined with commas.
  var headers: [String: String]
  var body: [UInt8]
  var text: String { String(decoding: body, as: UTF8.self) }

  /// The code of an error body.
  var errorCode: ErrorCode? { (try? APICodec.decode(ErrorResponse.self, from: body))?.error.code }
  var errorField: String? { (try? APICodec.decode(ErrorResponse.self, from: body))?.error.field }
  func decoded<Message: APIMessage>(_ type: Message.Type) throws -> Message {
    try APICodec.decode(type, from: body)
  }
}

/// HTTP/1.1 (RFC 9112), as much as the tests need: one request after the other on one connection.
final class HTTPClient {
  let connection: TLSConnection
  private var buffer: [UInt8] = []

  init(_ connection: TLSConnection) { self.connection = connection }

  func request(
    _ method: String, _ path: String, headers: [(String, String)] = [], body: [UInt8]? = nil
  ) throws -> HTTPReply {
    try send(method, path, headers: headers, body: body)
    return try reply(toHead: method == "HEAD")
  }

  func send(_ method: String, _ path: String, headers: [(String, String)] = [], body: [UInt8]? = nil) throws {
    var text = "\(method) \(path) HTTP/1.1\r\n"
    for (name, value) in headers { text += "\(name): \(value)\r\n" }
    if let body { text += "Content-Length: \(body.count)\r\n" }
    try connection.write(Array((text + "\r\n").utf8) + (body ?? []))
  }

  func reply(toHead: Bool = false) throws -> HTTPReply {
    var reply = try head()
    if toHead || reply.status == 304 { return reply }
    if let length = reply.headers["content-length"].flatMap({ Int($0) }) {
      while buffer.count < length { try fill() }
      reply.body = Array(buffer.prefix(length))
      buffer.removeFirst(length)
    } else {
      while let more = try? connection.read(), !more.isEmpty { buffer += more }
      reply.body = buffer
      buffer = []
    }
    return reply
  }

  /// The head of an answer; what follows is left to be read.
  func head() throws -> HTTPReply {
    let end = Array("\r\n\r\n".utf8)
    while true {
      if let at = buffer.firstRange(of: end) {
        let text = String(decoding: buffer[..<at.lowerBound], as: UTF8.self)
        buffer.removeFirst(at.upperBound)
        return try Self.parse(text)
      }
      try fill()
    }
  }

  /// Text up to an empty line: one event of a stream, or one comment.
  func block() throws -> String {
    let end = Array("\n\n".utf8)
    while true {
      if let at = buffer.firstRange(of: end) {
        let text = String(decoding: buffer[..<at.lowerBound], as: UTF8.self)
        buffer.removeFirst(at.upperBound)
        return text
      }
      try fill()
    }
  }

  /// Whether the server has ended the connection, once everything before that was read.
  func isAtEnd() throws -> Bool {
    guard buffer.isEmpty else { return false }
    let more = try connection.read()
    buffer += more
    return more.isEmpty
  }

  private func fill() throws {
    let more = try connection.read()
    guard !more.isEmpty else {
      throw ConnectionError("the connection ended after: \(String(decoding: buffer, as: UTF8.self))")
    }
    buffer += more
  }

  private static func parse(_ text: String) throws -> HTTPReply {
    let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
    let parts = lines.first?.split(separator: " ", maxSplits: 2) ?? []
    guard parts.count >= 2, parts[0] == "HTTP/1.1", let status = Int(parts[1]) else {
      throw ConnectionError("no status line: \(text)")
    }
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { throw ConnectionError("no header: \(line)") }
      let name = line[..<colon].lowercased()
      let value = String(line[line.index(after: colon)...].drop { $0 == " " })
      headers[name] = headers[name].map { "\($0), \(value)" } ?? value
    }
    return HTTPReply(status: status, headers: headers, body: [])
  }
}

extension [UInt8] {
  fileprivate func firstRange(of pattern: [UInt8]) -> Range<Int>? {
    guard count >= pattern.count else { return nil }
    for start in 0...(count - pattern.count) where self[start..<start + pattern.count].elementsEqual(pattern) {
      return start..<start + pattern.count
    }
    return nil
  }
}
