import Linux
import TestSupport

@testable import WebRTC

/// Two DTLS endpoints joined by a virtual network: each datagram takes 10 ms, and `filter` decides which arrive.
final class DTLSPair {
  struct Datagram {
    let bytes: [UInt8]
    let fromClient: Bool
    let due: MonotonicTime
  }

  static let delay = Interval.milliseconds(10)

  let client: DTLSEndpoint
  let server: DTLSEndpoint
  var now = MonotonicTime(microseconds: 1_000_000_000)
  private(set) var sent = 0
  private(set) var clientEvents: [DTLSEvent] = []
  private(set) var serverEvents: [DTLSEvent] = []
  /// All datagrams, in the order they were sent.
  private(set) var log: [Datagram] = []
  /// Gets the number of a datagram and the datagram; false loses it.
  var filter: (Int, Datagram) -> Bool = { _, _ in true }
  private var network: [Datagram] = []
  private let route = DatagramQueue.Route(
    remote: SocketAddress(ipv4: 0x0a00_0001, port: 1), local: SocketAddress(ipv4: 0x0a00_0002, port: 2))

  init(client: DTLSContext, server: DTLSContext) throws {
    self.client = try DTLSEndpoint(context: client, role: .client)
    self.server = try DTLSEndpoint(context: server, role: .server)
  }

  var clientKeys: SRTPKeys? { Self.keys(clientEvents) }
  var serverKeys: SRTPKeys? { Self.keys(serverEvents) }

  private static func keys(_ events: [DTLSEvent]) -> SRTPKeys? {
    events.lazy.compactMap { if case .connected(let keys) = $0 { keys } else { nil } }.first
  }

  func start() { act(fromClient: true) { client.start(route: route, now: now, out: $0) } }

  /// Delivers a datagram at once, as if it had come over the network.
  func inject(_ bytes: [UInt8], toClient: Bool) {
    let buffer = PacketBuffer(bytes)
    let endpoint = toClient ? client : server
    act(fromClient: toClient) { endpoint.receive(buffer.view, route: route, now: now, out: $0) }
  }

  /// Runs until nothing is under way and no timer waits, or the time is up.
  func run(for length: Interval = .seconds(120)) {
    let end = now + length
    VirtualWallClock.during(from: now) {
      while let next = nextEvent(), next <= end {
        now = max(now, next)
        VirtualWallClock.set(now)
        while let index = network.firstIndex(where: { $0.due <= now }) {
          let datagram = network.remove(at: index)
          inject(datagram.bytes, toClient: !datagram.fromClient)
        }
        act(fromClient: true) { client.poll(now: now, out: $0) }
        act(fromClient: false) { server.poll(now: now, out: $0) }
      }
    }
  }

  /// Runs `body` under the virtual clock at the present moment.
  func atNow<R>(_ body: () throws -> R) rethrows -> R { try VirtualWallClock.during(from: now, body) }

  func close(client closing: Bool) {
    act(fromClient: closing) {
      (closing ? client : server).close(out: $0)
      return .none
    }
  }

  private func nextEvent() -> MonotonicTime? {
    (network.map(\.due) + [client.nextTimeout, server.nextTimeout].compactMap { $0 }).min()
  }

  private func act(fromClient: Bool, _ body: (DatagramQueue) -> DTLSEvent) {
    let out = DatagramQueue(capacity: 64)
    let event = body(out)
    if case .none = event {} else if fromClient { clientEvents.append(event) } else { serverEvents.append(event) }
    for index in 0..<out.count {
      guard let (bytes, _) = out[index] else { continue }
      let datagram = Datagram(bytes: bytes.array, fromClient: fromClient, due: now + Self.delay)
      log.append(datagram)
      if filter(sent, datagram) { network.append(datagram) }
      sent += 1
    }
  }
}
