import Codecs
import Glibc
import Linux
import TestSupport
import Testing
import WebRTC

/// A phone's end of a peer connection on a real socket: decodes what comes, and sends a tone.
final class PhoneMedia: PeerDelegate {
  private let loop: EventLoop
  private let socket: UDPSocket
  private let peer: PeerConnection
  private let incoming = DatagramQueue(capacity: 64)
  private let out = DatagramQueue(capacity: 256)
  private var watch: EventLoop.Watch?
  private var timers: [LoopTimer] = []

  private let frames = VP8FrameAssembler(keepsPayload: true)
  private let videoDecoder: VP8Decoder
  private let soundDecoder: OpusDecoder
  private let soundEncoder: OpusEncoder
  private let memory = PacketBuffer(length: 1 << 20)
  private var samples = [Int16](repeating: 0, count: OpusDecoder.largestPacketSamples)
  private var phase = 0.0
  private var sequence: UInt16 = 0
  private var isSending = false

  /// Pictures decoded whole, and their size.
  private(set) var pictures = 0
  private(set) var pictureSize = (width: 0, height: 0)
  /// The latest sound heard, at most a second.
  private(set) var heard: [Int16] = []

  init(on loop: EventLoop) throws {
    self.loop = loop
    socket = try UDPSocket(binding: try #require(SocketAddress(literal: "127.0.0.1", port: 0)))
    videoDecoder = try VP8Decoder()
    soundDecoder = try OpusDecoder()
    soundEncoder = try OpusEncoder()
    var random = SystemRandomNumberGenerator()
    let context = try DTLSContext(certificate: Certificate(serial: random.next()))
    peer = PeerConnection(
      role: .controlling, context: context, addresses: [socket.local], clock: NTPClock(wall: .now(), at: .now()),
      now: .now(), random: &random)
  }

  deinit {
    watch?.cancel()
    for timer in timers { timer.cancel() }
  }

  var isConnected: Bool { peer.isConnected }

  /// The answer to the box's offer; the connection is built from now on.
  func accept(_ offer: String) throws -> String {
    let answer = try peer.acceptOffer(offer, now: .now(), out: out)
    watch = try loop.watch(socket.number) { [unowned self] in read() }
    timers.append(
      loop.every(.milliseconds(5)) { [unowned self] in
        peer.poll(now: .now(), out: out)
        flush()
      })
    flush()
    return answer
  }

  /// Sends 20 ms of the phone's tone every 20 ms.
  func startTone() {
    guard !isSending else { return }
    isSending = true
    timers.append(
      loop.every(.milliseconds(20)) { [unowned self] in
        guard peer.isConnected else { return }
        for index in 0..<960 {
          samples[index] = Int16(8_000 * sin(phase))
          phase += 2 * Double.pi * Double(Stage.phoneTone) / 48_000
        }
        sequence &+= 1
        let head = OutgoingHead(sequence: sequence, timestamp: UInt32(sequence) &* 960, marker: false, time: .now())
        peer.send(.audio, head, now: .now(), out: out) { slot in
          (try? samples[..<960].withUnsafeBufferPointer { try soundEncoder.encode($0, into: slot) }) ?? 0
        }
        flush()
      })
  }

  private func flush() {
    socket.send(out)
    while peer.nextEvent() != nil {}
  }

  private func read() {
    while true {
      incoming.removeAll()
      guard let count = try? socket.receive(into: incoming), count > 0 else { break }
      for index in 0..<count {
        guard let (bytes, route) = incoming[index] else { continue }
        peer.receive(bytes, route: route, now: .now(), out: out, delegate: self)
      }
    }
    flush()
  }

  func received(_ packet: IncomingPacket, now: MonotonicTime, out: DatagramQueue) {
    switch packet.kind {
    case .audio:
      let decoded = samples.withUnsafeMutableBufferPointer { try? soundDecoder.decode(packet.payload, into: $0) }
      heard += samples[..<(decoded ?? 0)]
      if heard.count > 48_000 { heard.removeFirst(heard.count - 24_000) }
    case .video:
      frames.insert(packet.packet)
      while frames.nextFrame() != nil {
        guard let length = frames.copyFrame(into: memory.view), let bytes = memory.view.prefix(length) else { continue }
        do {
          try videoDecoder.decode(bytes) { picture in
            pictures += 1
            pictureSize = (picture.size.width, picture.size.height)
          }
        } catch {
          Issue.record("cannot decode: \(error)")
        }
      }
    }
  }

  func asked(forPacket sequence: UInt16, kind: MediaKind, now: MonotonicTime, out: DatagramQueue) {}
  func askedForKeyFrame(now: MonotonicTime, out: DatagramQueue) {}
}
