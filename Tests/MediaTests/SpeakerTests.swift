import Codecs
import Links
import Linux
import TestSupport
import Testing
import WebRTC

@testable import Media

@Suite struct SpeakerTests {
  /// The number of the block that media sent to the speaker.
  private func number(_ supervisor: MessageSocket) throws -> UInt32 {
    guard let message = try supervisor.receive() else { return .max }
    return try #require(withPacket(message.bytes) { PCMHead($0) }).sequence
  }

  @Test("The way from a packet to the air is measured by what the speaker tells") func ages() throws {
    let (supervisor, media) = try MessageSocket.pair()
    let speaker = Speaker(media)
    let encoder = try OpusEncoder()
    let packet = PacketBuffer(length: OpusEncoder.largestPacketBytes)
    let sound = [Int16](repeating: 500, count: 960)
    let length = try sound.withUnsafeBufferPointer { try encoder.encode($0, into: packet.view) }
    let opus = try #require(packet.view.prefix(length))
    var last: UInt32 = 0
    for block in 0..<100 {
      let now = MonotonicTime(microseconds: 1_000_000 + Int64(block) * 20_000)
      speaker.receive(audio: opus, index: Int64(block), timestamp: UInt32(block * 960), level: nil, from: 1, now: now)
      // The speaker asks 7 ms later.
      speaker.tick(now + .milliseconds(7))
      let number = try number(supervisor)
      #expect(number == last + 1)
      last = number
      // It is heard 13 ms after that; each third time the speaker plays a tone alone besides.
      var heads = [PCMHead(sequence: number, playbackDelayMicroseconds: 0, time: now + .milliseconds(20))]
      if block % 3 == 0 {
        heads.append(PCMHead(sequence: 0, playbackDelayMicroseconds: 0, time: now + .seconds(5)))
      }
      for head in heads {
        var bytes = [UInt8](repeating: 0, count: PCMHead.datagramBytes)
        bytes.withUnsafeMutableBytes { _ = head.write(to: PacketView($0)) }
        supervisor.send(bytes)
      }
      speaker.takePlayed { _, _ in }
    }
    // 24 ms until it is taken, 13 to the air; a packet waits for the next block at first.
    let median = speaker.ages.microseconds(0.5)
    #expect((35_000...40_000).contains(median), "\(median)")
    #expect(speaker.ages.microseconds(0.99) < 45_000)
  }

  @Test("What came back before anything was sent counts for nothing") func strangers() throws {
    let (supervisor, media) = try MessageSocket.pair()
    let speaker = Speaker(media)
    for sequence in [0, 1, 8, .max] as [UInt32] {
      var bytes = [UInt8](repeating: 0, count: PCMHead.datagramBytes)
      let head = PCMHead(
        sequence: sequence, playbackDelayMicroseconds: .max, time: MonotonicTime(microseconds: .max))
      bytes.withUnsafeMutableBytes { _ = head.write(to: PacketView($0)) }
      supervisor.send(bytes)
    }
    speaker.takePlayed { _, _ in }
    #expect(speaker.ages.microseconds(1) == 0)
  }
}
