import Linux
import TestSupport
import Testing

@testable import WebRTC

@Suite struct StreamRewriterTests {
  @Test("Numbers go on without a break over any changes of source, and each finds its way back", arguments: 0..<20)
  func goesOn(_ seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var rewriter = StreamRewriter(clockRate: 90_000, kept: 512, random: random.next())
    var now = MonotonicTime(microseconds: Int64.random(in: 0...1_000_000_000_000, using: &random))
    var last: StreamRewriter.Numbers?
    for _ in 0..<8 {
      var source = StreamRewriter.Source(
        index: Int64.random(in: 0...200_000, using: &random),
        timestamp: UInt32.random(in: .min ... .max, using: &random),
        picture: UInt16.random(in: 0...0x7fff, using: &random), tl0: UInt8.random(in: .min ... .max, using: &random),
        time: now)
      rewriter.end()
      #expect(rewriter.pass(source) == nil)
      rewriter.begin(at: source)
      var early = source
      early.index -= 1
      #expect(rewriter.pass(early) == nil, "what is from before the change is not sent")
      for packet in 0..<Int.random(in: 1...400, using: &random) {
        source.time = now
        let passed = rewriter.pass(source)
        let out = try #require(passed)
        #expect(rewriter.index(of: out.sequence) == source.index)
        #expect(rewriter.numbers(again: source) == out)
        if let last {
          #expect(out.sequence == last.sequence &+ 1)
          let ticks = out.timestamp &- last.timestamp
          #expect(ticks >= 1 && ticks <= 3_001, "\(ticks)")
          #expect(out.picture == (last.picture &+ 1) & 0x7fff)
          #expect(out.tl0 == last.tl0 &+ 1)
        }
        if packet > 10 { #expect(rewriter.index(of: out.sequence &- 10) == source.index - 10) }
        last = out
        source.index += 1
        source.timestamp &+= 3_000
        source.picture = (source.picture &+ 1) & 0x7fff
        source.tl0 &+= 1
        now = now + .microseconds(33_333)
      }
    }
  }

  private func packet(_ index: Int64, picture: UInt16 = 0) -> StreamRewriter.Source {
    StreamRewriter.Source(
      index: index, timestamp: UInt32(index) * 960, picture: picture, time: MonotonicTime(microseconds: index * 20_000))
  }

  @Test("A late packet has its place, and does not turn the numbers back") func late() throws {
    var rewriter = StreamRewriter(clockRate: 48_000, kept: 8, random: 0)
    rewriter.begin(at: packet(100))
    let sequences = [100, 102, 101, 103].map { rewriter.pass(packet($0))?.sequence }
    #expect(sequences == [0, 2, 1, 3])
    #expect(rewriter.newestIndex == 103)
    #expect(rewriter.pass(packet(94)) == nil)
  }

  /// Pictures of one to four packets, of which every second one may be left out; some packets are lost on their way here, some
  /// come late.
  @Test("Whatever is left out, and whatever comes late, no number is used twice and none is missing", arguments: 0..<40)
  func leavesOut(_ seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var rewriter = StreamRewriter(clockRate: 90_000, kept: 512, random: random.next())
    let isLossy = seed % 2 == 1
    var sent: [UInt16: Int64] = [:]
    var pictures: [UInt16: UInt16] = [:]
    var late: [(packet: StreamRewriter.Source, passes: Bool)] = []
    var index: Int64 = 1_000
    var missing = 0
    rewriter.begin(at: packet(index, picture: 0))
    let passed = rewriter.pass(packet(index, picture: 0))
    let first = try #require(passed)
    sent[first.sequence] = index
    pictures[0] = first.picture
    for picture in UInt16(1)...2_000 {
      let passes = picture % 2 == 0 || Int.random(in: 0..<3, using: &random) == 0
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        index += 1
        let source = packet(index, picture: picture)
        if isLossy, Int.random(in: 0..<10, using: &random) == 0 {
          if Bool.random(using: &random) { late.append((source, passes)) } else { missing += 1 }
          continue
        }
        try take(source, passes: passes)
      }
      if late.count > 3 {
        let (source, passes) = late.removeFirst()
        try take(source, passes: passes)
      }
    }
    func take(_ source: StreamRewriter.Source, passes: Bool) throws {
      guard passes else { return rewriter.drop(source) }
      guard let numbers = rewriter.pass(source) else { return }
      #expect(sent[numbers.sequence] == nil, "a number twice")
      sent[numbers.sequence] = source.index
      let known = pictures[source.picture] ?? numbers.picture
      #expect(known == numbers.picture, "one picture, one number")
      pictures[source.picture] = numbers.picture
      if source.index == rewriter.newestIndex { #expect(rewriter.index(of: numbers.sequence) == source.index) }
    }
    // In the order of the source everything is in order, and without losses nothing is missing.
    let order = sent.sorted { $0.value < $1.value }.map { $0.key &- first.sequence }
    #expect(zip(order, order.dropFirst()).allSatisfy { $0 < $1 })
    if !isLossy {
      #expect(order == (0..<UInt16(order.count)).map { $0 })
      let numbers = pictures.sorted { $0.key < $1.key }.map { ($0.value &- first.picture) & 0x7fff }
      #expect(numbers == (0..<UInt16(numbers.count)).map { $0 })
    } else {
      #expect(missing > 50 && Int(order.last ?? 0) - order.count < missing + late.count + 400)
    }
  }
}
