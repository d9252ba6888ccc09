import Linux

/// Which listening socket a connection came through.
enum Listener: Sendable {
  /// HTTPS: everything.
  case secure
  /// Plain HTTP: the trust page alone.
  case plain
}

/// A TCP connection, as it was accepted.
final class Connection {
  let listener: Listener
  let remote: SocketAddress
  /// The address of the box that the client used, which is the one its media will reach as well.
  let local: SocketAddress
  var eventStreams = 0

  init(listener: Listener, remote: SocketAddress, local: SocketAddress) {
    self.listener = listener
    self.remote = remote
    self.local = local
  }
}

/// A request without its body. Headers that were not sent are empty.
struct RequestHead {
  enum BodyLength: Equatable {
    case none
    case bytes(Int)
    /// A POST without Content-Length, or with one that is no number: nothing of it is read.
    case unknown
  }

  var method: String
  /// Percent-decoded, without the query; `.` and `..` are resolved by the HTTP library.
  var path: String
  /// The `name=value` parts of the query, percent-decoded.
  var query: [String]
  /// Host and port as the client named them.
  var host: String
  var origin: String
  var contentType: String
  var bodyLength: BodyLength
  var cookie: String
  var ifNoneMatch: String
  var userAgent: String
  /// Over HTTP/1.1 only: libwebsockets drops headers that it does not know from HTTP/2 requests.
  var lastEventID: String
  /// Over HTTP/1.1 only, as above.
  var fetchSite: String

  /// The value of a part of the query.
  func queryValue(_ name: String) -> String? {
    let prefix = name + "="
    return query.first { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
  }

  /// The value of a cookie; nil if it is absent or given twice, which no browser does.
  func cookieValue(_ name: String) -> String? {
    var value: String?
    for part in cookie.split(separator: ";") {
      let part = part.drop { $0 == " " }
      guard part.hasPrefix(name + "=") else { continue }
      guard value == nil else { return nil }
      value = String(part.dropFirst(name.count + 1))
    }
    return value
  }
}
