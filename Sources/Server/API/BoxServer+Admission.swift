import Linux
import Signaling

/// What is checked before a request's body is read.
extension BoxServer: WebHandler {
  func begin(_ exchange: Exchange) -> Bool {
    let head = exchange.head
    do throws(APIError) {
      try limits.take(address: WebServer.AddressKey(exchange.connection.remote), now: .now())
      if exchange.connection.listener == .plain {
        refuse(exchange, trust.response(to: head, on: exchange.connection))
        return false
      }
      guard head.path.hasPrefix("/api/") || head.path == "/api" else {
        refuse(exchange, site.response(to: head))
        return false
      }
      try admit(exchange)
      return true
    } catch {
      refuse(exchange, error)
      return false
    }
  }

  /// The order of PROTOCOL.md: path, origin, session, rate, form of the body.
  private func admit(_ exchange: Exchange) throws(APIError) {
    let head = exchange.head
    let route = try Route.find(method: head.method, path: head.path)
    exchange.route = route
    try checkOrigin(head, route)
    let address = WebServer.AddressKey(exchange.connection.remote)
    switch route.access {
    case .open: try limits.take(route.bucket, .address(address), now: .now())
    case .session, .administrator:
      guard let token = head.cookieValue(Self.cookieName), let identity = sessions.identity(token: token, now: .now())
      else { throw APIError(.notSignedIn, "no session, or one that has ended") }
      exchange.identity = identity
      try limits.take(route.bucket, .session(identity.session), now: .now())
      guard route.access == .session || switchboard.isAdministrator(identity.user) else {
        throw APIError(.forbidden, "only an administrator of this box may")
      }
    }
    guard route.method == .post else {
      guard head.bodyLength == .none || head.bodyLength == .bytes(0) else {
        throw APIError(.badRequest, "a GET has no body")
      }
      return
    }
    guard Self.isJSON(head.contentType) else {
      throw APIError(.unsupportedMediaType, "the body is to be application/json")
    }
    guard case .bytes(let count) = head.bodyLength else {
      throw APIError(.badRequest, "a Content-Length is needed")
    }
    guard count <= API.largestBodyBytes else {
      throw APIError(.tooLarge, "a body of at most \(API.largestBodyBytes) bytes is expected, got \(count)")
    }
  }

  /// A request that changes something must come from a page of this box; one that only reads must not come from another.
  private func checkOrigin(_ head: RequestHead, _ route: Route) throws(APIError) {
    let own = "https://\(head.host)".lowercased()
    let isOwn = !head.host.isEmpty && head.origin.lowercased() == own
    guard isOwn || (route.method == .get && head.origin.isEmpty) else {
      throw APIError(.forbiddenOrigin, "the request came from another site's page")
    }
    guard ["", "same-origin", "none"].contains(head.fetchSite) else {
      throw APIError(.forbiddenOrigin, "the request came from another site")
    }
  }

  /// RFC 9110 section 8.3.1: parameters do not matter here.
  static func isJSON(_ contentType: String) -> Bool {
    contentType.prefix { $0 != ";" && $0 != " " }.lowercased() == "application/json"
  }

  // MARK: Answers

  /// An answer before the body was read. What cannot be skipped in a moment ends the connection.
  private func refuse(_ exchange: Exchange, _ response: Response) {
    var response = response
    switch exchange.head.bodyLength {
    case .none: break
    case .bytes(let count): response.closesConnection = count > API.largestBodyBytes
    case .unknown: response.closesConnection = true
    }
    exchange.respond(response)
  }

  private func refuse(_ exchange: Exchange, _ error: APIError) {
    countRefusal()
    var response = Self.response(error)
    if error.code == .methodNotAllowed {
      // RFC 9110 section 15.5.6.
      let methods = Route.methods(of: exchange.head.path).map(\.rawValue)
      response.headers.append((name: "allow", value: methods.joined(separator: ", ")))
    }
    refuse(exchange, response)
  }

  static func response(_ error: APIError) -> Response {
    var headers = [(name: "cache-control", value: "no-store")]
    if let seconds = error.retryAfterSeconds { headers.append(("retry-after", "\(seconds)")) }
    let body = (try? APICodec.encode(error.body)) ?? []
    return Response(status: error.code.status, contentType: "application/json", headers: headers, body: body)
  }

  static func response(_ message: some APIMessage, cookie: String? = nil) -> Response {
    var headers = [(name: "cache-control", value: "no-store")]
    if let cookie { headers.append(("set-cookie", cookie)) }
    do throws(APIError) {
      let body = try APICodec.encode(message)
      return Response(status: 200, contentType: "application/json", headers: headers, body: body)
    } catch {
      Log.error("\(error)")
      return response(APIError(.internal, "the answer could not be written"))
    }
  }
}
