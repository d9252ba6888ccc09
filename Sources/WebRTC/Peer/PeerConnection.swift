import Linux

/// One peer: ICE, DTLS, SRTP, and the sections of its bundle over one route (RFC 8829): first one of sound and one of pictures
/// both ways, then as many more as are added. It owns no socket and reads no clock: datagrams and the time go in, datagrams go out into the caller's queue, what happens is asked for
/// by ``nextEvent()``.
public final class PeerConnection {
  public enum Role: Sendable {
    /// The box: ICE-lite, waits to be checked.
    case lite
    /// The other side, as a browser is: for tests, load, and box to box.
    case controlling
  }

  enum Phase: Equatable { case new, offered, settled, closed }

  public let role: Role
  let context: DTLSContext
  /// Ours; another network gives others.
  var addresses: [SocketAddress]
  var phase = Phase.new
  var lite: ICELiteAgent
  /// Only in the role of that name.
  var controlling: ICEControllingAgent?
  var dtls: DTLSEndpoint?
  /// The keys of a handshake that was quicker than the peer's answer.
  var unverifiedKeys: SRTPKeys?
  var srtp: SRTPSession?
  var negotiation: Negotiation? {
    didSet { hasAnswered = negotiation != nil }
  }
  /// Whether there is a negotiation; asked for each packet, where a look at the whole of it would be dear.
  private(set) var hasAnswered = false
  var builder: DescriptionBuilder
  /// Where the peer is now; nil before the first valid check.
  public internal(set) var route: DatagramQueue.Route?
  /// By the number of the section.
  var streams: [PeerStream]
  /// Those of which lost packets are asked for, few of many.
  var asking: [PeerStream] = []
  /// Where what comes belongs, by its SSRC.
  var sources: [PeerSource] = []
  /// One id for all sections of a bundle.
  var bundleExtensions = RTPExtensions()
  /// When each packet arrived, for the peer's congestion control.
  var arrivals = TransportWideRecorder()
  var bitrate = BitrateController()
  /// What the way to the peer takes, by its reports of when each packet came.
  var bandwidth = BandwidthEstimator()
  var repeated = RateMeter(window: .seconds(1))
  /// What the peer is asked to send at most, sound and picture together, in bits per second; nil for what the network allows.
  private(set) var wantedLimit: UInt64?
  /// Whether the limit that it was told last holds it back.
  var isLimited = false
  /// Ours, for sender reports.
  let clock: NTPClock
  /// The peer's, by its sender reports.
  var peerClock = PeerClock()
  var nextReport = MonotonicTime(microseconds: .max)
  var lastReport = MonotonicTime(microseconds: 0)
  private var events: [PeerEvent] = []
  public internal(set) var counters = PeerCounters()

  /// - Parameters:
  ///   - clock: for sender reports; runs on the monotonic clock.
  ///   - rids: the layers of simulcast that the first section of pictures would take, the largest first.
  ///   - random: makes credentials, SSRCs and first numbers; from a cryptographic source outside of tests.
  public init(
    role: Role, context: DTLSContext, addresses: [SocketAddress], clock: NTPClock, rids: [String] = [],
    now: MonotonicTime, random: inout some RandomNumberGenerator
  ) {
    self.role = role
    self.context = context
    self.addresses = addresses
    self.clock = clock
    let credentials = ICECredentials(random: &random)
    lite = ICELiteAgent(local: credentials, now: now)
    if role == .controlling {
      controlling = ICEControllingAgent(
        local: credentials, tieBreaker: random.next(), random: SplitMixRandom(seed: random.next()), now: now)
    }
    streams = []
    let name = String(random.next() as UInt64, radix: 36)
    canonicalName = ShortText(name)
    cname = name
    builder = DescriptionBuilder(
      transport: LocalTransport(
        credentials: credentials,
        fingerprint: Fingerprint(algorithm: "sha-256", value: context.certificate.fingerprint), addresses: addresses,
        isLite: role == .lite),
      sections: [], sessionID: random.next())
    addSection(.audio, random: &random)
    addSection(.video, rids: rids, random: &random)
  }

  private let cname: String
  let canonicalName: ShortText?

