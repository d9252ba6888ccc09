import Linux
import WebRTC

/// One phone: gets what it is sent, and sends if it is a publisher.
final class LoadPeer: PeerDelegate {
  let name: String
  let number: Int
  let connection: PeerConnection
  private unowned let generator: Generator
  private var media: SyntheticMedia?
  private var isSending = false
  /// By section, until the first whole picture of it has come.
  private var pictures: [Int: VP8FrameAssembler] = [:]
  private var shown: Set<Int> = []

  init(_ name: String, number: Int, publisher: Int?, connection: PeerConnection, generator: Generator) {
    self.name = name
    self.number = number
    self.connection = connection
    self.generator = generator
    media = publisher.map { SyntheticMedia(publisher: UInt16(clamping: $0)) }
  }

  func stop() { isSending = false }

  /// Takes in what happened.
  func settle() {
    while let event = connection.nextEvent() {
      switch event {
      case .connected:
        generator.say(.connected(peer: name, at: MonotonicTime.now().microseconds))
        start()
      case .closed(let reason):
        stop()
        generator.say(.closed(peer: name, reason: reason.rawValue))
      case .reachable, .receiving: break
      }
    }
  }

  /// Begins to send, at a moment of its own, so that publishers do not all send at once.
  private func start() {
    guard media != nil, !isSending else { return }
    isSending = true
    let first = MonotonicTime.now() + .microseconds(Int64(number) * 7_919 % 33_333)
    repeatedly(SyntheticMedia.soundInterval, from: first) { [unowned self] now in
      media?.sendSound(to: connection, now: now, out: generator.out) { generator.measurement?.note(sent: $0) }
    }
    repeatedly(SyntheticMedia.pictureInterval, from: first) { [unowned self] now in
      media?.sendPicture(
        to: connection, kilobitsPerSecond: generator.kilobitsPerSecond, now: now, out: generator.out
      ) { generator.measurement?.note(sent: $0) }
    }
  }

  /// Turns that were missed are made up for, so that the rate is the same under load.
  private func repeatedly(_ interval: Interval, from time: MonotonicTime, _ body: @escaping (MonotonicTime) -> Void) {
    generator.loop.at(time) { [weak self] in
      guard let self, let media, isSending else { return }
      if media.publisher <= generator.publishers {
        body(.now())
        generator.flush()
      }
      repeatedly(interval, from: time + interval, body)
    }
  }

  // MARK: PeerDelegate

  func received(_ packet: IncomingPacket, now: MonotonicTime, out: DatagramQueue) {
    guard let stamp = Stamp(packet.payload) else { return }
    generator.measurement?.note(received: stamp, bytes: packet.payload.count, by: number, now: now)
    if packet.kind == .video { watch(packet, stamp, now, out) }
  }

  private func watch(_ packet: IncomingPacket, _ stamp: Stamp, _ now: MonotonicTime, _ out: DatagramQueue) {
    guard !shown.contains(packet.section) else { return }
    let frames = pictures[packet.section] ?? VP8FrameAssembler(capacity: 64, keepsPayload: false)
    pictures[packet.section] = frames
    frames.insert(packet.packet)
    guard frames.nextFrame() != nil else {
      if packet.marker { connection.requestKeyFrame(packet.section, now: now, out: out) }
      return
    }
    pictures[packet.section] = nil
    shown.insert(packet.section)
    generator.say(.picture(peer: name, publisher: Int(stamp.publisher), at: now.microseconds))
  }

  /// What is lost on the way to the box is to be seen.
  func asked(forPacket sequence: UInt16, section: Int, now: MonotonicTime, out: DatagramQueue) {}

  func askedForKeyFrame(section: Int, now: MonotonicTime, out: DatagramQueue) { media?.askForKeyFrame() }
}
