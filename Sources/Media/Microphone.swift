import Codecs
import Glibc
import Links
import Linux

/// Turns the 20 ms blocks of the microphone into Opus packets of the same length.
final class Microphone {
  /// A block so much later than the one before it should be is behind a break: the device was away, or it lost sound.
  private static let breakAfter = Interval.milliseconds(60)

  private let socket: MessageSocket
  private let care: MicrophoneCare?
  private let datagram = PacketSlab(slots: 1, slotBytes: PCMHead.datagramBytes + 8)
  private let packet = PacketSlab(slots: 1, slotBytes: OpusEncoder.largestPacketBytes)
  private var samples = [Int16](repeating: 0, count: PCMHead.samples)
  private var playedSamples = [Int16](repeating: 0, count: PCMHead.samples)
  private var encoder: OpusEncoder?
  private var timestamp: UInt32 = 0
  private var lastSequence: UInt32?
  /// When the next block should begin.
  private var expected: MonotonicTime?
  /// Blocks that never came, by their numbers.
  private(set) var missed = 0
  private(set) var refused = 0

  init(_ socket: MessageSocket, care: SoundCare = SoundCare()) throws(CodecError) {
    self.socket = socket
    self.care = try MicrophoneCare(care)
  }

  /// Of packets when they had been handed to the socket, from when their first sample was heard on.
  private(set) var ages = Ages()

  /// How loud the block was that was published last, in decibels below overload, 127 for silence (RFC 6464).
  private(set) var level: UInt8 = 127

  func noteSent(captured: MonotonicTime, now: MonotonicTime) { ages.add(now - captured) }

  /// How often echo and its sound had to be brought together anew.
  var echoJumps: Int { care?.jumps ?? 0 }

  var number: Int32 { socket.number }

  enum Read: Equatable {
    case block
    /// The speaker sets the pace, and wants a block unless it has one.
    case request(wantsBlock: Bool)
    /// Nothing, or a datagram that is no block.
    case nothing
    /// The supervisor is gone.
    case closed
  }

  /// Takes one datagram; where more wait, epoll tells again. While somebody listens, `publish` gets each packet with its
  /// timestamp on the 48 kHz clock and the time when its first sample was heard.
  func read(isHeard: Bool, publish: (PacketView, UInt32, MonotonicTime) -> Void) -> Read {
    do {
      guard let datagram = datagram[0], let length = try socket.receive(into: datagram) else { return .nothing }
      if let request = datagram.prefix(length).flatMap({ PCMRequest($0) }) {
        return .request(wantsBlock: request.wantsBlock)
      }
      guard let view = datagram.prefix(length), let head = PCMHead(view), let block = view.dropFirst(PCMHead.bytes)
      else {
        refused &+= 1
        return .nothing
      }
      take(head, block, isHeard: isHeard, publish: publish)
      return .block
    } catch {
      return .closed
    }
  }

  private func take(
    _ head: PCMHead, _ block: PacketView, isHeard: Bool, publish: (PacketView, UInt32, MonotonicTime) -> Void
  ) {
    if let lastSequence {
      let gap = head.sequence &- lastSequence &- 1
      if gap > 0, gap < 1000 {
        missed &+= Int(gap)
        timestamp &+= gap &* UInt32(PCMHead.samples)
      }
    }
    lastSequence = head.sequence
    skipBreak(before: head.time)
    defer { timestamp &+= UInt32(PCMHead.samples) }
    guard isHeard else {
      // The next listener begins with a fresh encoder.
      encoder = nil
      return
    }
    samples.withUnsafeMutableBytes {
      $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(block.raw)[..<$0.count]))
    }
    var heard = head.time
    if let care {
      samples.withUnsafeMutableBufferPointer { care.process($0, heard: head.time) }
      heard = heard - care.delay
    }
    level = Self.level(of: samples)
    do {
      let encoder = try self.encoder ?? OpusEncoder()
      self.encoder = encoder
      guard let room = packet[0] else { return }
      let length = try samples.withUnsafeBufferPointer { samples throws(CodecError) in
        try encoder.encode(samples, into: room)
      }
      if let encoded = room.prefix(length) { publish(encoded, timestamp, heard) }
    } catch {
      refused &+= 1
    }
  }

  static func level(of samples: [Int16]) -> UInt8 {
    var power = 0.0
    for sample in samples { power += Double(sample) * Double(sample) }
    let decibels = 10 * log10(power / Double(max(1, samples.count)) / (32_768 * 32_768))
    return UInt8(max(0, min(127, -decibels.rounded())))
  }

  /// Timestamps count the samples of the card, so that they keep its clock; where samples are missing they follow the time.
  private func skipBreak(before time: MonotonicTime) {
    if let expected, time - expected >= Self.breakAfter {
      let blocks = (time - expected).microseconds / Speaker.blockInterval.microseconds
      timestamp &+= UInt32(truncatingIfNeeded: blocks &* Int64(PCMHead.samples))
    }
    expected = time + Speaker.blockInterval
  }

  /// Takes in what the speaker really played.
  func take(played head: PCMHead, _ block: PacketView) {
    let bytes = UnsafeRawBufferPointer(block.raw)
    guard let care, bytes.count >= PCMHead.samples * 2 else { return }
    playedSamples.withUnsafeMutableBytes { $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<$0.count])) }
    playedSamples.withUnsafeBufferPointer { care.take(played: $0, heard: head.time) }
  }
}
