import Linux
import TestSupport
import Testing

@testable import WebRTC

@Suite struct TransportWideTests {
  struct Arrival: Equatable {
    var sequence: UInt16
    /// Rounded to 250 µs, nil if it did not come.
    var time: Int64?
  }

  /// Drains a recorder into reports and reads them again.
  static func reports(_ recorder: inout TransportWideRecorder, now: MonotonicTime) throws -> [[Arrival]] {
    var reports: [[Arrival]] = []
    while true {
      let buffer = PacketBuffer(length: 1200)
      var writer = RTCPWriter(buffer.view)
      guard recorder.write(into: &writer, sender: 1, media: 2, now: now) else { return reports }
      #expect(!writer.overflowed)
      let compound = try #require(buffer.view.prefix(writer.length).flatMap(RTCPCompound.init))
      for packet in compound {
        guard case .transportWide(let feedback) = packet else {
          Issue.record("\(packet)")
          return []
        }
        #expect(feedback.sender == 1 && feedback.media == 2 && Int(feedback.number) == reports.count)
        var arrivals: [Arrival] = []
        #expect(feedback.forEachPacket { arrivals.append(Arrival(sequence: $0, time: $1)) })
        #expect(arrivals.count == feedback.statusCount)
        reports.append(arrivals)
      }
    }
  }

  @Test func arrivalsAreReportedTo250Microseconds() throws {
    var recorder = TransportWideRecorder()
    #expect(recorder.nextTimeout == nil)
    let start: Int64 = 1_000_000_000
    let times: [(UInt16, Int64)] = [(65_534, 0), (65_535, 1_250), (1, 70_000), (2, 69_000), (3, 69_500)]
    for (sequence, time) in times {
      recorder.receive(sequence, now: MonotonicTime(microseconds: start + time))
    }
    #expect(recorder.nextTimeout == MonotonicTime(microseconds: start + 100_000))
    let reports = try Self.reports(&recorder, now: MonotonicTime(microseconds: start + 100_000))
    #expect(
      reports == [
        [
          Arrival(sequence: 65_534, time: start), Arrival(sequence: 65_535, time: start + 1_250),
          Arrival(sequence: 0, time: nil), Arrival(sequence: 1, time: start + 70_000),
          Arrival(sequence: 2, time: start + 69_000), Arrival(sequence: 3, time: start + 69_500),
        ]
      ])
    #expect(recorder.nextTimeout == nil)
  }

  @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64]) func anyPatternIsReadAsItWas(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var recorder = TransportWideRecorder()
    var expected: [Arrival] = []
    var time: Int64 = 5_000_000_000
    var losing = false
    for sequence in 64_000..<64_900 {
      // Losses in runs, small and large steps, sometimes a pause longer than one report can hold.
      if Int.random(in: 0..<20, using: &random) == 0 { losing.toggle() }
      time += [250, 1000, 5000, 80_000][Int.random(in: 0..<4, using: &random)]
      if Int.random(in: 0..<100, using: &random) == 0 { time += 9_000_000 }
      let number = UInt16(truncatingIfNeeded: sequence &+ 1000)
      if losing, sequence > 64_000, sequence < 64_899 {
        expected.append(Arrival(sequence: number, time: nil))
      } else {
        recorder.receive(number, now: MonotonicTime(microseconds: time))
        expected.append(Arrival(sequence: number, time: time / 250 * 250))
      }
    }
    let reports = try Self.reports(&recorder, now: MonotonicTime(microseconds: time))
    #expect(reports.flatMap { $0 } == expected)
  }

  @Test func whatWasReportedIsNotReportedAgain() throws {
    var recorder = TransportWideRecorder()
    recorder.receive(1, now: MonotonicTime(microseconds: 1000))
    #expect(try Self.reports(&recorder, now: MonotonicTime(microseconds: 2000)).count == 1)
    recorder.receive(1, now: MonotonicTime(microseconds: 3000))
    #expect(recorder.nextTimeout == nil)
    #expect(try Self.reports(&recorder, now: MonotonicTime(microseconds: 4000)).isEmpty)
    #expect(recorder.nextTimeout == nil)
  }

  @Test func aWideJumpStartsAnew() throws {
    var recorder = TransportWideRecorder()
    recorder.receive(1, now: MonotonicTime(microseconds: 1000))
    recorder.receive(5000, now: MonotonicTime(microseconds: 2000))
    let reports = try Self.reports(&recorder, now: MonotonicTime(microseconds: 3000))
    #expect(reports.flatMap { $0 }.map(\.sequence) == [5000])
  }

  /// A foreign report: a run, a one-bit vector and a two-bit vector, made by hand from the draft.
  @Test func allKindsOfChunksAreRead() throws {
    // 3 small, then 14 in one-bit symbols of which the second is there, then 2 of a two-bit vector: large negative, missing.
    let bytes = [UInt8](
      hex: """
        8fcd0007 00000001 00000002 0005 0013 00000a 07
        2003 9000 e000 01 02 03 04 fffc
        """)
    let compound = try #require(RTCPCompound(PacketBuffer(bytes).view))
    guard let packet = Array(compound).first, case .transportWide(let feedback) = packet else {
      Issue.record("not read")
      return
    }
    #expect(
      feedback.baseSequence == 5 && feedback.statusCount == 19 && feedback.referenceTime == 10 && feedback.number == 7)
    var arrived: [Arrival] = []
    var count = 0
    let whole = feedback.forEachPacket { sequence, time in
      count += 1
      if let time { arrived.append(Arrival(sequence: sequence, time: time)) }
    }
    #expect(whole && count == 19)
    #expect(
      arrived == [
        Arrival(sequence: 5, time: 640_250), Arrival(sequence: 6, time: 640_750), Arrival(sequence: 7, time: 641_500),
        Arrival(sequence: 9, time: 642_500), Arrival(sequence: 22, time: 641_500),
      ])
  }

  @Test(arguments: [
    // Symbols that the chunks do not hold, a run of nothing, deltas that are cut.
    "8fcd0005 00000001 00000002 00050013 00000a07 20030102", "8fcd0005 00000001 00000002 00050001 00000a07 20002000",
    "8fcd0005 00000001 00000002 00050003 00000a07 40030000",
  ])
  func cutReportsSaySo(hex: String) throws {
    let compound = try #require(RTCPCompound(PacketBuffer([UInt8](hex: hex)).view))
    guard let packet = Array(compound).first, case .transportWide(let feedback) = packet else {
      Issue.record("not read")
      return
    }
    let whole = feedback.forEachPacket { _, _ in }
    #expect(!whole)
  }
}

