import Linux

/// What the speaker has played and is about to play, to be read at the pace and at the time of the microphone. Where the two are
/// different cards their clocks differ a little; what is read follows smoothly, for a canceller takes a jump for another room.
struct PlayedSound: ~Copyable {
  private static let capacity = 1 << 15
  /// Read so much ahead of the time: an echo must never come before its sound, even where a card's times are a little wrong. What
  /// is read has always been written, because a speaker is given its sound further ahead.
  private static let ahead = 240.0
  /// The position is left alone within this, or within a part of what the times swing, which is four times what is left of that
  /// when they are evened out.
  private static let tolerance = 12.0
  private static let partOfSwing = 0.6
  /// Beyond this the position jumps: 20 ms.
  private static let jump = 960.0
  /// What is off is made good within this: 2 s.
  private static let slew = 96_000.0
  private static let largestDrift = 1e-3

  private let ring: UnsafeMutableBufferPointer<Int16>
  private var clock = SampleClock()
  /// Samples written, and when the next one will be heard.
  private var written: Int64 = 0
  private var timeOfEnd = 0.0
  /// Up to here all later ones are silent.
  private var lastSound: Int64 = -1
  private var position: Double?
  private var correction = 0.0
  private var correctionLeft = 0.0
  /// How often the two sounds had to be brought together anew.
  private(set) var jumps = 0

  init() {
    ring = .allocate(capacity: Self.capacity)
    ring.initialize(repeating: 0)
  }

  deinit { ring.deallocate() }

  /// Takes in a block whose first sample is heard at a time.
  mutating func write(_ block: UnsafeBufferPointer<Int16>, heard: MonotonicTime) {
    let (start, goesOn) = clock.take(heard, count: block.count)
    // The speaker had nothing to play: silence up to here.
    if !goesOn, written > 0 { skip(start - timeOfEnd) }
    for sample in block {
      ring[Int(written & Int64(Self.capacity - 1))] = sample
      if sample != 0 { lastSound = written }
      written += 1
    }
    timeOfEnd = start + Double(block.count)
  }

  private mutating func skip(_ samples: Double) {
    guard samples >= 1 else { return }
    let count = samples < Double(Self.capacity) ? Int(samples.rounded()) : Self.capacity
    for _ in 0..<count {
      ring[Int(written & Int64(Self.capacity - 1))] = 0
      written += 1
    }
  }

  /// Whether nothing is to be heard at a time, nor was within so many samples before.
  func isSilent(at time: Double, within samples: Int) -> Bool {
    Double(written) + time - timeOfEnd - Double(lastSound) > Double(samples)
  }

  /// Writes to `frame` what is heard from a time on, at the pace of the microphone's clock.
  mutating func read(at time: Double, _ microphone: SampleClock, into frame: UnsafeMutableBufferPointer<Int16>) {
    let (start, step) = advance(frame.count, at: time, microphone)
    for index in frame.indices { frame[index] = sample(at: start + Double(index) * step) }
  }

  /// Goes on as reading does, where nothing is to be heard.
  mutating func pass(_ count: Int, at time: Double, _ microphone: SampleClock) {
    _ = advance(count, at: time, microphone)
  }

  private mutating func advance(_ count: Int, at time: Double, _ microphone: SampleClock) -> (
    start: Double, step: Double
  ) {
    let wanted = Double(written) + time + Self.ahead - timeOfEnd
    var start = position ?? wanted
    let error = wanted - start
    // One clock for both, unless their times say otherwise beyond doubt: what only seems to move is best left alone.
    var drift = microphone.slowness - clock.slowness
    let (here, there) = (microphone.uncertainty, clock.uncertainty)
    // The two are wrong each in its own way.
    let isApart = drift * drift > 16 * (here * here + there * there)
    drift = isApart ? min(max(drift, -Self.largestDrift), Self.largestDrift) : 0
    if abs(error) > Self.jump {
      start += error
      (correction, correctionLeft) = (0, 0)
      jumps &+= 1
    } else if !microphone.isSettled || !clock.isSettled {
      // What is known best at first is the present.
      start += error
    } else if correctionLeft > 0 {
      correctionLeft -= Double(count)
      if correctionLeft <= 0 { correction = 0 }
    } else if abs(error) > max(Self.tolerance, (microphone.swing + clock.swing) * Self.partOfSwing) {
      (correction, correctionLeft) = (error / Self.slew, Self.slew)
    } else {
      correction = 0
    }
    let step = 1 + drift + correction
    position = start + Double(count) * step
    return (start, step)
  }

  private func sample(at position: Double) -> Int16 {
    let whole = position.rounded(.down)
    let fraction = position - whole
    guard whole > 0, whole < Double(written), whole > Double(written) - Double(Self.capacity) + 8 else { return 0 }
    let index = Int64(whole)
    // One clock, one whole distance: nothing is to be changed then.
    guard fraction > 1e-6 else { return value(index) }
    let (a, b) = (Double(value(index - 1)), Double(value(index)))
    let (c, d) = (Double(value(index + 1)), Double(value(index + 2)))
    // Catmull and Rom's cubic through the two neighbours on either side.
    let slope = 0.5 * (c - a)
    let bend = a - 2.5 * b + 2 * c - 0.5 * d
    let twist = 0.5 * (d - a) + 1.5 * (b - c)
    return Int16(clamping: Int((((twist * fraction + bend) * fraction + slope) * fraction + b).rounded()))
  }

  private func value(_ index: Int64) -> Int16 {
    index >= 0 && index < written ? ring[Int(index & Int64(Self.capacity - 1))] : 0
  }
}
