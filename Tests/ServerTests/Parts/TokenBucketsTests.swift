import Linux
import Testing

@testable import Server

@Suite struct TokenBucketsTests {
  private static func at(_ seconds: Double) -> MonotonicTime {
    MonotonicTime(microseconds: 1_000_000 + Int64(seconds * 1_000_000))
  }

  @Test func aBucketEmptiesAndFills() {
    var buckets = TokenBuckets<String>(capacity: 3, perSecond: 0.5)
    for _ in 0..<3 { #expect(buckets.take("a", now: Self.at(0)) == nil) }
    #expect(buckets.take("a", now: Self.at(0)) == 2)
    #expect(buckets.take("b", now: Self.at(0)) == nil)
    #expect(buckets.take("a", now: Self.at(1.5)) == 1)
    #expect(buckets.take("a", now: Self.at(2)) == nil)
    #expect(buckets.take("a", now: Self.at(2)) == 2)
    // It never holds more than its capacity.
    for _ in 0..<3 { #expect(buckets.take("a", now: Self.at(1000)) == nil) }
    #expect(buckets.take("a", now: Self.at(1000)) != nil)
  }

  @Test func aGoodAttemptCostsNothing() {
    var buckets = TokenBuckets<String>(capacity: 2, perSecond: 0.001)
    for _ in 0..<50 {
      #expect(buckets.take("a", now: Self.at(0)) == nil)
      buckets.refund("a", now: Self.at(0))
    }
  }

  @Test func memoryIsBoundedAndTheEmptiestAreKept() {
    var buckets = TokenBuckets<Int>(capacity: 3, perSecond: 0.001, mostKeys: 100)
    for _ in 0..<3 { #expect(buckets.take(-1, now: Self.at(0)) == nil) }
    for key in 0..<10_000 { #expect(buckets.take(key, now: Self.at(0)) == nil) }
    #expect(buckets.count <= 100)
    #expect(buckets.take(-1, now: Self.at(0)) != nil)
  }

  @Test func aClockThatStandsStillGivesNothing() {
    var buckets = TokenBuckets<String>(capacity: 1, perSecond: 10)
    #expect(buckets.take("a", now: Self.at(5)) == nil)
    #expect(buckets.take("a", now: Self.at(5)) != nil)
    #expect(buckets.take("a", now: Self.at(1)) != nil)
  }
}