@Suite struct BitrateControllerTests {
  static func at(_ seconds: Double) -> MonotonicTime { MonotonicTime(microseconds: Int64(seconds * 1_000_000)) }

  @Test func withoutLossItGrowsToTheMaximum() {
    var controller = BitrateController(start: 1_000_000)
    for second in 0...1 { controller.receive(fractionLost: 0, now: Self.at(Double(second))) }
    #expect(abs(controller.bitsPerSecond - 1_080_000) < 10)
    for second in 2...60 { controller.receive(fractionLost: 0.01, now: Self.at(Double(second))) }
    #expect(controller.bitsPerSecond == 2_500_000)
  }

  @Test func heavyLossCutsByHalfTheLossAndNotBelowTheMinimum() {
    var controller = BitrateController(start: 1_000_000)
    controller.receive(fractionLost: 0.2, now: Self.at(0))
    #expect(controller.bitsPerSecond == 900_000)
    // The same loss in the report of the other stream counts once.
    controller.receive(fractionLost: 0.2, now: Self.at(0.2))
    #expect(controller.bitsPerSecond == 900_000)
    for second in 1...60 { controller.receive(fractionLost: 1, now: Self.at(Double(second))) }
    #expect(controller.bitsPerSecond == 300_000)
  }

  @Test func littleLossHolds() {
    var controller = BitrateController(start: 1_000_000)
    for second in 0...20 { controller.receive(fractionLost: 0.05, now: Self.at(Double(second))) }
    #expect(controller.bitsPerSecond == 1_000_000)
  }

  @Test func theReceiversLimitCaps() {
    var controller = BitrateController(start: 1_000_000)
    controller.receive(limit: 600_000)
    #expect(controller.bitsPerSecond == 600_000)
    controller.receive(limit: 10)
    #expect(controller.bitsPerSecond == 300_000)
    controller.receive(limit: .max)
    #expect(controller.bitsPerSecond == 1_000_000)
  }
}