  /// Adds a section to the next description.
  /// - Parameter rids: the layers of simulcast that we would take, the largest first.
  /// - Returns: its number, which is its mid too where we offer.
  @discardableResult
  public func addSection(
    _ kind: MediaKind, direction: MediaDirection = .sendReceive, rids: [String] = [],
    random: inout some RandomNumberGenerator
  ) -> Int {
    let stream = PeerStream(kind, random: &random)
    let number = streams.count
    streams.append(stream)
    // A stream of its own for each section that only sends: what belongs together changes with what is shown in it.
    let id = MediaStreamID(stream: number < 2 ? "box" : "box\(number)", track: nil)
    builder.sections.append(
      LocalSection(
        kind: kind, mid: "\(number)", direction: direction, ssrc: stream.ssrc,
        rtxSSRC: kind == .video ? stream.rtxSSRC : nil, cname: cname, msid: id, rids: rids))
    return number
  }

  /// The first section of a kind.
  func first(_ kind: MediaKind) -> Int { kind == .audio ? 0 : 1 }

  /// Ours, as they stand in our latest description.
  public var localCredentials: ICECredentials { controlling?.local ?? lite.local }

  public var isConnected: Bool { srtp != nil && phase != .closed }

  /// What may be sent of pictures, in bits per second: by the peer's limit, and by its losses where it does not tell when packets come.
  public var targetBitsPerSecond: Int { bandwidth.isActive ? bitrate.limit : bitrate.bitsPerSecond }

  /// What the way to it takes at present by its reports; nil while it has not reported, and where it does not.
  var availableBitsPerSecond: Int? { bandwidth.isActive ? min(bandwidth.bitsPerSecond, bitrate.cap) : nil }

  /// What is sent again.
  func repeatedBitsPerSecond(_ now: MonotonicTime) -> Int { repeated.bitsPerSecond(now) ?? 0 }

  /// How long pictures are to be held back: on a clean path not at all, else as long as its jitter asks for.
  var playoutDelay: PlayoutDelay {
    let hundredths = UInt16(clamping: bandwidth.playoutDelay.milliseconds / 10)
    return hundredths == 0 ? .none : PlayoutDelay(minimum: hundredths, maximum: hundredths * 3)
  }

  /// When the next packet of a picture, or one that is sent again, may leave; nil for at once.
  func pause(isRepair: Bool = false, _ now: MonotonicTime) -> MonotonicTime? {
    bandwidth.pause(isRepair: isRepair, now)
  }

  /// Asks the peer to send no more than that; nil for what the network allows. A lower limit is told at once.
  func limit(_ bitsPerSecond: UInt64?) {
    let isLower = bitsPerSecond.map { $0 < (wantedLimit ?? .max) / 10 * 9 } ?? false
    wantedLimit = bitsPerSecond
    if isLower, isConnected { nextReport = min(nextReport, lastReport + Self.shortestReportInterval) }
  }

  // MARK: Events

  public var hasEvents: Bool { !events.isEmpty }
  public func nextEvent() -> PeerEvent? { events.isEmpty ? nil : events.removeFirst() }
  func happened(_ event: PeerEvent) { events.append(event) }

  /// Nothing is received or sent any more.
  func end(_ reason: PeerCloseReason) {
    guard phase != .closed else { return }
    phase = .closed
    srtp = nil
    unverifiedKeys = nil
    happened(.closed(reason))
  }

  /// Says goodbye and ends, without an event.
  public func close(out: DatagramQueue) {
    guard phase != .closed else { return }
    dtls?.close(out: out)
    phase = .closed
    srtp = nil
    unverifiedKeys = nil
  }

  // MARK: Time

  /// When ``poll(now:out:)`` has something to do; nil if never.
  public var nextTimeout: MonotonicTime? {
    guard phase != .closed else { return nil }
    var next = controlling?.silentAt ?? lite.silentAt
    if let time = controlling?.nextTimeout { next = min(next, time) }
    if let time = dtls?.nextTimeout { next = min(next, time) }
    if isConnected {
      next = min(next, nextReport)
      if let time = arrivals.nextTimeout { next = min(next, time) }
      for stream in asking {
        for layer in stream.layers where layer.missing.missingCount > 0 {
          if let time = layer.missing.nextTimeout(roundTrip: roundTrip) { next = min(next, time) }
        }
      }
    }
    return next
  }

  /// Does what is due: checks, retransmissions, reports, and the end of a peer that fell silent.
  public func poll(now: MonotonicTime, out: DatagramQueue) {
    guard phase != .closed else { return }
    if controlling?.isSilent(now) ?? lite.isSilent(now) { return end(.silent) }
    if let time = controlling?.nextTimeout, now >= time { controlling?.poll(now, out: out) }
    if let dtls, let time = dtls.nextTimeout, now >= time { handle(dtls.poll(now: now, out: out), now: now) }
    if isConnected { pollControl(now: now, out: out) }
  }
}

/// Enough randomness for transaction ids of a peer that was seeded from a good source.
struct SplitMixRandom: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
