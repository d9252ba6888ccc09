import Linux

/// A short while in which more is sent than is needed, to learn whether the way takes it: how fast what was sent then arrives
/// (as in draft-ietf-rmcat-gcc-02 implementations' probe clusters). What is sent in addition are repeated packets, which the receiver throws away.
struct Probe {
  private static let length = Interval.milliseconds(100)
  /// After its end so long is waited for the last report.
  private static let patience = Interval.milliseconds(500)
  /// Of fewer packets nothing can be said.
  private static let leastPackets = 5
  /// So much of it must have arrived.
  private static let leastArrived = 0.8

  let bitsPerSecond: Int
  private let began: MonotonicTime
  private let first: UInt16
  private var sentBytes = 0
  private var sentPackets = 0
  private var lastSent: MonotonicTime
  /// Of those that have arrived, by the receiver's clock.
  private var arrivals: (first: Int64, last: Int64)?
  private var arrivedBytes = 0
  private var arrivedPackets = 0
  private var firstBytes = 0
  private var told = 0

  enum Outcome: Equatable {
    /// The way has taken so much.
    case takes(Int)
    /// Too little of it has arrived to say so.
    case unknown
  }

  init(bitsPerSecond: Int, next: UInt16, now: MonotonicTime) {
    self.bitsPerSecond = bitsPerSecond
    began = now
    first = next
    lastSent = now
  }

  /// How many bytes have to leave now in addition.
  func missing(_ now: MonotonicTime) -> Int {
    guard isSending(now) else { return 0 }
    // From the start a packet, so that the time between the first and the last is that of the rest.
    let due = 1_200 + Double(bitsPerSecond) / 8 * (now - began).seconds
    return max(0, Int(due) - sentBytes)
  }

  func isSending(_ now: MonotonicTime) -> Bool {
    now - began < Self.length || sentPackets < Self.leastPackets && now - began < Self.patience
  }

  mutating func sent(bytes: Int, now: MonotonicTime) {
    guard isSending(now) else { return }
    sentBytes += bytes
    sentPackets += 1
    lastSent = now
  }

  /// The peer told of a packet.
  mutating func told(_ sequence: UInt16, bytes: Int, arrival: Int64?) {
    guard Int(sequence &- first) < sentPackets else { return }
    told += 1
    guard let arrival else { return }
    arrivedPackets += 1
    arrivedBytes += bytes
    if arrivals == nil { firstBytes = bytes }
    arrivals = (min(arrivals?.first ?? arrival, arrival), max(arrivals?.last ?? arrival, arrival))
  }

  /// What has come of it; nil while it is not over.
  func outcome(_ now: MonotonicTime) -> Outcome? {
    guard !isSending(now), told >= sentPackets || now - lastSent >= Self.patience else { return nil }
    guard Double(arrivedPackets) >= Self.leastArrived * Double(sentPackets), let arrivals else { return .unknown }
    let took = max(1, arrivals.last - arrivals.first)
    let received = Double(arrivedBytes - firstBytes) * 8_000_000 / Double(took)
    let sent = Double(sentBytes - firstBytes) * 8_000_000 / Double(max(1, (lastSent - began).microseconds))
    // What arrived much slower than it left shows the width of the way; a little less, so that its queue empties.
    let width = received < 0.9 * sent ? 0.9 * received : min(sent, received)
    return .takes(Int(min(width, 1e9)))
  }
}
