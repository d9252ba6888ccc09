import Linux
import Signaling

/// Registering, signing in and out, and the user's own sessions.
extension BoxServer {
  func register(_ exchange: Exchange) throws(APIError) -> Response? {
    let request = try APICodec.decode(RegisterRequest.self, from: exchange.body)
    let address = WebServer.AddressKey(exchange.connection.remote)
    try accounts.register(request, from: address, now: .now()) { [weak self, weak exchange] result in
      guard let self else { return }
      switch result {
      case .success(let user):
        // The account is there even if whoever asked for it is gone.
        Self.audit("registered", user.id, from: "\(address)")
        let now = MonotonicTime.now()
        inform { switchboard, moment in switchboard.update(Account(user, registered: now), now: moment) }
        if let exchange { beginSession(user, exchange) }
      case .failure(let error):
        if let exchange { fail(exchange, error) }
      }
    }
    return nil
  }

  /// One line of who did what.
  static func audit(_ what: String, _ user: String, from address: String? = nil, _ more: [String: String] = [:]) {
    var fields = more.merging(["AUDIT": what, "USER": user]) { $1 }
    fields["ADDRESS"] = address
    Log.info("audit: \(user) \(what)\(address.map { " from \($0)" } ?? "")", fields)
  }

  func signIn(_ exchange: Exchange) throws(APIError) -> Response? {
    let request = try APICodec.decode(SignInRequest.self, from: exchange.body)
    let address = WebServer.AddressKey(exchange.connection.remote)
    try accounts.signIn(request, from: address, now: .now()) { [weak self, weak exchange] result in
      guard let self, let exchange else { return }
      switch result {
      case .success(let user):
        Self.audit("signed in", user.id, from: "\(address)")
        beginSession(user, exchange)
      case .failure(let error): fail(exchange, error)
      }
    }
    return nil
  }

  private func beginSession(_ user: StoredUser, _ exchange: Exchange) {
    guard exchange.isOpen else { return }
    do throws(DatabaseError) {
      // The browser forgets the cookie it had, so nobody could use that session any more.
      if let token = exchange.head.cookieValue(Self.cookieName), let old = sessions.identity(token: token, now: .now())
      {
        _ = sessions.end(old.session, of: old.user)
        sessionEnded(old.session)
      }
      let device = DeviceName.of(userAgent: exchange.head.userAgent)
      let (token, ended) = try sessions.begin(user: UserID(user.id), device: device, now: .now())
      for session in ended { sessionEnded(session) }
      let me = Me(id: UserID(user.id), displayName: user.displayName, administrator: user.administrator)
      exchange.respond(Self.response(MeResponse(me: me), cookie: cookie(token)))
    } catch {
      fail(exchange, Accounts.internalError(error))
    }
  }

  func signOut(_ exchange: Exchange) throws(APIError) -> Response {
    let (_, identity) = try body(EmptyRequest.self, exchange)
    try end(identity.session, of: identity.user)
    Self.audit("signed out", identity.user.rawValue)
    let gone = "\(Self.cookieName)=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Strict"
    return Self.response(EmptyResponse(), cookie: gone)
  }

  func endSession(_ exchange: Exchange) throws(APIError) -> Response {
    let (request, identity) = try body(EndSessionRequest.self, exchange)
    try end(request.session, of: identity.user)
    Self.audit("ended session \(request.session)", identity.user.rawValue, ["SESSION": "\(request.session)"])
    return Self.response(EmptyResponse())
  }

  private func end(_ session: SessionID, of user: UserID) throws(APIError) {
    guard sessions.end(session, of: user) else {
      throw APIError(.notFound, "there is no such session", field: "session")
    }
    sessionEnded(session)
  }

  func me(_ exchange: Exchange) throws(APIError) -> Me {
    let identity = try identity(exchange)
    let user: StoredUser?
    do throws(DatabaseError) { user = try accounts.user(identity.user) } catch { throw Accounts.internalError(error) }
    guard let user else { throw APIError(.notSignedIn, "the account is gone") }
    return Me(id: UserID(user.id), displayName: user.displayName, administrator: user.administrator)
  }

  private func cookie(_ token: Secret) -> String {
    let seconds = Int64(configuration.sessionHours * 3600)
    return "\(Self.cookieName)=\(token.revealed); Path=/; Max-Age=\(seconds); HttpOnly; Secure; SameSite=Strict"
  }
}
