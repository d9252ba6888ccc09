import Linux
import Synchronization
import WebRTC

extension FuzzTarget {
  /// Who does not know a peer's password gets no answer, whatever he sends, and ends nothing.
  static let forwarding = FuzzTarget(
    "forwarding",
    seeds: {
      guard let credentials = makeForwarder()?.credentials else { return [] }
      let check = { (ufrag: String, password: String) in
        datagram { slot in
          var writer = STUNWriter(slot, .request, transactionID: STUNTransactionID(high: 1, low: 2))
          writer.username(to: ufrag, from: "them")
          writer.useCandidate()
          return writer.finish(key: Array(password.utf8))
        }
      }
      let hello: [UInt8] = [22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 0]
      let rtp: [UInt8] = [0x80, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3] + Array(repeating: 7, count: 40)
      let rtcp: [UInt8] = [0x80, 201, 0, 1, 0, 0, 0, 3] + Array(repeating: 7, count: 24)
      return [check(credentials, "no password"), check("AAAABBBB", "no password"), hello, rtp, rtcp]
    },
    run: { view in
      // One forwarder for all inputs: opening a peer costs more than what is tried here.
      shared.lock.withLock { _ in shared.forwarder.map { complaint($0, view) } ?? "no forwarder" }
    })

  private final class Shared: @unchecked Sendable {
    let lock = Mutex(())
    /// Touched by who holds the lock.
    let forwarder = makeForwarder()?.forwarder
  }
  private static let shared = Shared()

  private static func complaint(_ forwarder: Forwarder, _ view: PacketView) -> String? {
    let before = counted(forwarder)
    let out = DatagramQueue(capacity: 8)
    let route = DatagramQueue.Route(
      remote: SocketAddress(ipv4: 0x0a00_0002, port: 1), local: SocketAddress(ipv4: 0x0a00_0001, port: 2))
    forwarder.receive(view, route: route, now: MonotonicTime(microseconds: 1_000), out: out)
    forwarder.poll(now: MonotonicTime(microseconds: 2_000), out: out)
    if out.count > 0 { return "a stranger got an answer" }
    if forwarder.nextEvent() != nil || forwarder.peers.count != 1 { return "a stranger changed a peer" }
    let times = counted(forwarder) - before
    return times == 1 || isIndication(view) ? nil : "counted \(times) times"
  }

  private static func counted(_ forwarder: Forwarder) -> Int {
    let (plane, peers) = (forwarder.counters, forwarder.peerCounters)
    return plane.garbage + plane.malformedSTUN + plane.strangerSTUN + plane.strangers + peers.wrongCredentials
      + peers.malformedSTUN
  }

  /// An indication asks for nothing and is passed over.
  private static func isIndication(_ view: PacketView) -> Bool {
    (try? STUNMessage(view))?.messageClass == .indication
  }

  private static let context = try? DTLSContext(certificate: Certificate(serial: 1))

  /// A forwarder with one peer, the same each time, and the peer's user name.
  private static func makeForwarder() -> (forwarder: Forwarder, credentials: String)? {
    guard let context else { return nil }
    let start = MonotonicTime(microseconds: 0)
    let forwarder = Forwarder(context: context, clock: NTPClock(wall: WallTime(milliseconds: 0), at: start))
    var random = Steps()
    guard let offer = try? forwarder.open(peer: "a", addresses: [], now: start, random: &random) else { return nil }
    let line = offer.sdp.split(separator: "\r\n").first { $0.hasPrefix("a=ice-ufrag:") }
    return line.map { (forwarder, String($0.dropFirst("a=ice-ufrag:".count))) }
  }

  /// The same in each run.
  struct Steps: RandomNumberGenerator {
    private var state: UInt64 = 1
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ state >> 29
    }
  }
}
