import Linux

/// Evens out the arrival of one sound stream. It knows no codec: packets go in as they come, and whoever decodes pulls the next
/// one whenever it runs out of samples. The delay follows the 0.95 quantile of the packets' lateness; it grows by short
/// concealments while a packet is awaited, and shrinks by packets left out, in quiet moments where possible.
public final class AudioJitterBuffer {
  struct Slot {
    var number: Int64 = -1
    var mediaTime: Int64 = 0
    var length = 0
    var samples = 0
    var isQuiet = false
    var hasForwardErrorCorrection = false
  }

  /// Packets held at most: 1.28 s of 20 ms each.
  public static let capacity = 64
  /// What is inserted at once while a packet is awaited: 10 ms, so that it does not wait much longer than it must.
  static let step = 480

  public private(set) var statistics = JitterBufferStatistics()
  /// The delay never aims below this.
  public let minimumTarget: Interval
  /// The delay never aims above this.
  public let maximumTarget: Interval
  /// Whoever pulls takes packets so long before their sound is due, at most; the delay aims at that much more.
  public let readAhead: Interval

  private let slab: PacketSlab
  private var slots = [Slot](repeating: Slot(), count: capacity)
  private var arrivals = ArrivalDelay()
  private var highest: Int64?
  private var highestTimestamp: UInt32 = 0
  private var highestMediaTicks: Int64 = 0
  /// The packet to play next, and its time on the sender's clock in microseconds; nil before the first sound.
  private var next: Int64?
  private var nextMediaTime: Int64 = 0
  private var isPlaying = false
  private var frameSamples = 960
  /// Samples concealed in a row while the next packet was awaited.
  private var awaited = 0
  private var lastWasQuiet = false
  private var tooLongSince: MonotonicTime?

  /// What is off the target for so long is mended even where it may be heard.
  private static let patience = Interval.milliseconds(400)
  /// Further behind than this, packets are left out at once.
  private static let intolerable = Interval.milliseconds(100)
  /// After so many concealed samples a decoder has nothing left to say: silence.
  private static let longestConcealment = 4800

  public init(
    minimumTarget: Interval = .milliseconds(10), maximumTarget: Interval = .milliseconds(300),
    readAhead: Interval = .zero
  ) {
    self.readAhead = readAhead
    self.minimumTarget = minimumTarget
    self.maximumTarget = maximumTarget
    slab = PacketSlab(slots: Self.capacity, slotBytes: OpusPayload.longestPacket)
  }

  /// The delay aimed at, beyond that of the fastest packet.
  public var target: Interval { min(max(arrivals.target, minimumTarget), maximumTarget) + readAhead }

  /// How long after the fastest packet's arrival the next packet will be played if that is done now; nil before the first.
  public func delay(now: MonotonicTime) -> Interval? {
    guard next != nil else { return nil }
    return delay(of: nextMediaTime, now)
  }

  private func delay(of mediaTime: Int64, _ now: MonotonicTime) -> Interval {
    .microseconds(now.microseconds &- mediaTime &- (arrivals.fastest ?? 0))
  }

  // MARK: - In

  /// Takes a packet.
  /// - Parameters:
  ///   - timestamp: RTP timestamp at 48 kHz.
  ///   - samples: how long the packet plays, at 48 kHz.
  ///   - isQuiet: whether leaving it out would hardly be heard.
  ///   - hasForwardErrorCorrection: whether it carries the packet before it a second time.
  public func insert(
    sequence: UInt16, timestamp: UInt32, payload: PacketView, samples: Int, isQuiet: Bool = false,
    hasForwardErrorCorrection: Bool = false, now: MonotonicTime
  ) {
    statistics.received &+= 1
    guard samples > 0, samples <= OpusPayload.mostSamples, payload.count <= slab.slotBytes else { return }
    var number = Int64(sequence) &+ 65_536
    var ticks = Int64(timestamp)
    if let highest {
      number = highest &+ Int64(sequence.distance(after: UInt16(truncatingIfNeeded: highest)))
      ticks = highestMediaTicks &+ Int64(timestamp.distance(after: highestTimestamp))
      let jump = abs(ticks - highestMediaTicks) > 10 * 48_000
      if abs(number - highest) >= Int64(Self.capacity) || jump {
        // Far behind: one stray packet. Far ahead or another clock: a new beginning.
        if number < highest, !jump, highest - number < 1000 {
          statistics.late &+= 1
          return
        }
        restart()
        (number, ticks) = (Int64(sequence) &+ 65_536, Int64(timestamp))
      }
    }
    let mediaTime = ticks &* 1_000_000 / 48_000
    let index = Int(number & Int64(Self.capacity - 1))
    if slots[index].number == number {
      statistics.duplicates &+= 1
      return
    }
    arrivals.add(mediaTime: mediaTime, arrival: now)
    if highest.map({ number > $0 }) ?? true {
      highest = number
      highestTimestamp = timestamp
      highestMediaTicks = ticks
    }
    if let next, number < next {
      // Before the first sound nothing is too late yet.
      guard !isPlaying else {
        statistics.late &+= 1
        return
      }
      self.next = number
      nextMediaTime = mediaTime
    }
    if next == nil {
      next = number
      nextMediaTime = mediaTime
    }
    makeRoom(for: number)
    guard slab.store(payload, in: index) != nil else { return }
    slots[index] = Slot(
      number: number, mediaTime: mediaTime, length: payload.count, samples: samples, isQuiet: isQuiet,
      hasForwardErrorCorrection: hasForwardErrorCorrection)
  }

  /// The oldest packets give way when the ring is full.
  private func makeRoom(for number: Int64) {
    guard let first = next, number - first >= Int64(Self.capacity) else { return }
    var start = number - Int64(Self.capacity) + 1
    while start < number, slot(start) == nil { start += 1 }
    statistics.dropped &+= UInt64(start - first)
    next = start
    if let slot = slot(start) { nextMediaTime = slot.mediaTime }
  }

