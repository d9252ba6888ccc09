import Linux

/// "The speaker wants its next block": sent to media beside the microphone's blocks, told apart by its length. So the pace is that
/// of the card which plays, and nothing piles up where cards and machine disagree about the length of a second.
public struct PCMRequest: Sendable, Equatable {
  public static let bytes = 8

  /// Counts requests.
  public var sequence: UInt32

  public init(sequence: UInt32) { self.sequence = sequence }

  public func write(to view: PacketView) -> Bool {
    var writer = ByteWriter(view)
    writer.put(sequence)
    writer.put(UInt32(0))
    return !writer.overflowed
  }

  /// Nil unless the datagram is exactly ``bytes`` long.
  public init?(_ view: PacketView) {
    guard view.count == Self.bytes, let sequence = view.u32(0) else { return nil }
    self.init(sequence: sequence)
  }
}

/// 20 ms of sound: 960 samples, 48 kHz, mono, signed 16 bits in the machine's byte order, behind a 24-byte head. As long as an
/// Opus packet: shorter blocks would wake two processes more often, and the packet would not leave any sooner.
public struct PCMHead: Sendable, Equatable {
  public static let bytes = 24
  public static let samples = 960
  public static let sampleRate = 48_000
  public static let datagramBytes = bytes + samples * 2

  /// Counts blocks; a gap is a drop.
  public var sequence: UInt32
  /// How long a sample written now takes until it is heard, in microseconds; 0 where it is not known.
  public var playbackDelayMicroseconds: UInt32
  /// Capture: when the first sample was heard. Playback: when the block was decoded. On its way back from the speaker, which says
  /// what it really played: when the first sample reaches the air.
  public var time: MonotonicTime

  public init(sequence: UInt32, playbackDelayMicroseconds: UInt32, time: MonotonicTime) {
    self.sequence = sequence
    self.playbackDelayMicroseconds = playbackDelayMicroseconds
    self.time = time
  }

  public func write(to view: PacketView) -> Bool {
    var writer = ByteWriter(view)
    writer.put(sequence)
    writer.put(playbackDelayMicroseconds)
    writer.put(time.microseconds)
    writer.put(UInt64(0))
    return !writer.overflowed
  }

  /// Nil unless the datagram is exactly ``datagramBytes`` long.
  public init?(_ view: PacketView) {
    guard view.count == Self.datagramBytes, let sequence = view.u32(0), let delay = view.u32(4),
      let time = view.integer(8, as: Int64.self)
    else { return nil }
    self.init(sequence: sequence, playbackDelayMicroseconds: delay, time: MonotonicTime(microseconds: time))
  }
}
