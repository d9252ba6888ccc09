import Hardware
import Links
import Linux

/// What the speaker's thread has in its hands: the next block, and how things stand. All memory is allocated once.
struct Player: ~Copyable {
  /// Media has so long to answer, which leaves the speaker 2 ms.
  private static let patience = SoundFormat.lead - .milliseconds(2)
  /// Media that has sent nothing for so many blocks has nothing to say, and is not asked for more.
  private static let mostUnanswered = 25

  private var queue = BlockQueue()
  private let datagram: UnsafeMutableRawBufferPointer
  /// 20 ms, at the end of the datagram in which they go back to media.
  let block: UnsafeMutableBufferPointer<Int16>
  private var request = PCMRequest(sequence: 0)
  /// Of media's block; 0 where it had none to play.
  private var number: UInt32 = 0
  private var unanswered = mostUnanswered
  /// A block was asked for and has not come.
  private var isAwaited = false

  var isOpen = false
  /// That it plays has been told: not before its first block, for some open and take none.
  var isTold = false
  /// How long there has been nothing to play.
  var quiet = Interval.zero
  /// What was told last of a speaker that does not work.
  var failure: String?

  init() {
    datagram = .allocate(byteCount: PCMHead.datagramBytes, alignment: 8)
    datagram.initializeMemory(as: UInt8.self, repeating: 0)
    block = UnsafeMutableRawBufferPointer(rebasing: datagram[PCMHead.bytes...]).bindMemory(to: Int16.self)
  }

  deinit { datagram.deallocate() }

  /// Fills the block with what media has to say, or with silence; false for silence. An open speaker wants it now, so media is
  /// asked for it.
  mutating func fetch(from port: SoundPort, unless ended: MessageSocket?, _ stop: StopSignal) -> Bool {
    let socket = port.playback
    fill(socket, port)
    if queue.count > 0 {
      // Media goes by its own clock until the speaker sets the pace. A block that was there before it was asked for would be
      // followed by the next, all of them waiting here for up to 20 ms, and longer while the two clocks drift.
      if isOpen, !isAwaited { tell(port, wantsBlock: false) }
    } else if isOpen, unanswered < Self.mostUnanswered, let socket, socket !== ended, tell(port, wantsBlock: true) {
      isAwaited = true
      let end = MonotonicTime.now() + Self.patience
      while queue.count == 0, !stop.isRaised {
        let left = end - .now()
        // A closed end can be read for ever.
        guard left > .zero, !stop.wait(atMost: left + .microseconds(999), reading: socket.number) else { break }
        fill(socket, port)
      }
      if queue.count == 0 { port.playbackLate.add(1, ordering: .relaxed) }
    }
    number = 0
    guard queue.take(into: block) else {
      unanswered = min(unanswered + 1, Self.mostUnanswered)
      block.update(repeating: 0)
      return false
    }
    unanswered = 0
    isAwaited = false
    number = queue.taken
    return true
  }

  private mutating func fill(_ socket: MessageSocket?, _ port: SoundPort) {
    let dropped = queue.fill(from: socket)
    if dropped > 0 { port.playbackDropped.add(dropped, ordering: .relaxed) }
  }

  @discardableResult
  private mutating func tell(_ port: SoundPort, wantsBlock: Bool) -> Bool {
    request.sequence &+= 1
    request.wantsBlock = wantsBlock
    return withUnsafeTemporaryAllocation(byteCount: PCMRequest.bytes, alignment: 8) { bytes in
      request.write(to: PacketView(bytes)) && port.capture?.send(PacketView(bytes)) == .sent
    }
  }

  /// Hands the block to the speaker, and tells media what is heard when, for its echo to be known.
  mutating func write(to speaker: any Speaker, _ port: SoundPort) throws(DeviceError) {
    let delay = try speaker.write(UnsafeBufferPointer(block))
    port.playbackDelayMicroseconds.store(UInt32(clamping: delay), ordering: .relaxed)
    guard port.isMicrophoneOpen.load(ordering: .relaxed), let socket = port.playback else { return }
    let heard = MonotonicTime.now() + .microseconds(Int64(delay)) - SoundFormat.blockInterval
    let head = PCMHead(sequence: number, playbackDelayMicroseconds: UInt32(clamping: delay), time: heard)
    if head.write(to: PacketView(datagram)) { socket.send(PacketView(datagram)) }
  }

  /// Drops what waits: it is old by now.
  mutating func forget(_ port: SoundPort) {
    _ = queue.fill(from: port.playback)
    queue.removeAll()
  }
}
