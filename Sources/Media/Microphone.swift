import Codecs
import Links
import Linux

/// Turns the 20 ms blocks of the microphone into Opus packets of the same length.
final class Microphone {
  private let socket: MessageSocket
  private let datagram = PacketSlab(slots: 1, slotBytes: PCMHead.datagramBytes + 8)
  private let packet = PacketSlab(slots: 1, slotBytes: OpusEncoder.largestPacketBytes)
  private var samples = [Int16](repeating: 0, count: PCMHead.samples)
  private var encoder: OpusEncoder?
  private var timestamp: UInt32 = 0
  private var lastSequence: UInt32?
  /// Blocks that never came, by their numbers.
  private(set) var missed = 0
  private(set) var refused = 0

  init(_ socket: MessageSocket) { self.socket = socket }

  var number: Int32 { socket.number }

  enum Read {
    case block
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
    defer { timestamp &+= UInt32(PCMHead.samples) }
    guard isHeard else {
      // The next listener begins with a fresh encoder.
      encoder = nil
      return
    }
    samples.withUnsafeMutableBytes {
      $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(block.raw)[..<$0.count]))
    }
    do {
      let encoder = try self.encoder ?? OpusEncoder()
      self.encoder = encoder
      guard let room = packet[0] else { return }
      let length = try samples.withUnsafeBufferPointer { samples throws(CodecError) in
        try encoder.encode(samples, into: room)
      }
      if let encoded = room.prefix(length) { publish(encoded, timestamp, head.time) }
    } catch {
      refused &+= 1
    }
  }
}
