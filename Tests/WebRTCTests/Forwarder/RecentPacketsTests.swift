import Linux
import TestSupport
import Testing

@testable import WebRTC

@Suite struct RecentPacketsTests {
  private func store(_ index: Int64, _ bytes: [UInt8], in recent: RecentPackets) -> [UInt8]? {
    let packet = StoredPacket(index: index, timestamp: 0, marker: false, time: MonotonicTime(microseconds: 0))
    return withPacket(bytes) { recent.store(packet, payload: $0, now: MonotonicTime(microseconds: 0))?.payload.array }
  }

  @Test("The last packets are kept whole, each once") func keeps() {
    let recent = RecentPackets(capacity: 4)
    for index in 10..<16 as Range<Int64> { #expect(store(index, [UInt8(index)], in: recent) == [UInt8(index)]) }
    for index in 8..<18 as Range<Int64> {
      #expect(recent[index]?.payload.array == ((12..<16).contains(index) ? [UInt8(index)] : nil))
    }
    #expect(store(14, [99], in: recent) == nil, "kept already")
    #expect(store(11, [99], in: recent) == nil, "its place has a newer one")
    #expect(recent[14]?.payload.array == [14] && recent[15]?.payload.array == [15])
  }

  @Test("What does not fit is not kept") func refuses() {
    let recent = RecentPackets(capacity: 4)
    #expect(store(-1, [1], in: recent) == nil)
    #expect(store(1, Array(repeating: 1, count: RecentPackets.slotBytes + 1), in: recent) == nil)
    #expect(store(2, Array(repeating: 1, count: RecentPackets.slotBytes), in: recent)?.count == RecentPackets.slotBytes)
    #expect(recent[-1] == nil && recent[1] == nil && recent[.max] == nil)
  }
}
