import Linux
import TestSupport
import Testing

@testable import WebRTC

@Suite struct StreamRewriterTests {
  @Test("Numbers go on without a break over any changes of source, and each finds its way back", arguments: 0..<20)
  func goesOn(_ seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var rewriter = StreamRewriter(clockRate: 90_000, random: random.next())
    var now = MonotonicTime(microseconds: Int64.random(in: 0...1_000_000_000_000, using: &random))
    var last: (sequence: UInt16, timestamp: UInt32, picture: UInt16, tl0: UInt8)?
    for _ in 0..<8 {
      var index = Int64.random(in: 0...200_000, using: &random)
      var timestamp = UInt32.random(in: .min ... .max, using: &random)
      var picture = UInt16.random(in: 0...0x7fff, using: &random)
      var tl0 = UInt8.random(in: .min ... .max, using: &random)
      rewriter.end()
      #expect(rewriter.sequence(of: index) == nil)
      rewriter.begin(at: index, timestamp: timestamp, picture: picture, tl0: tl0, time: now)
      #expect(rewriter.sequence(of: index - 1) == nil, "what is from before the change is not sent")
      for packet in 0..<Int.random(in: 1...400, using: &random) {
        let sequence = try #require(rewriter.sequence(of: index))
        rewriter.sent(index, timestamp: timestamp, picture: picture, tl0: tl0, time: now)
        #expect(rewriter.index(of: sequence) == index)
        let out = (
          sequence: sequence, timestamp: rewriter.timestamp(of: timestamp), picture: rewriter.picture(of: picture),
          tl0: rewriter.tl0(of: tl0)
        )
        if let last {
          #expect(out.sequence == last.sequence &+ 1)
          let ticks = out.timestamp &- last.timestamp
          #expect(ticks >= 1 && ticks <= 3_001, "\(ticks)")
          #expect(out.picture == (last.picture &+ 1) & 0x7fff)
          #expect(out.tl0 == last.tl0 &+ 1)
        }
        if packet > 10 { #expect(rewriter.index(of: sequence &- 10) == index - 10) }
        last = out
        index += 1
        timestamp &+= 3_000
        picture = (picture &+ 1) & 0x7fff
        tl0 &+= 1
        now = now + .microseconds(33_333)
      }
    }
  }

  @Test("A late packet does not turn the numbers back") func late() throws {
    var rewriter = StreamRewriter(clockRate: 48_000, random: 0)
    let now = MonotonicTime(microseconds: 0)
    rewriter.begin(at: 100, timestamp: 0, picture: 0, tl0: 0, time: now)
    for index in [100, 102, 101] as [Int64] {
      rewriter.sent(index, timestamp: UInt32(index) * 960, picture: 0, tl0: 0, time: now)
    }
    #expect(rewriter.newestIndex == 102)
    #expect(rewriter.sequence(of: 101) == 1)
  }
}
