import Linux
import WebRTC

/// What a phone sends, without a camera: payloads of the shape and the sizes of VP8 and Opus, at their pace. Nothing could decode them.
struct SyntheticMedia {
  static let soundInterval = Interval.milliseconds(20)
  static let pictureInterval = Interval.microseconds(33_333)
  private static let soundBytes = 80
  /// With the headers about 1,200 bytes, as browsers send.
  private static let pictureBytes = 1_160
  /// Of a key frame, in packets.
  private static let keyFramePackets = 12

  let publisher: UInt16
  private var soundSequence: UInt16 = 0
  private var pictureSequence: UInt16 = 0
  private var picture: UInt16 = 0
  private var wantsKeyFrame = true
  /// Bytes that pictures may have and have not had yet.
  private var credit = 0

  init(publisher: UInt16) { self.publisher = publisher }

  /// The next picture begins a new chain.
  mutating func askForKeyFrame() { wantsKeyFrame = true }

  mutating func sendSound(
    to peer: PeerConnection, now: MonotonicTime, out: DatagramQueue, _ sent: (Stamp) -> Void
  ) {
    soundSequence &+= 1
    // Some speak, and all are heard.
    let head = OutgoingHead(
      sequence: soundSequence, timestamp: UInt32(soundSequence) &* 960, marker: false, audioLevel: 0x80 | 40, time: now)
    let stamp = Stamp(publisher: publisher, isVideo: false, sent: now)
    let isSent = peer.send(0, head, now: now, out: out) { slot in
      stamp.write(at: Self.soundBytes - Stamp.bytes, of: slot)
      return Self.soundBytes
    }
    if isSent { sent(stamp) }
  }

  /// One picture: as many packets as the rate asks for by now, or a key frame.
  mutating func sendPicture(
    to peer: PeerConnection, kilobitsPerSecond: Int, now: MonotonicTime, out: DatagramQueue, _ sent: (Stamp) -> Void
  ) {
    let isKey = wantsKeyFrame
    wantsKeyFrame = false
    credit = min(credit, 2 * Self.pictureBytes) + kilobitsPerSecond * Int(Self.pictureInterval.microseconds) / 8_000
    let packets = isKey ? Self.keyFramePackets : max(1, credit / Self.pictureBytes)
    credit -= isKey ? 0 : packets * Self.pictureBytes
    picture = (picture + 1) & 0x7fff
    var descriptor = VP8Descriptor()
    descriptor.pictureID = picture
    descriptor.baseLayerIndex = UInt8(truncatingIfNeeded: picture)
    descriptor.temporalLayer = 0
    let timestamp = UInt32(truncatingIfNeeded: now.microseconds * 9 / 100)
    let stamp = Stamp(publisher: publisher, isVideo: true, sent: now)
    for number in 0..<packets {
      pictureSequence &+= 1
      descriptor.startsPartition = number == 0
      let head = OutgoingHead(
        sequence: pictureSequence, timestamp: timestamp, marker: number == packets - 1, time: now)
      let isSent = peer.send(1, head, now: now, out: out) { slot in
        guard let length = descriptor.write(into: slot) else { return 0 }
        Self.writeHead(isKey: isKey, at: length, of: slot)
        stamp.write(at: Self.pictureBytes - Stamp.bytes, of: slot)
        return Self.pictureBytes
      }
      if isSent { sent(stamp) }
    }
  }

  /// The first bytes of a VP8 frame (RFC 6386 section 9.1), of 640×480 if it is a key frame.
  private static func writeHead(isKey: Bool, at: Int, of slot: PacketView) {
    guard isKey else {
      slot.set(at, 1 as UInt8)
      return
    }
    for (index, byte) in ([0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01] as [UInt8]).enumerated() {
      slot.set(at + index, byte)
    }
  }
}
