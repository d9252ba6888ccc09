import Codecs
import Links
import Linux
import TestSupport
import Testing

@testable import Media

@Suite struct MicrophoneTests {
  /// What comes of blocks with these numbers, heard or not, one after the other.
  private func packets(_ blocks: [(sequence: UInt32, isHeard: Bool)]) throws -> (stamps: [UInt32], missed: Int) {
    let (here, there) = try MessageSocket.pair()
    let microphone = try Microphone(there)
    var stamps: [UInt32] = []
    for block in blocks {
      var bytes = [UInt8](repeating: 0, count: PCMHead.datagramBytes)
      bytes.withUnsafeMutableBytes {
        let head = PCMHead(
          sequence: block.sequence, playbackDelayMicroseconds: 0,
          time: MonotonicTime(microseconds: Int64(block.sequence) * 20_000))
        #expect(head.write(to: PacketView($0)))
      }
      here.send(bytes)
      let read = microphone.read(isHeard: block.isHeard) { packet, timestamp, captured in
        #expect(OpusDecoder.samples(in: packet) == 960)
        #expect(captured.microseconds == Int64(timestamp) * 1_000_000 / 48_000, "the time of its first sample")
        stamps.append(timestamp)
      }
      #expect(read == .block)
    }
    return (stamps, microphone.missed)
  }

  @Test("Each block makes a packet") func eachBlock() throws {
    #expect(try packets((0..<3).map { ($0, true) }).stamps == [0, 960, 1920])
  }

  @Test("Time goes on over blocks that never came") func gaps() throws {
    let numbers: [UInt32] = [0, 1, 4, 6]
    let result = try packets(numbers.map { ($0, true) })
    let stamps: [UInt32] = [0, 960, 4 * 960, 6 * 960]
    #expect(result.stamps == stamps)
    #expect(result.missed == 3)
  }

  @Test("Time goes on while nobody listens, and what was said then is not heard later") func unheard() throws {
    let heard: [Bool] = [true, false, false, true, true]
    let result = try packets(heard.enumerated().map { (UInt32($0.offset), $0.element) })
    let stamps: [UInt32] = [0, 3 * 960, 4 * 960]
    #expect(result.stamps == stamps)
  }

  @Test("What the speaker wants comes between the blocks", arguments: [true, false])
  func requests(_ wantsBlock: Bool) throws {
    let (here, there) = try MessageSocket.pair()
    let microphone = try Microphone(there)
    var bytes = [UInt8](repeating: 0, count: PCMRequest.bytes)
    bytes.withUnsafeMutableBytes { _ = PCMRequest(sequence: 3, wantsBlock: wantsBlock).write(to: PacketView($0)) }
    here.send(bytes)
    #expect(microphone.read(isHeard: true) { _, _, _ in } == .request(wantsBlock: wantsBlock))
  }

  @Test("What is no block is refused, and an end is told") func refused() throws {
    var ends: (MessageSocket, MessageSocket)? = try MessageSocket.pair()
    let microphone = try Microphone(#require(ends?.1))
    ends?.0.send([1, 2, 3])
    #expect(microphone.read(isHeard: true) { _, _, _ in } == .nothing)
    #expect(microphone.refused == 1)
    #expect(microphone.read(isHeard: true) { _, _, _ in } == .nothing)
    ends = nil
    #expect(microphone.read(isHeard: true) { _, _, _ in } == .closed)
  }
}
