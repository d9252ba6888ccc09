import FuzzTargets
import Linux
import Testing

/// Each target on its seeds as they are, then on mutated ones. Deterministic: a failure comes back in the next run, and
/// `Tests/Fuzz/run <target>` narrows it down.
@Suite struct BoundedFuzzTests {
  static let inputs = 20_000

  @Test(arguments: FuzzTarget.all.map(\.name))
  func holds(_ name: String) throws {
    let target = try #require(FuzzTarget.all.first { $0.name == name })
    let seeds = target.seeds()
    #expect(!seeds.isEmpty)
    var mutator = Mutator(seed: 0x5eed, seeds: seeds)
    var distinct = Set<Int>()
    for number in 0..<seeds.count + Self.inputs {
      let input = number < seeds.count ? seeds[number] : mutator.next()
      distinct.insert(input.hashValue)
      if let complaint = Self.run(target, input) {
        Issue.record("\(complaint); input \(number): \(String(decoding: input, as: UTF8.self).debugDescription)")
        return
      }
    }
    // A mutator that repeats itself would pass for a search.
    #expect(distinct.count > Self.inputs / 2)
  }

  /// Runs an input in memory of exactly its size, so that a sanitizer sees reads past its end.
  static func run(_ target: FuzzTarget, _ input: [UInt8]) -> String? {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: input.count, alignment: 1)
    defer { memory.deallocate() }
    memory.copyBytes(from: input)
    return target.run(PacketView(memory))
  }

  @Test func aComplaintIsFound() {
    let target = FuzzTarget("", seeds: { [[1, 2, 3]] }, run: { $0.count == 2 ? "two bytes" : nil })
    var mutator = Mutator(seed: 1, seeds: target.seeds())
    #expect((0..<1000).contains { _ in Self.run(target, mutator.next()) != nil })
  }
}
