import Linux
import TestSupport

@testable import WebRTC

/// A box with its forwarder, some phones, and the network between them, all under a virtual clock.
final class TestPlane {
  static let boxContext = makeContext(1)
  static let phoneContext = makeContext(2)
  static let strangerContext = makeContext(3)

  private static func makeContext(_ serial: UInt64) -> Result<DTLSContext, DTLSError> {
    Result { () throws(DTLSError) in try DTLSContext(certificate: Certificate(serial: serial)) }
  }

  let boxAddress = SocketAddress(ipv4: 0x0a00_0001, port: 5004)
  let box: Forwarder
  let out = DatagramQueue(capacity: 1024)
  var network: NetworkEmulator
  var random: SeededGenerator
  private(set) var phones: [TestPhone] = []
  private(set) var now = MonotonicTime(microseconds: 5_000_000_000)
  private(set) var events: [(at: MonotonicTime, event: ForwarderEvent)] = []
  private var routes: [Route] = []
  /// In the order of their times.
  private var actions: [(at: MonotonicTime, body: () throws -> Void)] = []
  private var nextAction = 0

  struct Stuck: Error {
    var at: MonotonicTime
    var timers: [MonotonicTime]
  }

  init(_ conditions: NetworkEmulator.Conditions = .clean, seed: UInt64 = 1) throws {
    random = SeededGenerator(seed: seed)
    network = NetworkEmulator(conditions, seed: seed ^ 0x5eed)
    box = Forwarder(
      context: try Self.boxContext.get(),
      clock: NTPClock(wall: WallTime(milliseconds: 1_700_000_000_000), at: MonotonicTime(microseconds: 5_000_000_000)))
  }

  /// Opens a peer at the box and a phone for it, and exchanges their descriptions; the answer arrives `answerAfter` later.
  @discardableResult
  func call(
    _ name: String, shape: PeerShape = PeerShape(), context: DTLSContext? = nil, answerAfter: Interval = .zero,
    edit: (String) -> String = { $0 }
  ) throws -> TestPhone {
    let phone = TestPhone(
      name, context: try context ?? Self.phoneContext.get(), number: UInt32(phones.count + 1), now: now, random: &random
    )
    phones.append(phone)
    let offer = try box.open(peer: name, addresses: [boxAddress], shape: shape, now: now, random: &random)
    let answer = edit(try phone.peer.acceptOffer(offer.sdp, now: now, out: phone.out, random: &random))
    try feed(.peer(name))
    if answerAfter == .zero {
      try box.setAnswer(answer, peer: name, now: now, out: out)
    } else {
      at(answerAfter) { [unowned self] in try box.setAnswer(answer, peer: name, now: now, out: out) }
    }
    return phone
  }

  /// Offers a phone more sections, and takes its answer.
  func reshape(_ phone: TestPhone, to shape: PeerShape) throws -> PeerOffer {
    let offer = try box.reshape(peer: phone.name, to: shape, random: &random)
    let answer = try phone.peer.acceptOffer(offer.sdp, now: now, out: phone.out, random: &random)
    try box.setAnswer(answer, peer: phone.name, now: now, out: out)
    return offer
  }

  /// Sets the feeds of everybody by what flows from whom to whom; those of phones that are not here yet follow when they call.
  func route(_ routes: [Route]) throws {
    self.routes = routes
    for name in box.peers.map(\.name) { try feed(.peer(name)) }
    try feed(.local)
  }

  private func feed(_ endpoint: ForwarderEndpoint) throws {
    let mine = routes.filter { $0.to == endpoint }
    let feed = ForwarderFeed(
      audio: mine.filter(\.audio).map(\.from), video: mine.filter(\.video).map { ForwarderView(from: $0.from) })
    try box.setFeed(feed, of: endpoint, now: now, out: out)
  }

  /// Runs `body` at a time from now.
  func at(_ after: Interval, _ body: @escaping () throws -> Void) { add([(now + after, body)]) }

  private func add(_ more: [(at: MonotonicTime, body: () throws -> Void)]) {
    actions = (Array(actions[nextAction...]) + more).enumerated().sorted {
      ($0.element.at, $0.offset) < ($1.element.at, $1.offset)
    }.map(\.element)
    nextAction = 0
  }

  /// Runs `body` again and again.
  func every(_ interval: Interval, for length: Interval, _ body: @escaping () throws -> Void) {
    var more: [(at: MonotonicTime, body: () throws -> Void)] = []
    var time = interval
    while time <= length {
      more.append((now + time, body))
      time = time + interval
    }
    add(more)
  }

