import Configuration
import Glibc
import Links
import Linux
import Signaling
import TestSupport
import Testing

@testable import Server

/// How the process begins and ends.
extension ProcessTests {
  @Test func itSaysThatItIsReadyAndWhatTheBoxDoes() throws {
    let server = try ServerUnderTest()
    #expect(server.supervisor.received.contains(.state(.nobodyReachable)))
    let anna = try Phone(server, registering: "anna")
    let stream = try anna.events()
    _ = try stream.hello()
    try server.supervisor.waitFor { $0 == .state(.ready) }
    #expect(try server.stop() == 0)
  }

  @Test func itEndsWithItsSupervisor() throws {
    let server = try ServerUnderTest()
    server.supervisor.close()
    #expect(server.exit() == 1)
  }

  @Test func aStoreThatCannotBeOpenedIsSaid() throws {
    let directory = try ScratchDirectory()
    try directory.installBox()
    let paths = Paths(root: directory.path)
    try StateFile.makeDirectory(paths.database, mode: 0o700)
    let lines = LogLines()
    lines.start()
    let code = try Self.runWithoutSupervisor(paths)
    let all = lines.stop()
    #expect(code == 78)
    #expect(all.contains { $0.contains("cannot serve") && $0.contains(paths.database) })
  }

  @Test(arguments: ["missing", "rubbish", "the key of another"])
  func withoutItsCertificateItDoesNotServe(_ what: String) throws {
    let directory = try ScratchDirectory()
    try directory.installBox()
    let paths = Paths(root: directory.path)
    _ = try SigningCommand.run(.init(paths: paths, name: "fieldbox.internal", addresses: []))
    switch what {
    case "missing": unlink(paths.leafCertificate)
    case "rubbish": try StateFile.replace(paths.leafCertificate, with: Array("rubbish".utf8), mode: 0o644)
    default: try StateFile.replace(paths.leafKey, with: try PrivateKey().pem(), mode: 0o600)
    }
    let lines = LogLines()
    lines.start()
    let code = try Self.runWithoutSupervisor(paths)
    let all = lines.stop()
    #expect(code == 78)
    #expect(all.contains { $0.contains("cannot serve") && $0.contains("/tls/leaf.") })
  }

  @Test func withoutTheWebClientItStillAnswers() throws {
    let server = try ServerUnderTest { _ in }
    let directory = server.directory
    #expect(try server.stop() == 0)
    let remove = Spawn(path: "/bin/rm", arguments: ["rm", "-rf", "\(directory.path)/usr"], environment: [])
    waitpid(try remove.start(), nil, 0)
    let second = try ServerUnderTest(in: directory, webClient: false)
    #expect(try Phone(second).get("/").status == 404)
    #expect(try Phone(second).get("/api/box").status == 200)
  }

  /// On the test's own thread: it must come back by itself.
  private static func runWithoutSupervisor(_ paths: Paths) throws -> Int32 {
    let loopback = SocketAddress(ipv4: 0x7f00_0001, port: 0)
    let https = try Sockets.listening(on: loopback)
    let http = try Sockets.listening(on: loopback)
    let (ours, theirs) = try MessageSocket.pair()
    defer { _ = ours.number }
    return ServerProcess.run(
      ServerProcess.Options(
        control: fcntl(theirs.number, F_DUPFD_CLOEXEC, 3), https: https.release(), http: http.release(), paths: paths,
        configuration: BoxConfiguration()))
  }
}
