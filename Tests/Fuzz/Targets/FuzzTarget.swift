import Linux

/// Something that reads bytes from outside, and what must hold whatever the bytes are. Each runs in `FuzzTests` on a bounded
/// number of mutated seeds, and by hand under libFuzzer (`Tests/Fuzz/run`).
public struct FuzzTarget: Sendable {
  public let name: String
  /// Good inputs to begin from.
  public let seeds: @Sendable () -> [[UInt8]]
  /// Takes one input; returns what is wrong, nil if all holds. A trap is a find too.
  public let run: @Sendable (PacketView) -> String?

  public init(
    _ name: String, seeds: @escaping @Sendable () -> [[UInt8]], run: @escaping @Sendable (PacketView) -> String?
  ) {
    self.name = name
    self.seeds = seeds
    self.run = run
  }

  /// Every target; a new one is added here.
  public static let all: [FuzzTarget] = [
    .demultiplexing, .stun, .sdp, .rtp, .rtcp, .vp8, .jitterBuffer, .forwarding, .protected, .requests, .linkMessages,
    .mediaDatagrams, .jpeg, .configuration, .serverMemory,
  ]
}

/// The bytes of a datagram that `write` fills in place; returns its length.
public func datagram(_ write: (PacketView) -> Int) -> [UInt8] {
  var bytes = [UInt8](repeating: 0, count: 2048)
  let length = bytes.withUnsafeMutableBytes { write(PacketView($0)) }
  return Array(bytes.prefix(length))
}
