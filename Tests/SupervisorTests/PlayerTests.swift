import Hardware
import Links
import Linux
import TestSupport
import Testing

@testable import Supervisor

/// Who sets the pace of what is played: the speaker, once it is open.
@Suite struct PlayerTests {
  private let port = SoundPort()
  private let stop: StopSignal
  /// Media's ends.
  private let requests: MessageSocket
  private let blocks: MessageSocket
  private let playback: MessageSocket

  init() throws {
    stop = try StopSignal()
    let capture: MessageSocket
    (capture, requests) = try MessageSocket.pair()
    (playback, blocks) = try MessageSocket.pair()
    port.attach(capture: capture, playback: playback)
  }

  /// The next thing that media is told; nil if there is nothing.
  private func told() throws -> PCMRequest? {
    guard let message = try requests.receive() else { return nil }
    return withPacket(message.bytes) { PCMRequest($0) }
  }

  /// What is fetched, by its first sample; nil for silence.
  private func fetch(_ player: inout Player) -> Int16? {
    guard player.fetch(from: port, unless: nil, stop) else {
      #expect(player.block.allSatisfy { $0 == 0 })
      return nil
    }
    return player.block[0]
  }

  @Test("A closed speaker takes what comes and asks for nothing") func closed() throws {
    var player = Player()
    let before = fetch(&player)
    BlockQueueTests.send(5, sequence: 9, blocks)
    let after = fetch(&player)
    #expect(before == nil && after == 5)
    #expect(try told() == nil)
  }

  @Test("Where media goes by its own clock it is told that the speaker sets the pace, and what waits is used up")
  func takesOver() throws {
    var player = Player()
    player.isOpen = true
    for number in 1...2 as ClosedRange<UInt32> { BlockQueueTests.send(Int16(number), sequence: number, blocks) }
    for number in 1...2 as ClosedRange<Int16> {
      let fetched = fetch(&player)
      #expect(fetched == number)
      #expect(try told()?.wantsBlock == false)
    }
    // Now there is nothing more, so it asks, in vain: silence.
    let unanswered = fetch(&player)
    #expect(unanswered == nil)
    #expect(try told()?.wantsBlock == true)
    #expect(port.playbackLate.load(ordering: .relaxed) == 1)
    // An answer that comes late is what was asked for: nobody is told anything.
    BlockQueueTests.send(3, sequence: 3, blocks)
    let late = fetch(&player)
    #expect(late == 3)
    #expect(try told() == nil)
  }

  @Test("A card slower than media's clock makes no block wait once it sets the pace") func nothingPilesUp() throws {
    var player = Player()
    player.isOpen = true
    // As media does: one by its own clock first, then one for each request.
    BlockQueueTests.send(1, sequence: 1, blocks)
    var sent: UInt32 = 1
    let media = try Worker(name: "media") { [requests, blocks, stop] in
      var sent: UInt32 = 1
      while !stop.wait(atMost: nil, reading: requests.number), !stop.isRaised {
        guard let message = try? requests.receive() else { continue }
        guard withPacket(message.bytes, { PCMRequest($0) })?.wantsBlock == true else { continue }
        sent += 1
        BlockQueueTests.send(Int16(sent), sequence: sent, blocks)
      }
    }
    for _ in 0..<200 {
      // An answer may be late on a busy machine; then the one before it comes next.
      if let fetched = fetch(&player) {
        #expect(fetched == Int16(sent))
        sent += 1
      }
    }
    stop.raise()
    media.join()
    #expect(port.playbackDropped.load(ordering: .relaxed) == 0)
    #expect(sent > 100)
  }
}
