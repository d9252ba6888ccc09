import Linux
import Signaling
import Testing

@testable import Server

/// The web client's files, and what port 80 serves.
extension ProcessTests {
  @Test func theFilesOfTheClientAreServed() throws {
    let server = try ServerUnderTest()
    let client = try server.connect()
    let types = [
      "/": "text/html; charset=utf-8", "/main.js": "text/javascript; charset=utf-8",
      "/style.css": "text/css; charset=utf-8", "/views/call.js": "text/javascript; charset=utf-8",
      "/icon.svg": "image/svg+xml", "/app.webmanifest": "application/manifest+json",
      "/large.bin": "application/octet-stream",
    ]
    for (path, type) in types {
      let reply = try client.request("GET", path, headers: [("Host", "localhost")])
      #expect(reply.status == 200, "\(path)")
      #expect(reply.headers["content-type"] == type, "\(path)")
      #expect(reply.headers["cache-control"] == "no-cache")
      let tag = try #require(reply.headers["etag"])
      for sent in [tag, "W/\(tag)", "\"other\", \(tag)", "*"] {
        let again = try client.request("GET", path, headers: [("Host", "localhost"), ("If-None-Match", sent)])
        #expect(again.status == 304, "\(path) \(sent)")
        #expect(again.headers["etag"] == tag)
      }
      #expect(
        try client.request("GET", path, headers: [("Host", "localhost"), ("If-None-Match", "\"other\"")]).status == 200)
      let head = try client.request("HEAD", path, headers: [("Host", "localhost")])
      #expect(head.status == 200)
      #expect(head.headers["content-length"] == "\(reply.body.count)")
    }
    #expect(try client.request("GET", "/large.bin", headers: [("Host", "localhost")]).body.count == 300_000)
  }

  @Test func nothingElseIs() throws {
    let server = try ServerUnderTest()
    let paths = [
      "/index.html", "/views", "/views/", "/nothing", "/link.txt", "/.hidden", "/main.js/", "/main.js%00.css",
      "/../../../../etc/passwd", "/..%2f..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/etc/passwd",
      "/views/../../../../etc/passwd",
      "//etc/passwd", "/views/..\\..\\fieldbox.db", "/var/lib/fieldbox/fieldbox.db",
      "/%2e%2e/lib/fieldbox/tls/leaf.key",
      "/__proto__", "/constructor",
    ]
    for path in paths {
      let client = try server.connect()
      // A connection that is refused is as good as "not found".
      let reply = try? client.request("GET", path, headers: [("Host", "localhost")])
      #expect(reply == nil || reply?.status == 404 || reply?.status == 403, "\(path): \(reply?.status ?? 0)")
      #expect(reply?.text.contains("root:") != true)
    }
    #expect(try Phone(server).get("/api/box").status == 200)
  }

  /// Hole 10 and 23: nothing from outside, no inline script, and whatever the answer is.
  @Test func everyAnswerHasTheSecurityHeaders() throws {
    let server = try ServerUnderTest()
    let phone = try Phone(server, registering: "anna")
    var replies = try ["/", "/main.js", "/style.css", "/nothing", "/api/box", "/api/me", "/api/nothing"].map {
      try phone.get($0)
    }
    replies.append(try phone.post("/api/signIn", "{"))
    replies.append(try phone.post("/api/calls/accept", #"{"device":"x","call":"y"}"#))
    replies.append(try phone.events().head)
    for reply in replies {
      let policy = try #require(reply.headers["content-security-policy"])
      for part in [
        "default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'", "base-uri 'none'",
        "form-action 'none'", "require-trusted-types-for 'script'",
      ] {
        #expect(policy.contains(part), "\(part)")
      }
      #expect(!policy.contains("unsafe"))
      #expect(reply.headers["x-content-type-options"] == "nosniff")
      #expect(reply.headers["referrer-policy"] == "no-referrer")
      #expect(try #require(reply.headers["permissions-policy"]).contains("camera=(self), microphone=(self)"))
      #expect(reply.headers["cross-origin-opener-policy"] == "same-origin")
      // After a new key nobody could click through.
      #expect(reply.headers["strict-transport-security"] == nil)
      #expect(reply.headers["access-control-allow-origin"] == nil)
      #expect(reply.headers["content-type"] != nil)
    }
    for reply in replies where reply.headers["content-type"] == "application/json" {
      #expect(reply.headers["cache-control"] == "no-store")
    }
  }

  /// Hole 1: nothing but the one page over plain HTTP.
  @Test func plainHTTPServesTheTrustPageAlone() throws {
    let server = try ServerUnderTest { $0.name = "Box <3> & \"co\"" }
    let client = try server.connectPlain()
    let page = try client.request("GET", "/", headers: [("Host", "evil.example\"><script>")])
    #expect(page.status == 200)
    #expect(page.headers["content-type"] == "text/html; charset=utf-8")
    #expect(page.text.contains("https://127.0.0.1:\(server.httpsPort)/"))
    #expect(page.text.contains("https://fieldbox.internal:\(server.httpsPort)/"))
    #expect(page.text.contains("Box &lt;3&gt; &amp; &quot;co&quot;"))
    #expect(page.text.contains("lang=\"zh\"") && page.text.contains("lang=\"en\""))
    #expect(!page.text.contains("<script") && !page.text.contains("evil.example"))
    #expect(try #require(page.headers["content-security-policy"]).hasPrefix("default-src 'none'"))

    let pem = try #require(try StateFile.read(server.paths.authorityCertificate))
    let authority = try Certificate(pem: pem)
    #expect(try page.text.contains(authority.fingerprint()))
    let download = try client.request("GET", "/ca.crt", headers: [("Host", "x")])
    #expect(download.headers["content-type"] == "application/x-x509-ca-cert")
    #expect(try download.body == authority.der())
    #expect(try client.request("HEAD", "/", headers: [("Host", "x")]).status == 200)

    for path in ["/api/box", "/api/me", "/main.js", "/index.html", "/ca.key", "/authority/ca.key", "/nothing"] {
      #expect(try client.request("GET", path, headers: [("Host", "x")]).status == 404, "\(path)")
    }
    for route in Route.table where route.method == .post {
      let reply = try server.connectPlain().request(
        "POST", route.path, headers: [("Host", "x"), ("Origin", "https://x"), ("Content-Type", "application/json")],
        body: Array(#"{"id":"anna","displayName":"Anna","password":"correct horse"}"#.utf8))
      #expect(reply.status == 405, "\(route.path)")
      #expect(reply.headers["set-cookie"] == nil)
    }
  }

  /// A request cannot talk its connection into the other site, by whatever name.
  @Test(arguments: ["secure", "plain", "localhost"])
  func theListenerDecidesNotTheName(_ name: String) throws {
    let server = try ServerUnderTest()
    let plain = try server.connectPlain()
    #expect(try plain.request("GET", "/api/box", headers: [("Host", name)]).status == 404)
    let secure = try server.connect()
    #expect(try secure.request("GET", "/api/box", headers: [("Host", name)]).status == 200)
    #expect(try secure.request("GET", "/ca.crt", headers: [("Host", name)]).status == 404)
  }
}
