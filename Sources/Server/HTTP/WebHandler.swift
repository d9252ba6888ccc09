/// What the web server asks about each request.
protocol WebHandler: AnyObject {
  /// Looks at the head before a byte of the body is read; an answer here is the end of it.
  func refusal(of head: RequestHead, on connection: Connection) -> Response?
  /// The request is complete. To be answered through the exchange, at once or later.
  func handle(_ exchange: Exchange)
}
