import Linux

/// Why a peer is gone.
public enum PeerCloseReason: String, Sendable, Equatable {
  /// Nothing proved its consent for 30 s (RFC 7675).
  case silent
  /// It said goodbye.
  case closed
  /// The handshake failed, or its certificate is not the one of its description.
  case failed
}

/// What has happened to a peer connection.
public enum PeerEvent: Equatable, Sendable {
  /// Authenticated checks come from this address; what else comes from it belongs to this peer.
  case reachable(SocketAddress)
  /// ICE and DTLS are up and the certificate is the one of the description: media flows.
  case connected
  /// The first packet of that kind has come.
  case receiving(MediaKind)
  case closed(PeerCloseReason)
}

/// Why a description was refused.
public enum PeerError: Error, Equatable, Sendable {
  /// It comes at the wrong moment: an answer without an offer, or a second one.
  case wrongState(String)
  /// It offers or answers nothing that we can use.
  case unusable(String)
  case malformed(SDPError)
}

/// One packet of a peer's stream, opened and in place; valid only during the call.
public struct IncomingPacket {
  public let kind: MediaKind
  /// The section and, of simulcast, the layer that it belongs to, by their numbers.
  public let section: Int
  public let layer: Int
  /// The sequence number without its wraps.
  public let index: Int64
  public let timestamp: UInt32
  public let packet: RTPPacket
  /// Value of the video-orientation extension, nil where the packet has none.
  public let orientation: UInt8?
  /// How loud its sound is (RFC 6464), nil where the packet does not say.
  public let audioLevel: UInt8?
  /// When it was captured by the sender's reports or, before the first, when it arrived.
  public let time: MonotonicTime

  public var marker: Bool { packet.marker }
  public var payload: PacketView { packet.payload }
}

/// The numbers of one packet that is sent to a peer.
public struct OutgoingHead {
  public var sequence: UInt16
  public var timestamp: UInt32
  public var marker: Bool
  public var orientation: UInt8?
  /// As in the audio-level extension (RFC 6464).
  public var audioLevel: UInt8?
  /// When it was captured.
  public var time: MonotonicTime

  public init(
    sequence: UInt16, timestamp: UInt32, marker: Bool, orientation: UInt8? = nil, audioLevel: UInt8? = nil,
    time: MonotonicTime
  ) {
    self.sequence = sequence
    self.timestamp = timestamp
    self.marker = marker
    self.orientation = orientation
    self.audioLevel = audioLevel
    self.time = time
  }
}

/// Gets what comes from a peer on the packet path. Rare things are events instead, see ``PeerConnection/nextEvent()``.
public protocol PeerDelegate: AnyObject {
  func received(_ packet: IncomingPacket, now: MonotonicTime, out: DatagramQueue)
  /// The peer lost a packet that was sent under this number (RFC 4585 6.2.1).
  func asked(forPacket sequence: UInt16, section: Int, now: MonotonicTime, out: DatagramQueue)
  /// The peer needs a key frame of what it gets in a section: PLI or FIR.
  func askedForKeyFrame(section: Int, now: MonotonicTime, out: DatagramQueue)
  /// The way to the peer takes less than was thought.
  func hasLessBandwidth(now: MonotonicTime, out: DatagramQueue)
}

extension PeerDelegate {
  /// Who sends no choice of sizes has none to make.
  public func hasLessBandwidth(now: MonotonicTime, out: DatagramQueue) {}
}

/// Everything bad that came from a peer, and some of the good.
public struct PeerCounters: Equatable, Sendable {
  /// STUN with a wrong user name, password or fingerprint.
  public var wrongCredentials = 0
  public var malformedSTUN = 0
  /// Packets from the time before the certificate was verified.
  public var early = 0
  public var replayed = 0
  public var tampered = 0
  public var malformedRTP = 0
  public var malformedRTCP = 0
  public var unknownPayloadType = 0
  public var packetsReceived = 0
  public var packetsSent = 0
  public var retransmitted = 0
  public var keyFramesAsked = 0
  /// Packets that never came, as our reports say.
  public var lostBefore = 0
  /// Packets of ours that never came, as the peer's reports say.
  public var lostBehind = 0

  public init() {}

  public static func += (a: inout PeerCounters, b: PeerCounters) {
    a.wrongCredentials &+= b.wrongCredentials
    a.malformedSTUN &+= b.malformedSTUN
    a.early &+= b.early
    a.replayed &+= b.replayed
    a.tampered &+= b.tampered
    a.malformedRTP &+= b.malformedRTP
    a.malformedRTCP &+= b.malformedRTCP
    a.unknownPayloadType &+= b.unknownPayloadType
    a.packetsReceived &+= b.packetsReceived
    a.packetsSent &+= b.packetsSent
    a.retransmitted &+= b.retransmitted
    a.keyFramesAsked &+= b.keyFramesAsked
    a.lostBefore &+= b.lostBefore
    a.lostBehind &+= b.lostBehind
  }
}