  func has(_ event: ForwarderEvent) -> Bool { events.contains { $0.event == event } }
  func time(of event: ForwarderEvent) -> MonotonicTime? { events.first { $0.event == event }?.at }

  /// Runs for so long.
  func run(for length: Interval) throws {
    let end = now + length
    var turnsAtOnce = 0
    try VirtualWallClock.during(from: now) {
      while true {
        flush()
        let action = nextAction < actions.count ? actions[nextAction].at : nil
        let times = [network.nextDue, box.nextTimeout, action] + phones.map(\.peer.nextTimeout)
        guard let earliest = times.compactMap({ $0 }).min(), earliest <= end else { break }
        let next = max(now, earliest)
        // A timer that is due again and again without anything done about it would spin the real loop.
        turnsAtOnce = next == now ? turnsAtOnce + 1 : 0
        guard turnsAtOnce < 1_000 else { throw Stuck(at: now, timers: times.compactMap { $0 }) }
        now = next
        VirtualWallClock.set(now)
        try step()
      }
      now = end
    }
  }

  private func step() throws {
    while nextAction < actions.count, actions[nextAction].at <= now {
      nextAction += 1
      try actions[nextAction - 1].body()
    }
    while let datagram = network.next(now) { deliver(datagram) }
    box.poll(now: now, out: out)
    for phone in phones { phone.peer.poll(now: now, out: phone.out) }
    collect()
  }

  /// Hands a datagram to whom it is addressed.
  func deliver(_ datagram: NetworkEmulator.Datagram) {
    let buffer = PacketBuffer(datagram.bytes)
    if datagram.route.local == boxAddress {
      box.receive(buffer.view, route: datagram.route, now: now, out: out)
    } else if let phone = phones.first(where: { $0.address == datagram.route.local }) {
      phone.peer.receive(buffer.view, route: datagram.route, now: now, out: phone.out, delegate: phone)
    }
    collect()
  }

  /// Lets the box receive bytes as if they came from an address.
  func inject(_ bytes: [UInt8], from address: SocketAddress) {
    let route = DatagramQueue.Route(remote: address, local: boxAddress)
    box.receive(PacketBuffer(bytes).view, route: route, now: now, out: out)
    collect()
  }

  private func collect() {
    while let event = box.nextEvent() { events.append((now, event)) }
    for phone in phones { phone.collectEvents(now) }
  }

  private func flush() {
    network.send(out, from: boxAddress, now: now)
    for phone in phones { network.send(phone.out, from: phone.address, now: now) }
  }

  /// Publishes one picture of the box's camera.
  func publish(picture: [UInt8]) {
    let frame = PacketBuffer(picture)
    box.publish(video: frame.view, isKeyFrame: picture[0] & 1 == 0, captured: now, now: now, out: out)
  }

  /// Publishes pictures at 30 per second like an encoder does: key frames when somebody needs one.
  func film(for length: Interval, bytes: Int = 5_000) -> () -> [[UInt8]] {
    final class Film { var pictures: [[UInt8]] = [] }
    let film = Film()
    every(.microseconds(33_333), for: length) { [unowned self] in
      let demand = box.localDemand
      guard demand.encoder else { return }
      let isKey = demand.keyFrame || film.pictures.isEmpty
      let picture = TestPlane.picture(film.pictures.count, isKey: isKey, bytes: bytes)
      film.pictures.append(picture)
      publish(picture: picture)
    }
    return { film.pictures }
  }

  /// Bytes that look like a VP8 picture to a forwarder, and differ from picture to picture.
  static func picture(_ number: Int, isKey: Bool, bytes: Int) -> [UInt8] {
    var random = SeededGenerator(seed: UInt64(number) &* 31 &+ 7)
    var picture = (0..<bytes).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    picture[0] = isKey ? 0x10 : 0x11
    return picture
  }
}

/// What flows from one endpoint to another.
struct Route {
  var from: ForwarderEndpoint
  var to: ForwarderEndpoint
  var audio: Bool
  var video: Bool

  static func from(_ from: ForwarderEndpoint, to: ForwarderEndpoint, audio: Bool = true, video: Bool = true) -> Self {
    Route(from: from, to: to, audio: audio, video: video)
  }
}

extension PeerConnection {
  var audio: PeerStream { streams[0] }
  var video: PeerStream { streams[1] }
}

extension PeerStream {
  var received: ReceiverStatistics? { layers[0].received }
  var missing: NackGenerator { layers[0].missing }
}
