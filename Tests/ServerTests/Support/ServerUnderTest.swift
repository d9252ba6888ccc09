import Configuration
import Glibc
import Links
import Linux
import Signaling
import TestSupport

@testable import Server

/// The whole server process on a thread of the test, between a supervisor and a media process that the test plays, with real
/// HTTPS on 127.0.0.1 and a scratch directory for a root.
final class ServerUnderTest {
  let directory: ScratchDirectory
  let paths: Paths
  let httpsPort: UInt16
  let httpPort: UInt16
  let supervisor: FakePeer<ControlReport, ControlCommand>
  private let worker: Worker
  private let exitCode: ExitCode
  private var isStopped = false

  /// `configuration` changes the defaults; `directory` is one of an earlier server, which then finds its state.
  init(
    in directory: ScratchDirectory? = nil, heartbeat: Interval = .seconds(15), webClient: Bool = true,
    limits: WebServer.Limits = .init(),
    configure: (inout BoxConfiguration) -> Void = { _ in }
  ) throws {
    let directory = try directory ?? ScratchDirectory()
    self.directory = directory
    paths = Paths(root: directory.path)
    var configuration = BoxConfiguration()
    // Tests sign in and register at will, unless they try just this.
    configuration.attemptsPerMinute = 1000
    configuration.registrationsPerMinute = 1000
    configure(&configuration)
    if webClient { try directory.installBox() }
    _ = try SigningCommand.run(.init(paths: paths, name: configuration.hostName, addresses: []))

    let loopback = SocketAddress(ipv4: 0x7f00_0001, port: 0)
    let https = try Sockets.listening(on: loopback)
    let http = try Sockets.listening(on: loopback)
    httpsPort = try Sockets.localAddress(https.number).0.port
    httpPort = try Sockets.localAddress(http.number).0.port
    let (ours, theirs) = try MessageSocket.pair()
    supervisor = FakePeer(ours)
    var options = ServerProcess.Options(
      control: fcntl(theirs.number, F_DUPFD_CLOEXEC, 3), https: https.release(), http: http.release(), paths: paths,
      configuration: configuration)
    options.heartbeat = heartbeat
    options.limits = limits
    let exitCode = ExitCode()
    self.exitCode = exitCode
    worker = try Worker(name: "server") { [options] in exitCode.set(ServerProcess.run(options)) }
    try supervisor.waitFor { $0 == .ready }
  }

  deinit { if !isStopped { _ = try? stop() } }

  /// Ends the server in good order and gives its exit code.
  @discardableResult
  func stop() throws -> Int32? {
    isStopped = true
    supervisor.send(.stop)
    worker.join()
    return exitCode.value
  }

  /// Waits for the end that came by itself.
  func exit() -> Int32? {
    isStopped = true
    worker.join()
    return exitCode.value
  }

  func press(_ press: Press) { supervisor.send(.press(press)) }

  /// Everything that was sent to the server before has been handled once this returns.
  func settle() throws { _ = try counters() }

  func counters() throws -> [String: Int] {
    let number = Int.random(in: 1...1_000_000)
    supervisor.send(.ping(number))
    var found: [String: Int] = [:]
    try supervisor.waitFor { report in
      guard case .pong(number, let counters) = report else { return false }
      found = counters
      return true
    }
    return found
  }

  /// A new media link, of which the test has the other end.
  func linkMedia() throws -> FakePeer<MediaRequest, MediaEvent> {
    let (ours, theirs) = try MessageSocket.pair()
    supervisor.send(.mediaLink, descriptor: theirs.number)
    return FakePeer(ours)
  }

  /// Over HTTP/1.1. `receiveBytes` bounds what the client's kernel takes before the test reads it.
  func connect(receiveBytes: Int32? = nil) throws -> HTTPClient {
    HTTPClient(
      try TLSConnection(port: httpsPort, trusting: paths.authorityCertificate, receiveBytes: receiveBytes))
  }

  func connectPlain() throws -> HTTPClient { HTTPClient(try TLSConnection(port: httpPort, trusting: nil)) }
}

/// The exit code of a server that runs on another thread.
final class ExitCode: @unchecked Sendable {
  // Written before the thread is joined, read after.
  private(set) var value: Int32?
  func set(_ code: Int32) { value = code }
}

/// One end of a link, read by waiting.
final class FakePeer<Incoming: LinkMessage, Outgoing: LinkMessage> {
  private var socket: MessageSocket?
  private(set) var received: [Incoming] = []

  init(_ socket: MessageSocket) { self.socket = socket }

  func send(_ message: Outgoing, descriptor: Int32? = nil) {
    guard let bytes = try? LinkCodec.encode(message) else { return }
    socket?.send(bytes, descriptor: descriptor)
  }

  func sendRaw(_ bytes: [UInt8]) { socket?.send(bytes) }

  /// The other side sees the end of the link.
  func close() { socket = nil }

  /// The next message.
  func next() throws -> Incoming {
    guard let socket else { throw ConnectionError("the link is closed") }
    while true {
      if let message = try socket.receive() {
        let decoded = try LinkCodec.decode(Incoming.self, from: message.bytes)
        received.append(decoded)
        return decoded
      }
      var descriptor = pollfd(fd: socket.number, events: Int16(POLLIN), revents: 0)
      guard poll(&descriptor, 1, 20_000) > 0 else { throw ConnectionError("no message in time") }
    }
  }

  /// Reads until a message fits, and gives it.
  @discardableResult
  func waitFor(_ fits: (Incoming) -> Bool) throws -> Incoming {
    while true {
      let message = try next()
      if fits(message) { return message }
    }
  }
}

extension ScratchDirectory {
  /// What an installed box has: a state directory and a web client.
  func installBox() throws {
    let web = "\(path)/usr/share/fieldbox/web"
    try StateFile.makeDirectory("\(path)/var/lib/fieldbox", mode: 0o755)
    try StateFile.makeDirectory("\(web)/views", mode: 0o755)
    let files = [
      "index.html": "<!doctype html><title>fieldbox</title>", "main.js": "export {};\n", "style.css": "body {}\n",
      "views/call.js": "export {};\n", "icon.svg": "<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
      "app.webmanifest": "{}", ".hidden": "secret",
    ]
    for (name, text) in files { try StateFile.replace("\(web)/\(name)", with: Array(text.utf8), mode: 0o644) }
    try StateFile.replace("\(web)/large.bin", with: [UInt8](repeating: 0x61, count: 300_000), mode: 0o644)
    symlink("/etc/passwd", "\(web)/link.txt")
  }
}
