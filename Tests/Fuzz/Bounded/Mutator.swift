/// Makes inputs from seeds: the same seed makes the same inputs on every machine.
struct Mutator {
  private var state: UInt64
  private let seeds: [[UInt8]]

  init(seed: UInt64, seeds: [[UInt8]]) {
    state = seed
    self.seeds = seeds
  }

  /// One of the seeds with 1 to 8 changes.
  mutating func next() -> [UInt8] {
    var bytes = pick(seeds) ?? []
    for _ in 0...number(below: 8) { change(&bytes) }
    return bytes
  }

  private static let edges: [UInt8] = [0, 1, 0x7f, 0x80, 0xff, 0x0a, 0x20, 0x30, 0x39, 0x3a]

  private mutating func change(_ bytes: inout [UInt8]) {
    let at = number(below: bytes.count + 1)
    let end = min(bytes.count, at + 1 + number(below: 16))
    switch number(below: 8) {
    case 0 where at < bytes.count: bytes[at] ^= 1 << UInt8(number(below: 8))
    case 1 where at < bytes.count: bytes[at] = pick(Self.edges) ?? 0
    case 2 where at < bytes.count: bytes[at] = bytes[at] &+ (number(below: 2) == 0 ? 1 : 255)
    case 3: bytes.insert(contentsOf: bytes[min(at, end)..<end], at: number(below: bytes.count + 1))
    case 4: bytes.removeSubrange(min(at, end)..<end)
    case 5: bytes.removeSubrange(at...)
    case 6: bytes.insert(UInt8(number(below: 256)), at: at)
    default:
      guard let other = pick(seeds) else { return }
      bytes.replaceSubrange(at..., with: other.dropFirst(number(below: other.count + 1)))
    }
  }

  private mutating func pick<T>(_ items: [T]) -> T? { items.isEmpty ? nil : items[number(below: items.count)] }

  private mutating func number(below bound: Int) -> Int { Int(truncatingIfNeeded: random() >> 1) % max(bound, 1) }

  /// SplitMix64.
  private mutating func random() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }
}
