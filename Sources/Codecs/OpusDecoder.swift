import COpus
import Linux

/// Opus (RFC 6716) to 48 kHz mono by libopus; stereo packets are mixed down.
public final class OpusDecoder {
  /// The longest packet there is, 120 ms (RFC 6716, section 3.2.5): the room to decode into.
  public static let largestPacketSamples = 5_760

  private let decoder: OpaquePointer

  public init() throws(CodecError) {
    var result: Int32 = 0
    guard let decoder = opus_decoder_create(48_000, 1, &result), result == OPUS_OK else {
      throw .library("libopus decoder: \(String(cString: opus_strerror(result)))")
    }
    self.decoder = decoder
  }

  deinit { opus_decoder_destroy(decoder) }

  /// How many samples a packet decodes to; nil if it is no Opus packet.
  public static func samples(in packet: PacketView) -> Int? {
    guard let bytes = packet.raw.baseAddress?.assumingMemoryBound(to: UInt8.self), packet.count > 0,
      let count = Int32(exactly: packet.count)
    else { return nil }
    let samples = opus_packet_get_nb_samples(bytes, count, 48_000)
    return samples > 0 ? Int(samples) : nil
  }

  /// Decodes a packet.
  /// - Returns: the samples written, as many as ``samples(in:)`` says.
  public func decode(
    _ packet: PacketView, into samples: UnsafeMutableBufferPointer<Int16>
  ) throws(CodecError) -> Int {
    guard packet.count > 0 else { throw .truncated("Opus packet of 0 bytes") }
    return try run(packet, samples, count: samples.count, correctingErrors: false)
  }

  /// Makes up for a lost packet out of the copy that the packet after it carries, filling `samples` whole. Where it
  /// carries none, the gap is concealed. Decode the packet itself next.
  /// - Parameter samples: as long as the lost packet; a multiple of 120.
  public func correct(
    from next: PacketView, into samples: UnsafeMutableBufferPointer<Int16>
  ) throws(CodecError) -> Int {
    guard next.count > 0 else { throw .truncated("Opus packet of 0 bytes") }
    return try run(next, samples, count: try whole(samples.count), correctingErrors: true)
  }

  /// Makes up for a lost packet out of what was heard before, filling `samples` whole.
  /// - Parameter samples: as long as the lost packet; a multiple of 120.
  public func conceal(into samples: UnsafeMutableBufferPointer<Int16>) throws(CodecError) -> Int {
    try run(nil, samples, count: try whole(samples.count), correctingErrors: false)
  }

  /// libopus makes up time only in steps of 2.5 ms.
  private func whole(_ count: Int) throws(CodecError) -> Int {
    guard count > 0, count % 120 == 0, count <= Self.largestPacketSamples else {
      throw .unsupported("making up \(count) samples of Opus")
    }
    return count
  }

  private func run(
    _ packet: PacketView?, _ samples: UnsafeMutableBufferPointer<Int16>, count: Int, correctingErrors: Bool
  ) throws(CodecError) -> Int {
    guard let target = samples.baseAddress, let length = Int32(exactly: packet?.count ?? 0) else {
      throw .tooShort(expected: 120, got: 0)
    }
    let bytes = packet?.raw.baseAddress?.assumingMemoryBound(to: UInt8.self)
    let room = Int32(min(count, Self.largestPacketSamples))
    let result = opus_decode(decoder, bytes, length, target, room, correctingErrors ? 1 : 0)
    switch result {
    case 1...: return Int(result)
    case OPUS_BUFFER_TOO_SMALL: throw .tooShort(expected: packet.flatMap(Self.samples) ?? 120, got: samples.count)
    default: throw .malformed("Opus packet of \(length) bytes: \(String(cString: opus_strerror(result)))")
    }
  }
}
