import Testing

@testable import WebRTC

@Suite struct TemporalFilterTests {
  /// The layers of libvpx's pattern of four, each with whether it refers to the base alone.
  private static let pattern: [(layer: UInt8, base: Bool)] = [(0, false), (2, true), (1, true), (2, false)]

  private func passes(_ filter: inout TemporalFilter, _ picture: Int, isKey: Bool = false) -> Bool {
    var descriptor = VP8Descriptor()
    descriptor.startsPartition = true
    descriptor.temporalLayer = isKey ? 0 : Self.pattern[picture % 4].layer
    descriptor.refersToBaseOnly = !isKey && Self.pattern[picture % 4].base
    return filter.passes(descriptor, startsKeyFrame: isKey)
  }

  /// The first picture of all is a key frame.
  private func passing(_ filter: inout TemporalFilter, _ pictures: Range<Int>) -> [Bool] {
    var passed: [Bool] = []
    for picture in pictures { passed.append(passes(&filter, picture, isKey: picture == 0)) }
    return passed
  }

  @Test("With a limit so many pictures pass", arguments: [(0, 2), (1, 4), (2, 8), (3, 8)] as [(UInt8, Int)])
  func limits(_ limit: UInt8, _ expected: Int) {
    var filter = TemporalFilter()
    filter.begin(limit)
    let passed = passing(&filter, 0..<8)
    #expect(passed.filter { $0 }.count == expected)
  }

  @Test("Down it goes at once, up only with pictures that refer to nothing left out") func changes() {
    var filter = TemporalFilter()
    filter.begin(TemporalFilter.all)
    let all = passing(&filter, 0..<4)
    filter.limit = 0
    let least = passing(&filter, 4..<12)
    filter.limit = TemporalFilter.all
    let again = passing(&filter, 12..<20)
    #expect(all == [true, true, true, true])
    #expect(least == [true, false, false, false, true, false, false, false])
    // The layer in between first: a picture of the highest may refer to it.
    #expect(again == [true, false, true, false, true, true, true, true])
  }

  @Test("What has no layer passes, whatever the limit") func without() {
    var filter = TemporalFilter()
    filter.begin(0)
    var descriptor = VP8Descriptor()
    descriptor.startsPartition = true
    let passed = [filter.passes(descriptor, startsKeyFrame: false), filter.passes(nil, startsKeyFrame: false)]
    #expect(passed == [true, true])
  }
}
