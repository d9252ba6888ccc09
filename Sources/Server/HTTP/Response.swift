/// An answer. The headers that every answer has are added when it is written.
struct Response {
  var status: Int
  var contentType: String?
  /// Names in lower case.
  var headers: [(name: String, value: String)] = []
  var body: [UInt8] = []
  /// 304: nothing follows the head. (So it is with every answer to HEAD.)
  var omitsBody = false
  /// The body of the request is not worth reading: the connection ends after the answer.
  var closesConnection = false
}

/// The headers of every answer over HTTPS. HSTS is never sent: after a new key nobody could click through.
enum SecurityHeaders {
  static let contentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    + "connect-src 'self'; manifest-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'; "
    + "require-trusted-types-for 'script'"

  static let secure: [(name: String, value: String)] = [
    ("content-security-policy", contentSecurityPolicy),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("permissions-policy", "camera=(self), microphone=(self), display-capture=(self), geolocation=(), payment=()"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
  ]

  /// For the one page of port 80, which has its style in itself and no script.
  static let plain: [(name: String, value: String)] = [
    (
      "content-security-policy",
      "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
    ),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
  ]
}
