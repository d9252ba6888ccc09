import Linux
import TestSupport

@testable import WebRTC

/// A controlling agent and a lite one on a virtual clock, with a network that a test can cut.
struct AgentPair {
  static let phone = ICECredentials(ufrag: "phone", password: "a password of the phone's")

  var lite = ICELiteAgent(local: Example.credentials, now: Place.at(0))
  var controlling: ICEControllingAgent
  private(set) var now = Place.at(0)
  private(set) var liteEvents: [ICEEvent] = []
  private(set) var controllingEvents: [ICEEvent] = []
  /// When each check left the controlling agent.
  private(set) var sent: [MonotonicTime] = []
  /// Whether a datagram is lost, by its route as the sender sees it.
  var loses: (DatagramQueue.Route) -> Bool = { _ in false }
  private let out = DatagramQueue(capacity: 64)

  init(seed: UInt64 = 1) {
    controlling = ICEControllingAgent(
      local: Self.phone, remote: Example.credentials, tieBreaker: 5, random: SeededGenerator(seed: seed),
      now: Place.at(0))
    lite.remote = Self.phone
  }

  /// The controlling agent's way from one of its ports to one of the box's.
  static func route(_ port: UInt16 = 1, to remote: UInt16 = 50000) -> DatagramQueue.Route {
    DatagramQueue.Route(
      remote: SocketAddress(ipv4: 0x7f00_0001, port: remote), local: SocketAddress(ipv4: 0xc0a8_0402, port: port))
  }

  /// Lets everything happen that is due until a moment, or until `done`.
  mutating func run(until end: MonotonicTime, _ done: (AgentPair) -> Bool = { _ in false }) {
    while !done(self) {
      controlling.poll(now, out: out)
      carry()
      guard !done(self), let next = controlling.nextTimeout, next <= end else { break }
      now = max(next, now)
    }
    if !done(self) { now = max(now, end) }
  }

  /// Carries what is in the queue, and what that brings forth, until all is quiet.
  private mutating func carry() {
    while out.count > 0 {
      let datagrams = (0..<out.count).compactMap { out[$0] }.map { ($0.bytes.array, $0.route) }
      out.removeAll()
      for (bytes, route) in datagrams {
        let isFromPhone = route.local.ipv4 == 0xc0a8_0402
        if isFromPhone { sent.append(now) }
        if loses(route) { continue }
        let arriving = DatagramQueue.Route(remote: route.local, local: route.remote)
        withPacket(bytes) { view in
          if isFromPhone {
            liteEvents.append(lite.receive(view, route: arriving, now: now, out: out))
          } else {
            controllingEvents.append(controlling.receive(view, route: arriving, now: now, out: out))
          }
        }
      }
    }
  }
}
