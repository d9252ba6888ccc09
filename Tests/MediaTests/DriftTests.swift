import Links
import Linux
import TestSupport
import Testing

@testable import Media

/// Two clocks that differ a little, for hours.
@Suite struct DriftTests {
  @Test(
    "Ten hours between clocks 100 ppm apart add no delay, drop nothing and make nothing up",
    arguments: [(100e-6, 0), (-50e-6, 50e-6)]) func speakerFollows(_ clocks: (talker: Double, speaker: Double))
  {
    let path = DriftingSpeaker(.init(talker: clocks.talker, speaker: clocks.speaker))
    for _ in 0..<10 { path.run(seconds: 3_600) }
    let statistics = path.buffer.statistics
    #expect(statistics.dropped == 0 && statistics.insertedSamples == 0 && statistics.concealedPackets == 0)
    #expect(statistics.late == 0 && statistics.restarts == 0)
    #expect(statistics.played >= statistics.received - 2)
    // The first hour holds what was learned from.
    #expect(path.delays.allSatisfy { $0.least > 20 && $0.most < 27 }, "\(path.delays)")
    #expect(path.delays.dropFirst().allSatisfy { $0.most - $0.least < 1.5 }, "\(path.delays)")
  }

  @Test("One that did not follow would drop or make up 18 packets an hour", arguments: [100e-6, -100e-6])
  func speakerThatDoesNotFollow(_ talker: Double) {
    let path = DriftingSpeaker(.init(talker: talker, follows: false))
    path.run(seconds: 3_600)
    let statistics = path.buffer.statistics
    #expect((15...20).contains(Int(statistics.dropped) + Int(statistics.insertedSamples) / 960), "\(statistics)")
  }

  @Test("What is off at the beginning is mended within seconds and without swinging", arguments: [7.0, 15, -10])
  func beginning(_ milliseconds: Double) {
    var follower = DriftFollower()
    var (excess, correction, furthest) = (milliseconds, 0.0, 0.0)
    for block in 0..<3_000 {
      if let change = follower.note(excess: .microseconds(Int64(excess * 1_000))) { correction = change }
      excess -= correction * 20e-6
      if block == 500 { #expect(abs(excess) < 3, "after 10 s: \(excess) ms") }
      furthest = max(furthest, -excess * (milliseconds < 0 ? -1 : 1))
    }
    #expect(abs(excess) < 0.5, "after a minute: \(excess) ms")
    #expect(furthest < 1.5, "\(furthest) ms on the other side")
  }

  @Test(
    "An hour of a card 1000 ppm off, as far as ten hours at 100, leaves no sound waiting and no gap",
    arguments: [1e-3, -1e-3]) func microphoneKeepsItsCardsClock(_ drift: Double) throws
  {
    let (here, there) = try MessageSocket.pair()
    let microphone = try Microphone(there)
    let datagram = PacketBuffer(length: PCMHead.datagramBytes)
    var random = SeededGenerator(seed: 3)
    var stamps: [Int] = []
    for block in 0..<180_000 {
      // Cards tell their times within a millisecond or so.
      let swing = Int64(random.next() % 3_000) - 1_500
      let head = PCMHead(
        sequence: UInt32(block), playbackDelayMicroseconds: 0,
        time: MonotonicTime(microseconds: 1_000_000_000 + Int64(Double(block) * 20_000 / (1 + drift)) + swing))
      try #require(head.write(to: datagram.view))
      try #require(here.send(datagram.view) == .sent)
      // Heard now and then, for encoding it all would take minutes.
      let read = microphone.read(isHeard: block % 1_000 == 999) { _, timestamp, _ in stamps.append(Int(timestamp)) }
      try #require(read == .block)
    }
    #expect(stamps == stride(from: 999, to: 180_000, by: 1_000).map { $0 * 960 })
    #expect(microphone.missed == 0)
    #expect(microphone.read(isHeard: true) { _, _, _ in } == .nothing)
  }
}
