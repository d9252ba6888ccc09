import Testing

@testable import Server

@Suite(.serialized) struct SmokeTests {
  @Test func starts() throws {
    let server = try ServerUnderTest()
    let client = try server.connect()
    let reply = try client.request("GET", "/api/box", headers: [("Host", "localhost")])
    print(reply, reply.text)
    let page = try client.request("GET", "/", headers: [("Host", "localhost")])
    print(page, page.text)
    let big = try client.request("GET", "/large.bin", headers: [("Host", "localhost")])
    #expect(big.body.count == 300_000)
    #expect(try server.stop() == 0)
  }
}
