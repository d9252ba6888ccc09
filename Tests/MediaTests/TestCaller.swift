import Codecs
import Glibc
import Links
import Linux
import TestSupport
import Testing

@testable import WebRTC

/// A phone on a real socket: decodes what it sees and hears, and sends a tone and pictures.
final class TestCaller: PeerDelegate {
  let name: String
  let peer: PeerConnection
  private let box: TestBox
  private let socket: UDPSocket
  private let incoming = DatagramQueue(capacity: 64)
  let out = DatagramQueue(capacity: 512)
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

  private(set) var events: [PeerEvent] = []
  /// Size and brightness of each decoded picture.
  private(set) var pictures: [(width: Int, height: Int, luma: UInt8, isKey: Bool, timestamp: UInt32)] = []
  /// Sound heard, 48 kHz.
  private(set) var heard: [Int16] = []
  private(set) var keyFramesAsked = 0
  private(set) var lastVideoPacket: [UInt8] = []

  /// Opens a peer at the box and answers its offer.
  init(_ name: String, calling box: TestBox) throws {
    self.name = name
    self.box = box
    socket = try UDPSocket(binding: try #require(SocketAddress(literal: "127.0.0.1", port: 0)))
    videoDecoder = try VP8Decoder()
    soundDecoder = try OpusDecoder()
    soundEncoder = try OpusEncoder()
    var random = SystemRandomNumberGenerator()
    let context = try DTLSContext(certificate: Certificate(serial: random.next()))
    peer = PeerConnection(
      role: .controlling, context: context, addresses: [socket.local], clock: NTPClock(wall: .now(), at: .now()),
      now: .now(), random: &random)
    let reply = try box.request { .openPeer(id: $0, peer: name, localAddresses: ["127.0.0.1", "no address"]) }
    guard case .offer(let offer) = reply else { throw Refused(reply: reply) }
    let answer = try peer.acceptOffer(offer, now: .now(), out: out)
    #expect(try box.request { .setAnswer(id: $0, peer: name, sdp: answer) } == .done)
    watch = try box.loop.watch(socket.number) { [unowned self] in read() }
    timers.append(box.loop.every(.milliseconds(5)) { [unowned self] in poll() })
    poll()
  }
  struct Refused: Error { var reply: MediaReply }

  deinit {
    watch?.cancel()
    for timer in timers { timer.cancel() }
  }

  func poll() {
    peer.poll(now: .now(), out: out)
    flush()
  }

  private func flush() {
    socket.send(out)
    while let event = peer.nextEvent() { events.append(event) }
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

  func send(raw bytes: [UInt8]) {
    let route = DatagramQueue.Route(
      remote: SocketAddress(ipv4: 0x7f00_0001, port: box.port), local: socket.local)
    out.append(to: route) { slot in bytes.withUnsafeBytes { slot.copy($0, to: 0) } ? bytes.count : 0 }
    flush()
  }

  /// Sends 20 ms of 1,000 Hz every 20 ms.
  func startTone() {
    timers.append(
      box.loop.every(.milliseconds(20)) { [unowned self] in
        for index in 0..<960 {
          samples[index] = Int16(8_000 * sin(phase))
          phase += 2 * Double.pi * 1_000 / 48_000
        }
        sequence &+= 1
        let head = OutgoingHead(
          sequence: sequence, timestamp: UInt32(sequence) &* 960, marker: false, time: .now())
        peer.send(.audio, head, now: .now(), out: out) { slot in
          (try? samples[..<960].withUnsafeBufferPointer { try soundEncoder.encode($0, into: slot) }) ?? 0
        }
        flush()
      })
  }

  func askForKeyFrame() {
    peer.requestKeyFrame(now: .now(), out: out)
    flush()
  }

  func close() {
    peer.close(out: out)
    flush()
  }

  // MARK: PeerDelegate

  func received(_ packet: IncomingPacket, now: MonotonicTime, out: DatagramQueue) {
    switch packet.kind {
    case .audio:
      let decoded = samples.withUnsafeMutableBufferPointer { try? soundDecoder.decode(packet.payload, into: $0) }
      heard += samples[..<(decoded ?? 0)]
    case .video:
      lastVideoPacket = packet.packet.view.array
      frames.insert(packet.packet)
      while let frame = frames.nextFrame() {
        guard let length = frames.copyFrame(into: memory.view), let bytes = memory.view.prefix(length) else { continue }
        do {
          try videoDecoder.decode(bytes) { picture in
            let luma = picture.luma(picture.size.width / 2, picture.size.height / 4) ?? 0
            pictures.append((picture.size.width, picture.size.height, luma, frame.isKeyFrame, frame.timestamp))
          }
        } catch {
          Issue.record("cannot decode: \(error)")
        }
      }
    }
  }

  func asked(forPacket sequence: UInt16, kind: MediaKind, now: MonotonicTime, out: DatagramQueue) {}
  func askedForKeyFrame(now: MonotonicTime, out: DatagramQueue) { keyFramesAsked += 1 }
}

/// How strong one frequency is in a piece of sound, of 0 to about its amplitude (Goertzel).
func strength(of frequency: Double, in samples: some Collection<Int16>) -> Double {
  guard !samples.isEmpty else { return 0 }
  let coefficient = 2 * cos(2 * Double.pi * frequency / 48_000)
  var (before, last) = (0.0, 0.0)
  for sample in samples { (before, last) = (last, Double(sample) + coefficient * last - before) }
  let power = before * before + last * last - coefficient * before * last
  return 2 * power.squareRoot() / Double(samples.count)
}
