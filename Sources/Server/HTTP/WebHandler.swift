/// What the web server asks about each request.
protocol WebHandler: AnyObject {
  /// Looks at the head before a byte of the body is read. False if it answered already; then the body is thrown away.
  func begin(_ exchange: Exchange) -> Bool
  /// The request is complete. To be answered through the exchange, at once or later.
  func handle(_ exchange: Exchange)
}
