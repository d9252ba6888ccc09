import CWebSockets

/// Answers, a part at a time, whenever lws says that a connection can be written.
extension WebServer {
  func write(_ wsi: OpaquePointer) -> Int32 {
    guard let exchange = exchanges[wsi] else { return 0 }
    if exchange.isAborted { return end(wsi, exchange) }
    switch exchange.phase {
    case .answering(let response): return writeHead(wsi, exchange, response)
    case .sendingBody(let response, let offset): return writeBody(wsi, exchange, response, offset)
    case .flushing(let response): return finish(wsi, exchange, response)
    case .streaming: return writeStream(wsi, exchange)
    case .readingBody, .handling, .lingering, .done: return 0
    }
  }

  private func writeHead(_ wsi: OpaquePointer, _ exchange: Exchange, _ response: Response) -> Int32 {
    guard let start = scratch.baseAddress?.advanced(by: fieldbox_lws_pre()).assumingMemoryBound(to: UInt8.self) else {
      return -1
    }
    var position: UnsafeMutablePointer<UInt8>? = start
    let end = start.advanced(by: Self.largestWrite)
    func add(_ name: String, _ value: String) -> Bool {
      let value = Array(value.utf8)
      return lws_add_http_header_by_name(wsi, name + ":", value, Int32(clamping: value.count), &position, end) == 0
    }
    guard lws_add_http_header_status(wsi, UInt32(clamping: response.status), &position, end) == 0 else { return -1 }
    let fixed = exchange.connection.listener == .secure ? SecurityHeaders.secure : SecurityHeaders.plain
    for header in fixed + response.headers { guard add(header.name, header.value) else { return -1 } }
    if let type = response.contentType { guard add("content-type", type) else { return -1 } }
    let closes = !exchange.isMultiplexed && (response.closesConnection || exchange.isStream)
    if closes { guard add("connection", "close") else { return -1 } }
    if !exchange.isStream, response.status != 304 {
      let length = lws_filepos_t(response.body.count)
      guard lws_add_http_header_content_length(wsi, length, &position, end) == 0 else { return -1 }
    }
    guard lws_finalize_http_header(wsi, &position, end) == 0, let position else { return -1 }
    let endsHere = !exchange.isStream && (response.omitsBody || exchange.head.method == "HEAD" || response.body.isEmpty)
    let count = position - start
    guard fieldbox_lws_write_headers(wsi, start, count, endsHere ? 1 : 0) >= count else { return -1 }
    keepFlushing(wsi)
    if exchange.isStream {
      exchange.phase = .streaming
      if exchange.isMultiplexed { lws_http_mark_sse(wsi) } else { lws_http_headers_detach(wsi) }
      lws_set_timeout(wsi, NO_PENDING_TIMEOUT, 0)
      if !exchange.isMultiplexed { watchForEnd(of: exchange, wsi) }
      return continueStream(wsi, exchange)
    }
    if endsHere { return finish(wsi, exchange, response) }
    exchange.phase = .sendingBody(response, offset: 0)
    lws_callback_on_writable(wsi)
    return 0
  }

  private func writeBody(_ wsi: OpaquePointer, _ exchange: Exchange, _ response: Response, _ offset: Int) -> Int32 {
    let count = min(room(wsi, exchange), response.body.count - offset)
    // Without room lws calls again when the peer grants some.
    guard count > 0 else { return 0 }
    let isLast = offset + count == response.body.count
    guard put(wsi, response.body[offset..<offset + count], isLast: isLast) else { return -1 }
    if isLast { return finish(wsi, exchange, response) }
    exchange.phase = .sendingBody(response, offset: offset + count)
    lws_set_timeout(wsi, PENDING_TIMEOUT_HTTP_CONTENT, limits.stallSeconds)
    lws_callback_on_writable(wsi)
    return 0
  }

  private func writeStream(_ wsi: OpaquePointer, _ exchange: Exchange) -> Int32 {
    if exchange.pending.isEmpty {
      guard exchange.endsAfterPending else { return continueStream(wsi, exchange) }
      _ = put(wsi, [], isLast: true)
      return end(wsi, exchange)
    }
    let count = min(room(wsi, exchange), exchange.pending.count)
    // Without room lws calls again when the peer grants some.
    guard count > 0 else { return 0 }
    guard put(wsi, exchange.takePending(count), isLast: false) else { return -1 }
    return continueStream(wsi, exchange)
  }

  /// The stream is over for us now; lws may wait a while for the client to close its side.
  private func end(_ wsi: OpaquePointer, _ exchange: Exchange) -> Int32 {
    exchanges[wsi] = nil
    exchange.didEnd()
    return -1
  }

  private func continueStream(_ wsi: OpaquePointer, _ exchange: Exchange) -> Int32 {
    if !exchange.pending.isEmpty || exchange.endsAfterPending || isFlushing(wsi) {
      lws_callback_on_writable(wsi)
    } else {
      pause(exchange)
    }
    return 0
  }

  /// How much may be written now: HTTP/2 has flow control of its own.
  private func room(_ wsi: OpaquePointer, _ exchange: Exchange) -> Int {
    guard exchange.isMultiplexed else { return Self.largestWrite }
    return min(Self.largestWrite, Int(clamping: lws_get_peer_write_allowance(wsi)))
  }

  private func put(_ wsi: OpaquePointer, _ bytes: ArraySlice<UInt8>, isLast: Bool) -> Bool {
    let pre = fieldbox_lws_pre()
    guard let start = scratch.baseAddress?.advanced(by: pre), bytes.count <= Self.largestWrite else { return false }
    bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: scratch[pre...]).copyMemory(from: $0) }
    let written = fieldbox_lws_write_body(wsi, start.assumingMemoryBound(to: UInt8.self), bytes.count, isLast ? 1 : 0)
    keepFlushing(wsi)
    return written >= bytes.count
  }

  /// Whether lws holds a part of what was written on this connection.
  private func isFlushing(_ wsi: OpaquePointer) -> Bool {
    guard let network = lws_get_network_wsi(wsi) else { return false }
    return lws_partial_buffered(network) != 0
  }

  /// What the socket does not take at once lws keeps for the connection; but it forgets to go on with that unless a
  /// stream of the connection asks to write.
  private func keepFlushing(_ wsi: OpaquePointer) {
    if isFlushing(wsi) { lws_callback_on_writable(wsi) }
  }

  private func finish(_ wsi: OpaquePointer, _ exchange: Exchange, _ response: Response) -> Int32 {
    if exchange.isMultiplexed, isFlushing(wsi) {
      exchange.phase = .flushing(response)
      return 0
    }
    if !exchange.isBodyComplete, exchange.isMultiplexed || response.closesConnection {
      // Ending with unread bytes would reset the connection and could take the answer away from the client.
      exchange.phase = .lingering(discarded: 0)
      lws_set_timeout(wsi, PENDING_TIMEOUT_HTTP_CONTENT, 2)
      return 0
    }
    exchanges[wsi] = nil
    exchange.didEnd()
    if response.closesConnection, !exchange.isMultiplexed { return -1 }
    return lws_http_transaction_completed(wsi) == 0 ? 0 : -1
  }
}
