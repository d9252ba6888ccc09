import Linux
import TestSupport

@testable import WebRTC

/// The other side of a call, as a browser is: a controlling peer that writes down what it gets.
final class TestPhone: PeerDelegate {
  struct Packet: Equatable {
    var sequence: UInt16
    var timestamp: UInt32
    var marker: Bool
    var payload: [UInt8]
    var orientation: UInt8?
  }

  let name: String
  var address: SocketAddress
  let peer: PeerConnection
  let out = DatagramQueue(capacity: 512)
  private(set) var packets: [MediaKind: [Packet]] = [:]
  /// The same by the number of the section.
  private(set) var sections: [Int: [Packet]] = [:]
  private(set) var events: [(at: MonotonicTime, event: PeerEvent)] = []
  let frames = VP8FrameAssembler(keepsPayload: true)
  /// The content of the complete frames, in order.
  private(set) var pictures: [[UInt8]] = []
  /// When each of them was complete.
  private(set) var pictureTimes: [MonotonicTime] = []
  private(set) var keyFramesAsked = 0
  /// What was sent, for those who ask for it again.
  private var history: [UInt16: (OutgoingHead, [UInt8])] = [:]
  private var nextSequence: [MediaKind: UInt16] = [.audio: 65_500, .video: 65_530]
  private var pictureID: UInt16 = 0x7ffa

  init(_ name: String, context: DTLSContext, number: UInt32, now: MonotonicTime, random: inout SeededGenerator) {
    self.name = name
    address = SocketAddress(ipv4: 0x0a00_0100 + number, port: UInt16(40_000 + number))
    peer = PeerConnection(
      role: .controlling, context: context, addresses: [address],
      clock: NTPClock(wall: WallTime(milliseconds: 1_700_000_000_000 + Int64(number) * 12_345), at: now), now: now,
      random: &random)
  }

  func received(_ packet: IncomingPacket, now: MonotonicTime, out: DatagramQueue) {
    let noted = Packet(
      sequence: packet.packet.sequence, timestamp: packet.timestamp, marker: packet.marker,
      payload: packet.payload.array, orientation: packet.orientation)
    packets[packet.kind, default: []].append(noted)
    sections[packet.section, default: []].append(noted)
    guard packet.section == 1 else { return }
    frames.insert(packet.packet)
    while let frame = frames.nextFrame() {
      let buffer = PacketBuffer(length: frame.length)
      if let length = frames.copyFrame(into: buffer.view) {
        pictures.append(buffer.bytes(length))
        pictureTimes.append(now)
      }
    }
    if frames.needsKeyFrame, packet.marker { peer.requestKeyFrame(packet.section, now: now, out: out) }
  }

  func asked(forPacket sequence: UInt16, section: Int, now: MonotonicTime, out: DatagramQueue) {
    guard let (head, payload) = history[sequence] else { return }
    peer.retransmit(section, head, now: now, out: out) { $0.copy(payload, to: 0) ? payload.count : 0 }
  }

  func askedForKeyFrame(section: Int, now: MonotonicTime, out: DatagramQueue) { keyFramesAsked += 1 }

  func collectEvents(_ now: MonotonicTime) {
    while let event = peer.nextEvent() { events.append((now, event)) }
  }

  func has(_ event: PeerEvent) -> Bool { events.contains { $0.event == event } }

  /// Sends one picture. The first byte says whether it is a key frame, as in VP8.
  func send(picture: [UInt8], orientation: UInt8? = nil, now: MonotonicTime) {
    var descriptor = VP8Descriptor()
    pictureID = (pictureID + 1) & 0x7fff
    descriptor.pictureID = pictureID
    descriptor.baseLayerIndex = UInt8(truncatingIfNeeded: pictureID)
    descriptor.temporalLayer = 0
    let frame = PacketBuffer(picture)
    let slot = PacketBuffer(length: VP8Packetizer.longestPayload)
    var packetizer = VP8Packetizer(frame: frame.view, descriptor: descriptor)
    let timestamp = UInt32(truncatingIfNeeded: now.microseconds * 9 / 100 + 4_294_000_000)
    while let length = packetizer.next(into: slot.view) {
      send(
        .video, slot.bytes(length), timestamp: timestamp, marker: packetizer.remaining == 0, orientation: orientation,
        now: now)
    }
  }

  func send(sound: [UInt8], level: UInt8? = nil, now: MonotonicTime) {
    send(
      .audio, sound, timestamp: UInt32(truncatingIfNeeded: now.microseconds * 48 / 1000), marker: false, level: level,
      now: now)
  }

  private func send(
    _ kind: MediaKind, _ payload: [UInt8], timestamp: UInt32, marker: Bool, orientation: UInt8? = nil,
    level: UInt8? = nil, now: MonotonicTime
  ) {
    let sequence = nextSequence[kind] ?? 0
    nextSequence[kind] = sequence &+ 1
    let head = OutgoingHead(
      sequence: sequence, timestamp: timestamp, marker: marker, orientation: orientation, audioLevel: level, time: now)
    if kind == .video { history[sequence] = (head, payload) }
    peer.send(kind == .audio ? 0 : 1, head, now: now, out: out) { $0.copy(payload, to: 0) ? payload.count : 0 }
  }
}

extension PacketView {
  /// Copies an array to an offset.
  func copy(_ bytes: [UInt8], to at: Int) -> Bool { bytes.withUnsafeBytes { copy($0, to: at) } }
}
