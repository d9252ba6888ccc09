import Linux

/// "The speaker wants its next block": sent to media beside the microphone's blocks, told apart by its length. So the pace is that
/// of the card which plays, and nothing piles up where cards and machine disagree about the length of a second.
public struct PCMRequest: Sendable, Equatable {
  public static let bytes = 8

  /// Counts requests.
  public var sequence: UInt32
  /// False where one was there already: then it only says that from now on the speaker sets the pace, not media's own clock.
  public var wantsBlock: Bool

  public init(sequence: UInt32, wantsBlock: Bool = true) {
    self.sequence = sequence
    self.wantsBlock = wantsBlock
  }

  public func write(to view: PacketView) -> Bool {
    var writer = ByteWriter(view)
    writer.put(sequence)
    writer.put(UInt32(wantsBlock ? 0 : 1))
    return !writer.overflowed
  }

  /// Nil unless the datagram is exactly ``bytes`` long.
  public init?(_ view: PacketView) {
    guard view.count == Self.bytes, let sequence = view.u32(0), let word = view.u32(4) else { return nil }
    self.init(sequence: sequence, wantsBlock: word == 0)
  }
}

/// 20 ms of sound: 960 samples, 48 kHz, mono, signed 16 bits in the machine's byte order, behind a 24-byte head. As long as an
/// Opus packet: shorter blocks would wake two processes more often, and the packet would not leave any sooner.
public struct PCMHead: Sendable, Equatable {
  public static let bytes = 24
  public static let samples = 960
  public static let sampleRate = 48_000
  public static let datagramBytes = bytes + samples * 2

  /// Counts blocks; a gap is a drop. On its way back from the speaker: the number of media's block, 0 where that had none.
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
