import Linux

/// What to play next. Lengths are in samples at 48 kHz.
public enum JitterBufferOutput {
  /// Decode this packet. Valid until the next `insert`.
  case packet(PacketView, samples: Int)
  /// The packet in turn is lost, but this one, which follows, carries it a second time: decode that part of it. It is
  /// given again as `packet` afterwards.
  case recovered(PacketView, samples: Int)
  /// Nothing is there: let the decoder fill the gap.
  case conceal(samples: Int)
  /// Nothing has been there for long: play silence.
  case silence(samples: Int)

  public var samples: Int {
    switch self {
    case .packet(_, let samples), .recovered(_, let samples), .conceal(let samples), .silence(let samples): samples
    }
  }
}

/// What a jitter buffer has seen and done.
public struct JitterBufferStatistics: Equatable, Sendable {
  /// Packets inserted, whatever became of them.
  public var received: UInt64 = 0
  /// Packets given out to decode.
  public var played: UInt64 = 0
  /// Packets that came after their turn.
  public var late: UInt64 = 0
  public var duplicates: UInt64 = 0
  /// Packets that never came in time and were concealed.
  public var concealedPackets: UInt64 = 0
  /// Packets that never came, but were there a second time in the one that followed.
  public var recovered: UInt64 = 0
  /// Packets left out to shorten the delay, or because nobody pulled.
  public var dropped: UInt64 = 0
  /// Samples inserted while a packet was awaited.
  public var insertedSamples: UInt64 = 0
  /// Times that the stream jumped and everything began anew.
  public var restarts: UInt64 = 0

  public init() {}
}
