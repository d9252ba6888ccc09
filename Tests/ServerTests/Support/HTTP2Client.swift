/// HTTP/2 (RFC 9113), as much as the tests need: requests one after the other or several at once on one connection. Header
/// fields are literals (RFC 7541 section 6.2.2), which is also what libwebsockets sends.
final class HTTP2Client {
  struct Frame {
    var type: UInt8
    var flags: UInt8
    var stream: UInt32
    var payload: [UInt8]
    var endsStream: Bool { flags & 1 != 0 && (type == FrameType.data || type == FrameType.headers) }
  }
  enum FrameType {
    static let data: UInt8 = 0
    static let headers: UInt8 = 1
    static let resetStream: UInt8 = 3
    static let settings: UInt8 = 4
    static let ping: UInt8 = 6
    static let goAway: UInt8 = 7
    static let windowUpdate: UInt8 = 8
  }

  let connection: TLSConnection
  private var buffer: [UInt8] = []
  private var nextStream: UInt32 = 1

  /// `window` is how much the server may send on a new stream before it is granted more.
  init(_ connection: TLSConnection, window: UInt32? = nil) throws {
    guard connection.applicationProtocol == "h2" else { throw ConnectionError("no HTTP/2") }
    self.connection = connection
    try connection.write(Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8))
    // SETTINGS_INITIAL_WINDOW_SIZE.
    let settings: [UInt8] = window.map { (size: UInt32) -> [UInt8] in [0, 4] + Self.bytes(size) } ?? []
    try send(Frame(type: FrameType.settings, flags: 0, stream: 0, payload: settings))
  }

  private static func bytes(_ number: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { (shift: UInt32) -> UInt8 in UInt8(number >> shift & 0xff) }
  }

  func send(_ frame: Frame) throws {
    let length = frame.payload.count
    var bytes = [UInt8(length >> 16 & 0xff), UInt8(length >> 8 & 0xff), UInt8(length & 0xff), frame.type, frame.flags]
    bytes += Self.bytes(frame.stream)
    try connection.write(bytes + frame.payload)
  }

  /// Begins a request and gives its stream. `waitsForRoom`: as browsers do, the body is not sent before the server has granted
  /// room for it.
  func begin(
    _ method: String, _ path: String, authority: String, headers: [(String, String)] = [], body: [UInt8]? = nil,
    waitsForRoom: Bool = false
  ) throws -> UInt32 {
    let stream = nextStream
    nextStream += 2
    var fields = [(":method", method), (":scheme", "https"), (":authority", authority), (":path", path)] + headers
    if let body { fields.append(("content-length", "\(body.count)")) }
    let block: [UInt8] = fields.flatMap { field -> [UInt8] in [0] + Self.string(field.0) + Self.string(field.1) }
    try send(Frame(type: FrameType.headers, flags: body == nil ? 5 : 4, stream: stream, payload: block))
    if let body {
      while waitsForRoom {
        let frame = try anyFrame()
        if frame.type == FrameType.windowUpdate, frame.stream == stream { break }
        _ = try answer(frame)
      }
      var rest = body[...]
      repeat {
        let part = rest.prefix(16_384)
        rest = rest.dropFirst(part.count)
        try send(Frame(type: FrameType.data, flags: rest.isEmpty ? 1 : 0, stream: stream, payload: Array(part)))
      } while !rest.isEmpty
    }
    return stream
  }

  /// The next frame that is not about the connection.
  func frame() throws -> Frame {
    while true {
      let frame = try anyFrame()
      if try !answer(frame) { return frame }
    }
  }

  private func anyFrame() throws -> Frame {
    while buffer.count < 9 { try fill() }
    let length = Int(buffer[0]) << 16 | Int(buffer[1]) << 8 | Int(buffer[2])
    while buffer.count < 9 + length { try fill() }
    let stream = buffer[5..<9].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7fff_ffff
    let frame = Frame(type: buffer[3], flags: buffer[4], stream: stream, payload: Array(buffer[9..<9 + length]))
    buffer.removeFirst(9 + length)
    return frame
  }

  /// Does what a frame about the connection asks for; false if it is another one.
  private func answer(_ frame: Frame) throws -> Bool {
    switch frame.type {
    case FrameType.settings:
      if frame.flags & 1 == 0 { try send(Frame(type: FrameType.settings, flags: 1, stream: 0, payload: [])) }
    case FrameType.ping:
      if frame.flags & 1 == 0 { try send(Frame(type: FrameType.ping, flags: 1, stream: 0, payload: frame.payload)) }
    case FrameType.windowUpdate: break
    default: return false
    }
    return true
  }

  /// The whole answer on a stream; frames of others are dropped. `grants` gives the server room for more.
  func reply(_ stream: UInt32, grants: Bool = true) throws -> HTTPReply {
    var reply = HTTPReply(status: 0, headers: [:], body: [])
    while true {
      let frame = try frame()
      if frame.type == FrameType.goAway { throw ConnectionError("go away: \(frame.payload)") }
      guard frame.stream == stream else { continue }
      switch frame.type {
      case FrameType.headers: try Self.decode(frame.payload, into: &reply)
      case FrameType.data:
        reply.body += frame.payload
        if grants, !frame.payload.isEmpty { try grant(frame.payload.count, to: [0, stream]) }
      case FrameType.resetStream: throw ConnectionError("stream \(stream) was reset")
      default: break
      }
      if frame.endsStream { return reply }
    }
  }

  /// The status of the answer that begins on a stream; its body is left to be read.
  func status(_ stream: UInt32) throws -> Int {
    var reply = HTTPReply(status: 0, headers: [:], body: [])
    while reply.status == 0 {
      let frame = try frame()
      guard frame.stream == stream else { continue }
      guard frame.type == FrameType.headers else { throw ConnectionError("a frame of type \(frame.type)") }
      try Self.decode(frame.payload, into: &reply)
    }
    return reply.status
  }

  /// Text of a stream until it contains something.
  func text(_ stream: UInt32, until wanted: String) throws -> String {
    var text = ""
    while !text.contains(wanted) {
      let frame = try frame()
      guard frame.stream == stream, frame.type == FrameType.data else { continue }
      text += String(decoding: frame.payload, as: UTF8.self)
      if frame.endsStream { throw ConnectionError("the stream ended after \(text)") }
    }
    return text
  }

  func grant(_ bytes: Int, to streams: [UInt32]) throws {
    let payload = Self.bytes(UInt32(bytes))
    for stream in streams {
      try send(Frame(type: FrameType.windowUpdate, flags: 0, stream: stream, payload: payload))
    }
  }

  private func fill() throws {
    let more = try connection.read()
    guard !more.isEmpty else { throw ConnectionError("the connection ended") }
    buffer += more
  }

  /// RFC 7541 section 5.2, without Huffman coding.
  private static func string(_ text: String) -> [UInt8] {
    let bytes = Array(text.utf8)
    guard bytes.count >= 127 else { return [UInt8(bytes.count)] + bytes }
    var length: [UInt8] = [127]
    var rest = bytes.count - 127
    while rest >= 128 {
      length.append(UInt8(rest & 127 | 128))
      rest >>= 7
    }
    return length + [UInt8(rest)] + bytes
  }

  private static func decode(_ block: [UInt8], into reply: inout HTTPReply) throws {
    var position = 0
    func byte() throws -> UInt8 {
      guard position < block.count else { throw ConnectionError("header block") }
      defer { position += 1 }
      return block[position]
    }
    func string() throws -> String {
      let first = try byte()
      guard first & 0x80 == 0 else { throw ConnectionError("Huffman coding is not understood here") }
      var length = Int(first & 0x7f)
      if length == 127 {
        var shift = 0
        while true {
          let next = try byte()
          length += Int(next & 0x7f) << shift
          shift += 7
          if next & 0x80 == 0 { break }
        }
      }
      guard position + length <= block.count else { throw ConnectionError("header block") }
      defer { position += length }
      return String(decoding: block[position..<position + length], as: UTF8.self)
    }
    while position < block.count {
      guard try byte() == 0 else { throw ConnectionError("only literal fields are understood here") }
      let name = try string()
      let value = try string()
      if name == ":status" { reply.status = Int(value) ?? 0 } else { reply.headers[name] = value }
    }
  }
}
