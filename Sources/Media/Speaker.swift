import Codecs
import Links
import Linux
import WebRTC

/// Mixes the sound of the peers that are routed to the box, and hands it to the speaker in blocks of 20 ms.
final class Speaker: LocalSubscriber {
  static let blockInterval = Interval.microseconds(Int64(PCMHead.samples) * 1_000_000 / Int64(PCMHead.sampleRate))

  private let socket: MessageSocket
  private var sources: [Int: SpeakerSource] = [:]
  private var mixer = AudioMixer(count: PCMHead.samples)
  private var block = [Int16](repeating: 0, count: PCMHead.samples)
  private let datagram = PacketSlab(slots: 1, slotBytes: PCMHead.datagramBytes)
  private let returned = PacketSlab(slots: 1, slotBytes: PCMHead.datagramBytes + 8)
  /// 0 means no block, on the way back.
  private var sequence: UInt32 = 1
  /// What is on its way to the air: as many as the supervisor may keep, and more.
  private var made = [Made](repeating: Made(), count: 8)
  /// Of packets when their first sample reached the air, from when they came on.
  private(set) var ages = Ages()
  /// Blocks that the supervisor was too slow to take.
  private(set) var dropped = 0
  private var statisticsOfGone = JitterBufferStatistics()
  private var refusedOfGone = 0

  /// A block that was made.
  private struct Made {
    var sequence: UInt32 = 0
    var time = MonotonicTime(microseconds: 0)
    var age = Interval.zero
  }

  init(_ socket: MessageSocket) { self.socket = socket }

  func receive(
    audio payload: PacketView, index: Int64, timestamp: UInt32, level: UInt8?, from source: Int, now: MonotonicTime
  ) {
    let known = sources[source] ?? (try? SpeakerSource())
    sources[source] = known
    known?.receive(
      payload, sequence: UInt16(truncatingIfNeeded: index), timestamp: timestamp, level: level, now: now)
  }

  func end(source: Int) {
    guard let gone = sources.removeValue(forKey: source) else { return }
    refusedOfGone &+= gone.refused
    statisticsOfGone.add(gone.statistics)
  }

  /// Whether there is anything to play.
  var hasSources: Bool { !sources.isEmpty }

  /// Sends the next block. Silence is sent too, so that the speaker's buffer keeps its level.
  func tick(_ now: MonotonicTime) {
    var age: Interval?
    for source in sources.values {
      _ = source.play(into: &mixer, now: now)
      if let sourceAge = source.age { age = max(age ?? .zero, sourceAge) }
    }
    block.withUnsafeMutableBufferPointer { mixer.take(into: $0) }
    let head = PCMHead(sequence: sequence, playbackDelayMicroseconds: 0, time: now)
    if let age { made[Int(sequence % 8)] = Made(sequence: sequence, time: now, age: age) }
    sequence = sequence == .max ? 1 : sequence + 1
    guard let datagram = datagram[0], head.write(to: datagram) else { return }
    let isWritten = block.withUnsafeBytes { datagram.copy($0, to: PCMHead.bytes) }
    if !isWritten || socket.send(datagram) != .sent { dropped &+= 1 }
  }

  /// Takes in what the supervisor tells of what was really heard, with its tones. Nobody is woken for it: it is wanted when the
  /// microphone's next block is there.
  func takePlayed(_ body: (PCMHead, PacketView) -> Void) {
    guard let room = returned[0] else { return }
    // Bounded: what the socket holds is less.
    for _ in 0..<64 {
      guard let length = try? socket.receive(into: room) else { return }
      guard let view = room.prefix(length), let head = PCMHead(view), let block = view.dropFirst(PCMHead.bytes) else {
        continue
      }
      noteHeard(head)
      body(head, block)
    }
  }

  private func noteHeard(_ head: PCMHead) {
    let block = made[Int(head.sequence % 8)]
    guard head.sequence > 0, block.sequence == head.sequence, head.time >= block.time else { return }
    ages.add(block.age + (head.time - block.time))
    made[Int(head.sequence % 8)] = Made()
  }

  var statistics: JitterBufferStatistics {
    var sum = statisticsOfGone
    for source in sources.values { sum.add(source.statistics) }
    return sum
  }

  /// How late packets may come now and still be heard in time.
  var jitter: Interval { sources.values.map(\.jitter).max() ?? .zero }

  var refused: Int { sources.values.reduce(refusedOfGone) { $0 &+ $1.refused } }
}

extension JitterBufferStatistics {
  mutating func add(_ other: JitterBufferStatistics) {
    received &+= other.received
    played &+= other.played
    late &+= other.late
    duplicates &+= other.duplicates
    concealedPackets &+= other.concealedPackets
    recovered &+= other.recovered
    dropped &+= other.dropped
    insertedSamples &+= other.insertedSamples
    restarts &+= other.restarts
  }
}
