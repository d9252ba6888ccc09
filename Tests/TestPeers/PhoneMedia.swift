import Codecs
import Glibc
import Linux
import TestSupport
import Testing
import WebRTC

/// A phone's end of a peer connection on a real socket: decodes what comes, and sends a tone.
public final class PhoneMedia: PeerDelegate {
  public struct Picture {
    public var width: Int
    public var height: Int
    /// Brightness in the middle of its upper half.
    public var luma: UInt8
    public var isKey: Bool
    public var timestamp: UInt32
    /// Brightness near the four corners.
    public var corners: [UInt8]
    /// It is the box's picture of a fault: nothing but its dark ground is in all corners.
    public var isFault: Bool { corners.allSatisfy { (26...50).contains($0) } }
  }

  private let loop: EventLoop
  private let socket: UDPSocket
  private let peer: PeerConnection
  private let incoming = DatagramQueue(capacity: 64)
  private let out = DatagramQueue(capacity: 512)
  private var watch: EventLoop.Watch?
  private var timers: [LoopTimer] = []

  private let frames = VP8FrameAssembler(keepsPayload: true)
  private let videoDecoder: VP8Decoder
  private let soundDecoder: OpusDecoder
  private let soundEncoder: OpusEncoder
  private let memory = PacketSlab(slots: 1, slotBytes: 1 << 20)
  private var samples = [Int16](repeating: 0, count: OpusDecoder.largestPacketSamples)
  private var phase = 0.0
  private var sequence: UInt16 = 0
  private var isSending = false

  public private(set) var events: [PeerEvent] = []
  /// What was decoded whole.
  public private(set) var pictures: [Picture] = []
  /// Sound heard, 48 kHz.
  public private(set) var heard: [Int16] = []

  public init(on loop: EventLoop) throws {
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

  /// The answer to the box's offer; the connection is built from now on.
  public func accept(_ offer: String) throws -> String {
    var random = SystemRandomNumberGenerator()
    let answer = try peer.acceptOffer(offer, now: .now(), out: out, random: &random)
    guard watch == nil else {
      flush()
      return answer
    }
    watch = try loop.watch(socket.number) { [unowned self] in read() }
    timers.append(
      loop.every(.milliseconds(5)) { [unowned self] in
        peer.poll(now: .now(), out: out)
        flush()
      })
    flush()
    return answer
  }

  /// Sends 20 ms of a tone every 20 ms.
  public func startTone(_ hertz: Int) {
    guard !isSending else { return }
    isSending = true
    timers.append(
      loop.every(.milliseconds(20)) { [unowned self] in
        guard peer.isConnected else { return }
        for index in 0..<960 {
          samples[index] = Int16(8_000 * sin(phase))
          phase += 2 * Double.pi * Double(hertz) / 48_000
        }
        sequence &+= 1
        let head = OutgoingHead(sequence: sequence, timestamp: UInt32(sequence) &* 960, marker: false, time: .now())
        peer.send(0, head, now: .now(), out: out) { slot in
          (try? samples[..<960].withUnsafeBufferPointer { try soundEncoder.encode($0, into: slot) }) ?? 0
        }
        flush()
      })
  }

  public func askForKeyFrame() {
    peer.requestKeyFrame(1, now: .now(), out: out)
    flush()
  }

  /// Says goodbye.
  public func close() {
    peer.close(out: out)
    flush()
  }

  /// Sends bytes as they are to a port of this machine.
  public func send(raw bytes: [UInt8], to port: UInt16) {
    let route = DatagramQueue.Route(remote: SocketAddress(ipv4: 0x7f00_0001, port: port), local: socket.local)
    out.append(to: route) { slot in bytes.withUnsafeBytes { slot.copy($0, to: 0) } ? bytes.count : 0 }
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

  // MARK: PeerDelegate

  public func received(_ packet: IncomingPacket, now: MonotonicTime, out: DatagramQueue) {
    switch packet.kind {
    case .audio:
      let decoded = samples.withUnsafeMutableBufferPointer { try? soundDecoder.decode(packet.payload, into: $0) }
      heard += samples[..<(decoded ?? 0)]
    case .video:
      frames.insert(packet.packet)
      while let frame = frames.nextFrame() {
        guard let room = memory[0], let length = frames.copyFrame(into: room), let bytes = room.prefix(length) else {
          continue
        }
        do {
          try videoDecoder.decode(bytes) { picture in
            let (width, height) = (picture.size.width, picture.size.height)
            let places = [(4, 4), (width - 5, 4), (4, height - 5), (width - 5, height - 5)]
            pictures.append(
              Picture(
                width: picture.size.width, height: picture.size.height,
                luma: picture.luma(picture.size.width / 2, picture.size.height / 4) ?? 0, isKey: frame.isKeyFrame,
                timestamp: frame.timestamp, corners: places.map { picture.luma($0.0, $0.1) ?? 0 }))
          }
        } catch {
          Issue.record("cannot decode: \(error)")
        }
      }
    }
  }

  public func asked(forPacket sequence: UInt16, section: Int, now: MonotonicTime, out: DatagramQueue) {}
  public func askedForKeyFrame(section: Int, now: MonotonicTime, out: DatagramQueue) {}
}