  private func restart() {
    if highest != nil { statistics.restarts &+= 1 }
    for index in slots.indices { slots[index] = Slot() }
    arrivals.reset()
    highest = nil
    next = nil
    isPlaying = false
    awaited = 0
    tooLongSince = nil
  }

  // MARK: - Out

  /// What to play next; call it whenever the samples of the last answer run out.
  public func pull(now: MonotonicTime) -> JitterBufferOutput {
    guard let number = next else { return .silence(samples: Self.step) }
    guard let slot = slot(number) else { return isPlaying ? missing(number, now) : skipToFirst(now) }
    let lateness = delay(of: slot.mediaTime, now)
    // At the start, and when a pause of the sender ends, the packet waits until the delay is what it should be.
    if !isPlaying || slot.mediaTime > nextMediaTime &+ 1000 {
      guard lateness >= target || isFull else { return isPlaying ? wait() : hold(for: target - lateness) }
      nextMediaTime = slot.mediaTime
    }
    if mustShorten(slot, lateness, now) {
      leaveOut(slot)
      // At most one, unless the delay is intolerable; then the next pull goes on with it at once.
      return pull(now: now)
    }
    return play(slot)
  }

  private func play(_ slot: Slot) -> JitterBufferOutput {
    guard let payload = slab[Int(slot.number & Int64(Self.capacity - 1))]?.prefix(slot.length) else {
      return .silence(samples: Self.step)
    }
    isPlaying = true
    awaited = 0
    frameSamples = slot.samples
    lastWasQuiet = slot.isQuiet
    statistics.played &+= 1
    advance(from: slot.number, slot.mediaTime, slot.samples)
    return .packet(payload, samples: slot.samples)
  }

  /// The packet in turn is not there.
  private func missing(_ number: Int64, _ now: MonotonicTime) -> JitterBufferOutput {
    guard let highest, highest > number else { return wait() }
    // It may still come: while the delay is short of the target there is time to wait for it.
    if delay(of: nextMediaTime, now) < target { return wait() }
    let samples = frameSamples
    let length = Interval.microseconds(Int64(samples) * 1_000_000 / 48_000)
    if Int64(awaited) * 2 >= Int64(samples), delay(of: nextMediaTime, now) >= target + length {
      // Its place has been filled while it was awaited.
      statistics.concealedPackets &+= 1
      awaited = max(0, awaited - samples)
      advance(from: number, nextMediaTime, samples)
      return pull(now: now)
    }
    awaited = 0
    advance(from: number, nextMediaTime, samples)
    if let following = slot(number + 1), following.hasForwardErrorCorrection,
      let payload = slab[Int(following.number & Int64(Self.capacity - 1))]?.prefix(following.length)
    {
      statistics.recovered &+= 1
      return .recovered(payload, samples: samples)
    }
    statistics.concealedPackets &+= 1
    return .conceal(samples: samples)
  }

  /// Before the first sound: the first packet that is there.
  private func skipToFirst(_ now: MonotonicTime) -> JitterBufferOutput {
    guard let highest, let first = next, highest >= first else { return .silence(samples: Self.step) }
    for number in first...highest {
      guard let slot = slot(number) else { continue }
      next = number
      nextMediaTime = slot.mediaTime
      return pull(now: now)
    }
    return .silence(samples: Self.step)
  }

  /// Silence before the first sound, as long as it is still to wait.
  private func hold(for time: Interval) -> JitterBufferOutput {
    .silence(samples: min(Self.step, Int((time.microseconds * 48 + 999) / 1_000)))
  }

  /// Ten milliseconds of nothing, so that the packet in turn gains time.
  private func wait() -> JitterBufferOutput {
    guard isPlaying else { return .silence(samples: Self.step) }
    statistics.insertedSamples &+= UInt64(Self.step)
    awaited = min(awaited + Self.step, 48_000)
    return awaited > Self.longestConcealment ? .silence(samples: Self.step) : .conceal(samples: Self.step)
  }

  private func advance(from number: Int64, _ mediaTime: Int64, _ samples: Int) {
    next = number + 1
    nextMediaTime = mediaTime &+ Int64(samples) * 1_000_000 / 48_000
  }

  private func leaveOut(_ slot: Slot) {
    statistics.dropped &+= 1
    tooLongSince = nil
    advance(from: slot.number, slot.mediaTime, slot.samples)
  }

  // MARK: - Delay

  /// Whether leaving this packet out brings the delay nearer to the target.
  private func mustShorten(_ slot: Slot, _ lateness: Interval, _ now: MonotonicTime) -> Bool {
    let length = Interval.microseconds(Int64(slot.samples) * 1_000_000 / 48_000)
    // Without a packet behind it there would be a gap at once.
    guard self.slot(slot.number + 1) != nil || lateness > target + Self.intolerable else {
      return false
    }
    guard lateness - length >= target + .milliseconds(4) else {
      tooLongSince = nil
      return false
    }
    // Behind a silence that a break has made, nobody misses a little more.
    if lateness - length >= target + Self.intolerable || awaited > Self.longestConcealment { return true }
    guard let since = tooLongSince else {
      tooLongSince = now
      return slot.isQuiet && lastWasQuiet
    }
    return slot.isQuiet && lastWasQuiet || now - since >= Self.patience
  }

  private func slot(_ number: Int64) -> Slot? {
    let slot = slots[Int(number & Int64(Self.capacity - 1))]
    return slot.number == number ? slot : nil
  }

  private var isFull: Bool {
    guard let highest, let next else { return false }
    return highest - next >= Int64(Self.capacity) - 2
  }
}
