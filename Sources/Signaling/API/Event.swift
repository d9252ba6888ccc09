import FoundationEssentials

/// What a device hears on its event stream.
public enum Event: Sendable, Equatable {
  case hello(Hello)
  case person(Person)
  case call(CallView)
  case offer(Offer)
  case me(Me)
  case sessionEnded

  /// The names on the wire.
  public enum Name: String, Sendable, CaseIterable { case hello, person, call, offer, me, sessionEnded }

  /// The first event of a fresh stream: everything a client needs to draw itself.
  public struct Hello: APIMessage {
    public struct Box: APIMessage {
      public var name: String
      public init(name: String) { self.name = name }
    }
    public var `protocol`: Int
    public var device: DeviceID
    public var me: Me
    public var box: Box
    public var people: [Person]
    /// A call that is not in here is over.
    public var calls: [CallView]
    /// Wall-clock milliseconds since 1970.
    public var serverTime: Int64
    public init(
      protocol: Int = API.protocolVersion, device: DeviceID, me: Me, box: Box, people: [Person], calls: [CallView],
      serverTime: Int64
    ) {
      self.protocol = `protocol`
      self.device = device
      self.me = me
      self.box = box
      self.people = people
      self.calls = calls
      self.serverTime = serverTime
    }
  }

  /// Build a new peer connection for this call, in place of an older one, and answer it.
  public struct Offer: APIMessage {
    public var call: CallID
    public var peer: PeerID
    public var sdp: String
    public init(call: CallID, peer: PeerID, sdp: String) {
      self.call = call
      self.peer = peer
      self.sdp = sdp
    }
  }

  public var name: Name {
    switch self {
    case .hello: .hello
    case .person: .person
    case .call: .call
    case .offer: .offer
    case .me: .me
    case .sessionEnded: .sessionEnded
    }
  }

  /// The data of the event: one line of JSON.
  public func json() throws(APIError) -> [UInt8] {
    switch self {
    case .hello(let hello): try APICodec.encode(hello)
    case .person(let person): try APICodec.encode(person)
    case .call(let view): try APICodec.encode(view)
    case .offer(let offer): try APICodec.encode(offer)
    case .me(let me): try APICodec.encode(me)
    case .sessionEnded: try APICodec.encode(EmptyResponse())
    }
  }
}

/// The `id:` of an event, `<device>.<number>`; a browser sends it back as `Last-Event-ID`.
public struct EventID: Hashable, Sendable, CustomStringConvertible {
  public var device: DeviceID
  /// Counts a device's events from 1.
  public var number: UInt64

  public init(device: DeviceID, number: UInt64) {
    self.device = device
    self.number = number
  }

  /// Nil for anything that this box cannot have made.
  public init?(_ text: String) {
    guard text.utf8.count <= 64, let dot = text.lastIndex(of: "."), dot != text.startIndex,
      let number = UInt64(text[text.index(after: dot)...])
    else { return nil }
    self.init(device: DeviceID(String(text[..<dot])), number: number)
  }

  public var description: String { "\(device).\(number)" }
}
