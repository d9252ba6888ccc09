import Linux

/// What port 80 serves: one page without a script that leads to the HTTPS address, and the box's authority to download.
struct TrustSite {
  let boxName: String
  let hostName: String
  let httpsPort: UInt16
  /// The authority in DER form, and its SHA-256 as people compare it.
  let authority: [UInt8]
  let fingerprint: String

  func response(to head: RequestHead, on connection: Connection) -> Response {
    guard head.method == "GET" || head.method == "HEAD" else {
      return .text(405, "method not allowed", headers: [("allow", "GET, HEAD")])
    }
    switch head.path {
    case "/":
      return Response(
        status: 200, contentType: "text/html; charset=utf-8", headers: [("cache-control", "no-store")],
        body: Array(page(on: connection).utf8))
    case "/ca.crt" where !authority.isEmpty:
      return Response(
        status: 200, contentType: "application/x-x509-ca-cert",
        headers: [("cache-control", "no-store"), ("content-disposition", "attachment; filename=\"fieldbox-ca.crt\"")],
        body: authority)
    default: return .text(404, "not found")
    }
  }

  /// Names the address that the client used, as the socket knows it: nothing that the request says gets into the page.
  private func page(on connection: Connection) -> String {
    let port = httpsPort == 443 ? "" : ":\(httpsPort)"
    let literal = connection.local.isIPv4 ? connection.local.literal : "[\(connection.local.literal)]"
    let byAddress = "https://\(literal)\(port)/"
    let byName = "https://\(hostName)\(port)/"
    return """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(Self.escaped(boxName))</title>
      <style>
      body { font: 18px/1.5 system-ui, sans-serif; max-width: 34rem; margin: 2rem auto; padding: 0 1rem; color: #16202a; background: #f6f8fa }
      h1 { font-size: 1.6rem }
      section { background: #fff; border: 1px solid #d5dde5; border-radius: 12px; padding: .4rem 1.2rem 1rem; margin: 1rem 0 }
      a.open { display: block; padding: .9rem 1rem; margin: .6rem 0; border-radius: 10px; background: #0b5cad; color: #fff; text-align: center; text-decoration: none; font-weight: 600; overflow-wrap: anywhere }
      a { color: #0b5cad }
      code { font-size: .8rem; overflow-wrap: anywhere }
      @media (prefers-color-scheme: dark) { body { color: #e8eef4; background: #10161c } section { background: #18212a; border-color: #2c3945 } a { color: #7db8f5 } a.open { color: #fff } }
      </style>
      </head>
      <body>
      <h1>\(Self.escaped(boxName))</h1>
      <section lang="zh">
      <h2>打开现场通话</h2>
      <a class="open" href="\(Self.escaped(byAddress))">\(Self.escaped(byAddress))</a>
      <p>也可以使用名称：<a href="\(Self.escaped(byName))">\(Self.escaped(byName))</a></p>
      <p>第一次打开时，浏览器会提示证书不受信任，因为盒子不连接互联网，使用自己的证书。请先安装盒子的根证书并核对指纹，提示就不再出现。</p>
      <p><a href="/ca.crt">下载根证书 (ca.crt)</a></p>
      </section>
      <section lang="en">
      <h2>Open the field box</h2>
      <a class="open" href="\(Self.escaped(byAddress))">\(Self.escaped(byAddress))</a>
      <p>Or by name: <a href="\(Self.escaped(byName))">\(Self.escaped(byName))</a></p>
      <p>This box has no internet, so it signs its own certificate, and a browser warns at the first visit. Install the box’s
      authority and compare its fingerprint, and the warning is gone.</p>
      <p><a href="/ca.crt">Download the authority (ca.crt)</a></p>
      </section>
      <section>
      <h2 lang="en"><span lang="zh">指纹</span> Fingerprint (SHA-256)</h2>
      <code>\(fingerprint)</code>
      </section>
      </body>
      </html>

      """
  }

  static func escaped(_ text: String) -> String {
    var escaped = ""
    for character in text {
      switch character {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      default: escaped.append(character)
      }
    }
    return escaped
  }
}
