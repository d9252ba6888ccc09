import FoundationEssentials
import Glibc
import Linux
import WebRTC

/// Many phones in one process, each at an address of its own on one socket: what the kernel does for them costs little, so that one
/// core drives a server that needs another.
final class Generator {
  struct Refused: Error, CustomStringConvertible {
    var description: String
  }

  private static let pollInterval = Interval.milliseconds(5)
  /// What is under way at the end of a measurement has so long to arrive.
  private static let straggling = Interval.seconds(1)

  let loop: EventLoop
  private let socket: UDPSocket
  let out = DatagramQueue(capacity: 1024)
  private let incoming = DatagramQueue(capacity: 64)
  private let context: DTLSContext
  private let firstAddress: UInt32
  private var peers: [String: LoadPeer] = [:]
  /// By their number, which is that of their address.
  private var numbered: [LoadPeer?] = []
  private var random = SystemRandomNumberGenerator()
  private var input: [UInt8] = []
  private(set) var publishers = Int.max
  private(set) var kilobitsPerSecond = 600
  var measurement: Measurement?

  /// - Parameters:
  ///   - firstAddress: of the first peer; the others have the next.
  ///   - profiles: of SRTP, that the server may choose from.
  init(firstAddress: UInt32, profiles: [SRTPProfile]) throws {
    loop = try EventLoop()
    socket = try UDPSocket(binding: SocketAddress(ipv4: 0, port: 0), bufferBytes: 16 << 20)
    context = try DTLSContext(certificate: Certificate(serial: random.next()), profiles: profiles)
    self.firstAddress = firstAddress
    out.whenFull = { [socket] in socket.send($0) }
  }

  /// Serves until the input ends.
  func run() throws {
    SRTPSession.prepare()
    try loop.watch(socket.number) { [unowned self] in receive() }
    try loop.watch(0) { [unowned self] in readInput() }
    let polls = loop.every(Self.pollInterval) { [unowned self] in poll() }
    loop.run()
    polls.cancel()
    for peer in peers.values { peer.connection.close(out: out) }
    flush()
  }

  func flush() { if out.count > 0 { socket.send(out) } }

  private func receive() {
    // Bounded, so that what is to be sent is sent in time.
    for _ in 0..<4 {
      incoming.removeAll()
      guard let count = try? socket.receive(into: incoming), count > 0 else { break }
      let now = MonotonicTime.now()
      for index in 0..<count {
        guard let (bytes, route) = incoming[index], let peer = peer(at: route.local) else { continue }
        peer.connection.receive(bytes, route: route, now: now, out: out, delegate: peer)
        if peer.connection.hasEvents { peer.settle() }
      }
      flush()
      if count < incoming.capacity { break }
    }
  }

  private func peer(at address: SocketAddress) -> LoadPeer? {
    let number = Int(address.ipv4 &- firstAddress)
    return number < numbered.count ? numbered[number] : nil
  }

  private func poll() {
    let now = MonotonicTime.now()
    for case let peer? in numbered {
      peer.connection.poll(now: now, out: out)
      peer.settle()
    }
    flush()
  }

  // MARK: Commands

  private func readInput() {
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = read(0, &bytes, bytes.count)
    guard count > 0 else { return loop.stop() }
    input += bytes[..<count]
    while let end = input.firstIndex(of: UInt8(ascii: "\n")) {
      let line = Data(input[..<end])
      input.removeFirst(end + 1)
      do {
        handle(try JSONDecoder().decode(LoadCommand.self, from: line))
      } catch {
        fail("no command: \(error)")
      }
    }
  }

  func say(_ report: LoadReport) {
    do {
      var line = [UInt8](try JSONEncoder().encode(report)) + [UInt8(ascii: "\n")]
      while !line.isEmpty {
        let written = write(1, line, line.count)
        guard written > 0 else { return loop.stop() }
        line.removeFirst(written)
      }
    } catch {
      fail("cannot say: \(error)")
    }
  }

  private func fail(_ reason: String) {
    Log.error(reason)
    loop.stop()
  }

  private func handle(_ command: LoadCommand) {
    switch command {
    case .offer(let id, let name, let publisher):
      say(.description(id: id, sdp: open(name, publisher).connection.createOffer()))
    case .settle(let id, let name, let sdp):
      attempt(id) {
        guard let peer = peers[name] else { throw Refused(description: "no peer '\(name)'") }
        try peer.connection.setAnswer(sdp, now: .now(), out: out)
        return .done(id: id)
      }
    case .accept(let id, let name, let publisher, let sdp):
      attempt(id) {
        let peer = peers[name] ?? open(name, publisher)
        let answer = try peer.connection.acceptOffer(sdp, now: .now(), out: out, random: &random)
        return .description(id: id, sdp: answer)
      }
    case .send(let count, let rate):
      publishers = count
      kilobitsPerSecond = min(max(0, rate), 100_000)
    case .measure(let id, let milliseconds): measure(id, .milliseconds(Int64(max(1, milliseconds))))
    case .close(let name):
      guard let peer = peers.removeValue(forKey: name) else { return }
      peer.stop()
      peer.connection.close(out: out)
      numbered[peer.number] = nil
    }
    flush()
  }

  private func attempt(_ id: Int, _ body: () throws -> LoadReport) {
    do {
      say(try body())
    } catch {
      say(.refused(id: id, reason: "\(error)"))
    }
  }

  private func open(_ name: String, _ publisher: Int?) -> LoadPeer {
    let number = numbered.count
    let address = SocketAddress(ipv4: firstAddress &+ UInt32(number), port: socket.local.port)
    let now = MonotonicTime.now()
    let connection = PeerConnection(
      role: .controlling, context: context, addresses: [address], clock: NTPClock(wall: .now(), at: now), now: now,
      random: &random)
    let peer = LoadPeer(name, number: number, publisher: publisher, connection: connection, generator: self)
    peers[name] = peer
    numbered.append(peer)
    return peer
  }

  private func measure(_ id: Int, _ length: Interval) {
    let from = MonotonicTime.now()
    measurement = Measurement(id: id, from: from, to: from + length)
    say(.began(id: id))
    loop.at(from + length) { [unowned self] in
      say(.ended(id: id))
      loop.after(Self.straggling) { [unowned self] in
        guard let done = measurement, done.id == id else { return }
        measurement = nil
        say(.measured(id: id, done.result))
      }
    }
  }
}
