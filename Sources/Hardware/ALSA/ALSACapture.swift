import Linux

/// A card's capture, cut into blocks.
final class ALSACapture: @unchecked Sendable {
  /// The card wakes us at the end of a block, or a little behind it.
  static let period = 240
  /// What a late reader may find: 200 ms.
  static let buffer = 9_600

  private let pcm: ALSAPCM
  private let frames: UnsafeMutableBufferPointer<Int16>
  private var isRunning = false

  init(_ pcm: ALSAPCM) {
    self.pcm = pcm
    frames = .allocate(capacity: SoundFormat.blockSamples * pcm.setup.channels)
    frames.initialize(repeating: 0)
  }

  deinit { frames.deallocate() }

  func read(into block: UnsafeMutableBufferPointer<Int16>) throws(DeviceError) -> MonotonicTime {
    var heard: MonotonicTime?
    var filled = 0
    while filled < block.count {
      if !isRunning {
        // What was there before is lost, so the block begins anew.
        (heard, filled) = (nil, 0)
        guard try pcm.start() else { continue }
        isRunning = true
      }
      guard let status = try pcm.status() else {
        isRunning = false
        continue
      }
      let wanted = block.count - filled
      guard status.available >= min(wanted, pcm.setup.portion) else {
        try pcm.wait()
        continue
      }
      if heard == nil { heard = time(of: status) }
      guard let start = frames.baseAddress, let count = try pcm.read(start, wanted) else {
        isRunning = false
        continue
      }
      guard count > 0 else {
        try pcm.wait()
        continue
      }
      take(min(count, wanted), into: block, at: filled)
      filled += min(count, wanted)
    }
    return heard ?? pcm.now
  }

  /// The first channel is the microphone: where there is a second, it is the same or silent.
  private func take(_ count: Int, into block: UnsafeMutableBufferPointer<Int16>, at position: Int) {
    let channels = pcm.setup.channels
    for index in 0..<count { block[position + index] = frames[index * channels] }
  }

  /// When the first sample that waits was heard.
  private func time(of status: ALSAStatus) -> MonotonicTime {
    let now = pcm.now
    let told = status.time.flatMap { time in time <= now && now - time < .seconds(1) ? time : nil }
    // What the driver tells of its delay counts only where it can be true.
    let delay = (status.available...status.available + SoundFormat.sampleRate).contains(status.delay)
    let frames = delay ? status.delay : status.available
    return (told ?? now) - SoundFormat.length(ofSamples: frames)
  }
}
