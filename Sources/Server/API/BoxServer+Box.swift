import Links
import Linux
import Signaling

/// What administrators may know of the box. The supervisor knows most of it, and is asked.
extension BoxServer {
  /// Nil: the answer comes when the supervisor has answered.
  func tellOfBox(_ name: Route.Name, _ exchange: Exchange) throws(APIError) -> Response? {
    guard let control, control.isOpen else { throw APIError(.internal, "the supervisor cannot be asked") }
    switch name {
    case .selfTest:
      _ = try body(EmptyRequest.self, exchange)
      control.send(.wantSelfTest)
      return Self.response(EmptyResponse())
    case .log:
      logWaiting.append((exchange, []))
      if logWaiting.count == 1 { control.send(.wantLog(from: 0)) }
    default:
      statusWaiting.append((exchange, name))
      if statusWaiting.count == 1 { control.send(.wantStatus) }
    }
    return nil
  }

  func answerWaiting(with status: BoxStatus) {
    let waiting = statusWaiting
    statusWaiting = []
    for (exchange, name) in waiting {
      exchange.respond(
        name == .metrics
          ? Self.text(MetricsText.render(status), contentType: MetricsText.contentType)
          : Self.response(HealthResponse(status: status)))
    }
  }

  /// One page of the log for the first that waits; an empty one ends it.
  func answerWaiting(with page: [LogLine]) {
    guard let first = logWaiting.first else { return }
    if let last = page.last, first.exchange.isOpen {
      logWaiting[0].lines += page
      control?.send(.wantLog(from: last.number &+ 1))
      return
    }
    logWaiting.removeFirst()
    var redactor = Redactor()
    var response = Self.text(LogText.render(first.lines, &redactor), contentType: "text/plain; charset=utf-8")
    response.headers.append(("content-disposition", "attachment; filename=\"fieldbox-log.txt\""))
    first.exchange.respond(response)
    if !logWaiting.isEmpty { control?.send(.wantLog(from: 0)) }
  }

  private static func text(_ text: String, contentType: String) -> Response {
    Response(
      status: 200, contentType: contentType, headers: [(name: "cache-control", value: "no-store")],
      body: Array(text.utf8))
  }

  /// Tells whether phones can believe the certificate.
  func checkCertificate() {
    control?.send(.condition(.certificate, certificate.fault(at: .now())))
  }
}
