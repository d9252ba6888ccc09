/// Answers for the web client's files.
struct StaticSite {
  let assets: AssetTable

  func response(to head: RequestHead) -> Response {
    guard head.method == "GET" || head.method == "HEAD" else {
      return .text(405, "method not allowed", headers: [("allow", "GET, HEAD")])
    }
    guard let asset = assets[head.path] else { return .text(404, "not found") }
    // Asked each time, answered by 304: after an update no phone runs old code.
    let headers = [("etag", asset.entityTag), ("cache-control", "no-cache")]
    if Self.matches(head.ifNoneMatch, asset.entityTag) {
      return Response(status: 304, headers: headers, omitsBody: true)
    }
    return Response(
      status: 200, contentType: asset.contentType, headers: headers, body: asset.bytes)
  }

  /// RFC 9110 section 13.1.2, the weak comparison.
  static func matches(_ header: String, _ tag: String) -> Bool {
    header.split(separator: ",").contains { part in
      let candidate = part.drop { $0 == " " }.prefix { $0 != " " }
      return candidate == "*" || candidate == tag || candidate == "W/" + tag
    }
  }
}

extension Response {
  /// A line of plain text, for what no page of ours asks.
  static func text(_ status: Int, _ line: String, headers: [(name: String, value: String)] = []) -> Response {
    Response(
      status: status, contentType: "text/plain; charset=utf-8", headers: headers + [("cache-control", "no-store")],
      body: Array((line + "\n").utf8))
  }
}
