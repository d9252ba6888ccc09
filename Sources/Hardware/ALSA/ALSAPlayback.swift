import Glibc
import Linux

/// A card's playback, in blocks. It is started with a little silence ahead of the first block, and again after it ran dry: that
/// is what a late block may use up.
final class ALSAPlayback: @unchecked Sendable {
  static let period = 240
  /// 40 ms.
  static let buffer = 1_920

  private let pcm: ALSAPCM
  private let frames: UnsafeMutableBufferPointer<Int16>
  private let silence: UnsafeMutableBufferPointer<Int16>
  private var isRunning = false

  init(_ pcm: ALSAPCM) {
    self.pcm = pcm
    frames = .allocate(capacity: SoundFormat.blockSamples * pcm.setup.channels)
    frames.initialize(repeating: 0)
    silence = .allocate(capacity: max(1, pcm.setup.lead) * pcm.setup.channels)
    silence.initialize(repeating: 0)
  }

  deinit {
    frames.deallocate()
    silence.deallocate()
  }

  func waitForRoom() throws(DeviceError) {
    while isRunning {
      guard let status = try pcm.status() else {
        isRunning = false
        return
      }
      if pcm.setup.buffer - status.available <= pcm.setup.lead { return }
      try pcm.wait()
    }
  }

  /// How long a sample written next will take until it is heard, in microseconds.
  func write(_ block: UnsafeBufferPointer<Int16>) throws(DeviceError) -> Int {
    let channels = pcm.setup.channels
    for index in 0..<min(block.count, SoundFormat.blockSamples) {
      for channel in 0..<channels { frames[index * channels + channel] = block[index] }
    }
    while true {
      try waitForRoom()
      if !isRunning, try !push(silence, pcm.setup.lead) { continue }
      guard try push(frames, block.count) else {
        isRunning = false
        continue
      }
      if !isRunning {
        guard try pcm.start() else { continue }
        isRunning = true
      }
      guard let status = try pcm.status() else {
        // The block was heard, or is lost: too late for it in any case.
        isRunning = false
        return 0
      }
      let queued = max(0, pcm.setup.buffer - status.available)
      let delay = (queued...queued + SoundFormat.sampleRate).contains(status.delay) ? status.delay : queued
      return Int(SoundFormat.length(ofSamples: delay).microseconds)
    }
  }

  /// False if the PCM had to be made ready again.
  private func push(_ samples: UnsafeMutableBufferPointer<Int16>, _ count: Int) throws(DeviceError) -> Bool {
    var written = 0
    while written < count {
      guard let start = samples.baseAddress else { return true }
      guard let taken = try pcm.write(start + written * pcm.setup.channels, count - written) else { return false }
      written += taken
      guard taken == 0 else { continue }
      if !isRunning {
        guard let status = try pcm.status() else { return false }
        if status.available > 0 {
          try pcm.noteFailure(EAGAIN, "snd_pcm_writei")
          continue
        }
        // The buffer is smaller than what it is to be started with.
        guard try pcm.start() else { return false }
        isRunning = true
      }
      try pcm.wait()
    }
    return true
  }
}
