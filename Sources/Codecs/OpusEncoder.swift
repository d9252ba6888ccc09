import COpus
import Linux

/// Opus (RFC 6716) for speech, 48 kHz mono, by libopus.
public final class OpusEncoder {
  public struct Configuration: Sendable, Equatable {
    public var bitsPerSecond: Int
    /// 0 (cheapest) to 10.
    public var complexity: Int
    /// In-band forward error correction: each packet also carries a coarse copy of the one before, once a loss is expected.
    public var forwardErrorCorrection: Bool
    /// Per cent of packets that get lost, 0 to 100. libopus corrects nothing at 32 kbit/s when less than about 7 are expected.
    public var expectedLossPercent: Int
    public init(
      bitsPerSecond: Int = 32_000, complexity: Int = 5, forwardErrorCorrection: Bool = true,
      expectedLossPercent: Int = 10
    ) {
      self.bitsPerSecond = bitsPerSecond
      self.complexity = complexity
      self.forwardErrorCorrection = forwardErrorCorrection
      self.expectedLossPercent = expectedLossPercent
    }
  }

  /// The frame lengths that libopus takes at 48 kHz, in samples: 2.5 to 60 ms.
  public static let frameSamples = [120, 240, 480, 960, 1920, 2880]
  /// The longest packet of one frame (RFC 6716, section 3.2).
  public static let largestPacketBytes = 1_275

  private let encoder: OpaquePointer

  public init(_ configuration: Configuration = Configuration()) throws(CodecError) {
    var result: Int32 = 0
    guard let encoder = opus_encoder_create(48_000, 1, OPUS_APPLICATION_VOIP, &result), result == OPUS_OK else {
      throw .library("libopus encoder: \(String(cString: opus_strerror(result)))")
    }
    self.encoder = encoder
    try set(OPUS_SET_BITRATE_REQUEST, configuration.bitsPerSecond)
    try set(OPUS_SET_COMPLEXITY_REQUEST, configuration.complexity)
    try set(OPUS_SET_INBAND_FEC_REQUEST, configuration.forwardErrorCorrection ? 1 : 0)
    try set(OPUS_SET_PACKET_LOSS_PERC_REQUEST, configuration.expectedLossPercent)
    try set(OPUS_SET_SIGNAL_REQUEST, Int(OPUS_SIGNAL_VOICE))
  }

  deinit { opus_encoder_destroy(encoder) }

  /// Encodes one frame, whose length is one of ``frameSamples``, into `packet`.
  /// - Returns: the bytes written.
  public func encode(_ samples: UnsafeBufferPointer<Int16>, into packet: PacketView) throws(CodecError) -> Int {
    guard Self.frameSamples.contains(samples.count), let source = samples.baseAddress else {
      throw .unsupported("Opus frame of \(samples.count) samples")
    }
    guard let target = packet.raw.baseAddress?.assumingMemoryBound(to: UInt8.self) else {
      throw .tooShort(expected: Self.largestPacketBytes, got: 0)
    }
    let room = min(packet.count, 4_000)
    let length = opus_encode(encoder, source, Int32(samples.count), target, Int32(room))
    guard length > 0 else { throw .library("libopus encode: \(String(cString: opus_strerror(length)))") }
    return Int(length)
  }

  /// From the next packet on; 6,000 to 510,000.
  public func setBitrate(bitsPerSecond: Int) throws(CodecError) {
    try set(OPUS_SET_BITRATE_REQUEST, bitsPerSecond)
  }

  private func set(_ request: Int32, _ value: Int) throws(CodecError) {
    guard let value = Int32(exactly: value), fieldbox_opus_encoder_set(encoder, request, value) == OPUS_OK else {
      throw .unsupported("Opus encoder setting \(request) = \(value)")
    }
  }
}
