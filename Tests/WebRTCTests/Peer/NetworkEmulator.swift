import Linux
import TestSupport
import Testing

/// A network that loses, delays, reorders and doubles datagrams, the same way in every run with the same seed.
struct NetworkEmulator {
  struct Conditions: CustomTestStringConvertible, Sendable {
    var name: String
    var delay = Interval.milliseconds(2)
    /// Up to so much is added to the delay of each datagram by chance, so they overtake each other.
    var jitter = Interval.zero
    /// Of 1,000 datagrams.
    var lostOfThousand = 0
    var doubledOfThousand = 0
    /// What the way from one sender takes, and how long a packet may wait for it before it is dropped; nil for no end.
    var bitsPerSecond: Int?
    var limited: SocketAddress?
    var queue = Interval.milliseconds(200)
    var testDescription: String { name }

    static let clean = Conditions(name: "clean")
  }

  struct Datagram {
    let bytes: [UInt8]
    /// As the receiver sees it.
    let route: DatagramQueue.Route
    let due: MonotonicTime
    let order: Int
  }

  var conditions: Conditions
  /// Called with each datagram when it is sent; false loses it.
  var filter: (([UInt8], SocketAddress) -> Bool)?
  private var random: SeededGenerator
  private var flying: [Datagram] = []
  private var order = 0
  private(set) var lost = 0
  /// Bytes that the limited way has taken, headers included.
  private(set) var carried = 0
  private var freeAt = MonotonicTime(microseconds: 0)
  /// That a packet has waited for the limited way.
  var longestQueue = Interval.zero
  /// Every datagram that was sent, by its sender.
  private(set) var sent: [(from: SocketAddress, bytes: [UInt8])] = []

  init(_ conditions: Conditions, seed: UInt64) {
    self.conditions = conditions
    random = SeededGenerator(seed: seed)
  }

  var nextDue: MonotonicTime? { flying.map(\.due).min() }

  /// Sends what a queue holds.
  mutating func send(_ queue: DatagramQueue, from sender: SocketAddress, now: MonotonicTime) {
    for index in 0..<queue.count {
      guard let (bytes, route) = queue[index] else { continue }
      let array = bytes.array
      sent.append((sender, array))
      guard filter?(array, sender) ?? true, !happens(conditions.lostOfThousand) else {
        lost += 1
        continue
      }
      var queued = Interval.zero
      if let rate = conditions.bitsPerSecond, sender == conditions.limited {
        let start = max(freeAt, now)
        guard start - now <= conditions.queue else {
          lost += 1
          continue
        }
        freeAt = start + .microseconds(Int64(array.count + 28) * 8_000_000 / Int64(max(1, rate)))
        queued = freeAt - now
        carried += array.count + 28
        longestQueue = max(longestQueue, queued)
      }
      let arriving = DatagramQueue.Route(remote: sender, local: route.remote)
      for _ in 0..<(happens(conditions.doubledOfThousand) ? 2 : 1) {
        let extra = Int64.random(in: 0...max(0, conditions.jitter.microseconds), using: &random)
        order += 1
        flying.append(
          Datagram(
            bytes: array, route: arriving, due: now + queued + conditions.delay + .microseconds(extra), order: order))
      }
    }
    queue.removeAll()
  }

  /// The next datagram that arrives by now, earliest first.
  mutating func next(_ now: MonotonicTime) -> Datagram? {
    let arrived = flying.indices.filter { flying[$0].due <= now }
    guard let first = arrived.min(by: { (flying[$0].due, flying[$0].order) < (flying[$1].due, flying[$1].order) })
    else { return nil }
    return flying.remove(at: first)
  }

  private mutating func happens(_ ofThousand: Int) -> Bool { Int.random(in: 0..<1000, using: &random) < ofThousand }
}
