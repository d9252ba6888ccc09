import CWebSockets

/// Requests as lws hands them over.
extension WebServer {
  /// A request whose body is longer than this is not read to its end to keep the connection.
  private static let mostDiscarded = 256 * 1024

  func requestBegan(_ wsi: OpaquePointer, path: String) -> Int32 {
    guard let network = lws_get_network_wsi(wsi), let connection = connections[network] else { return -1 }
    // HTTP/1.1 pipelining into an unanswered request is not served.
    if let earlier = exchanges[wsi], earlier.isOpen { return -1 }
    requests &+= 1
    let exchange = Exchange(
      head: head(of: wsi, path: path), connection: connection, server: self, wsi: wsi, isMultiplexed: network != wsi)
    // With the headers at hand, libwebsockets 4.3 takes a frame of HTTP/2 that is read in pieces for a body longer than it said,
    // and ends the connection. They are read now; the length is checked here.
    if exchange.isMultiplexed { lws_http_headers_detach(wsi) }
    exchange.isBodyComplete = exchange.head.bodyLength == .none || exchange.head.bodyLength == .bytes(0)
    exchanges[wsi] = exchange
    guard let handler else { return -1 }
    guard handler.begin(exchange) else { return 0 }
    switch exchange.head.bodyLength {
    case .bytes(let count) where count > 0: exchange.body.reserveCapacity(count)
    // lws tells of the end of an empty body that was announced by a POST.
    case .bytes where exchange.head.method == "POST" && !exchange.isMultiplexed: break
    case .bytes, .none: complete(exchange, handler)
    case .unknown: return -1
    }
    return 0
  }

  func bodyArrived(_ wsi: OpaquePointer, _ bytes: UnsafeRawBufferPointer) -> Int32 {
    guard let exchange = exchanges[wsi] else { return -1 }
    switch exchange.phase {
    case .readingBody:
      // Never more than was announced and found short enough.
      guard case .bytes(let expected) = exchange.head.bodyLength, exchange.body.count + bytes.count <= expected else {
        return -1
      }
      exchange.body.append(contentsOf: bytes)
    case .lingering(let discarded):
      guard discarded + bytes.count <= Self.mostDiscarded else { return -1 }
      exchange.phase = .lingering(discarded: discarded + bytes.count)
    default: break
    }
    return 0
  }

  func bodyCompleted(_ wsi: OpaquePointer) -> Int32 {
    guard let exchange = exchanges[wsi] else { return 0 }
    exchange.isBodyComplete = true
    if case .lingering = exchange.phase { return -1 }
    guard case .readingBody = exchange.phase, let handler else { return 0 }
    if case .bytes(let expected) = exchange.head.bodyLength, exchange.body.count == expected {
      complete(exchange, handler)
      return 0
    }
    return -1
  }

  private func complete(_ exchange: Exchange, _ handler: any WebHandler) {
    exchange.phase = .handling
    handler.handle(exchange)
    // Until it is answered nothing more is read from an HTTP/1.1 connection, so requests cannot pile up.
    if case .handling = exchange.phase { pause(exchange) }
  }

  private func head(of wsi: OpaquePointer, path: String) -> RequestHead {
    let host = text(wsi, WSI_TOKEN_HOST) ?? text(wsi, WSI_TOKEN_HTTP_COLON_AUTHORITY)
    let method =
      text(wsi, WSI_TOKEN_HTTP_COLON_METHOD)
      ?? (lws_hdr_total_length(wsi, WSI_TOKEN_GET_URI) > 0
        ? "GET"
        : lws_hdr_total_length(wsi, WSI_TOKEN_POST_URI) > 0
          ? "POST" : lws_hdr_total_length(wsi, WSI_TOKEN_HEAD_URI) > 0 ? "HEAD" : "OTHER")
    return RequestHead(
      method: method, path: path, query: query(wsi), host: host ?? "", origin: text(wsi, WSI_TOKEN_ORIGIN) ?? "",
      contentType: text(wsi, WSI_TOKEN_HTTP_CONTENT_TYPE) ?? "",
      bodyLength: bodyLength(wsi, method), cookie: text(wsi, WSI_TOKEN_HTTP_COOKIE) ?? "",
      ifNoneMatch: text(wsi, WSI_TOKEN_HTTP_IF_NONE_MATCH) ?? "",
      userAgent: text(wsi, WSI_TOKEN_HTTP_USER_AGENT) ?? "", lastEventID: custom(wsi, "last-event-id:"),
      fetchSite: custom(wsi, "sec-fetch-site:"))
  }

  private func bodyLength(_ wsi: OpaquePointer, _ method: String) -> RequestHead.BodyLength {
    guard lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) == 0 else { return .unknown }
    guard let length = text(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) else { return method == "POST" ? .unknown : .none }
    guard length.utf8.count <= 15, length.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let bytes = Int(length)
    else {
      return .unknown
    }
    return .bytes(bytes)
  }

  /// A header, all of its parts; nil if it was not sent.
  private func text(_ wsi: OpaquePointer, _ token: lws_token_indexes) -> String? {
    let length = Int(lws_hdr_total_length(wsi, token))
    guard length > 0 else { return nil }
    // A few more: lws puts commas between parts, and a zero at the end.
    return copy(length + 32) { lws_hdr_copy(wsi, $0, $1, token) }
  }

  private func custom(_ wsi: OpaquePointer, _ name: String) -> String {
    let nameLength = Int32(name.utf8.count)
    let length = Int(lws_hdr_custom_length(wsi, name, nameLength))
    guard length > 0 else { return "" }
    return copy(length + 8) { lws_hdr_custom_copy(wsi, $0, $1, name, nameLength) } ?? ""
  }

  private func query(_ wsi: OpaquePointer) -> [String] {
    var parts: [String] = []
    while parts.count < 16 {
      let length = Int(lws_hdr_fragment_length(wsi, WSI_TOKEN_HTTP_URI_ARGS, Int32(parts.count)))
      let number = Int32(parts.count)
      guard length > 0,
        let part = copy(length + 8, { lws_hdr_copy_fragment(wsi, $0, $1, WSI_TOKEN_HTTP_URI_ARGS, number) })
      else { break }
      parts.append(part)
    }
    return parts
  }

  /// What `body` wrote into memory of `capacity` bytes: it returns the length, or a negative number.
  private func copy(_ capacity: Int, _ body: (UnsafeMutablePointer<CChar>?, Int32) -> Int32) -> String? {
    let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
      let written = buffer.withMemoryRebound(to: CChar.self) { body($0.baseAddress, Int32(clamping: capacity)) }
      count = max(0, min(Int(written), capacity))
    }
    return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
  }
}
