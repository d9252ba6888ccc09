import Hardware
import Links
import Linux
import Synchronization

/// The speaker's thread: mixes tones with the sound that media sends. It sleeps and the speaker is closed while there is
/// nothing to play.
final class Playback: Sendable {
  static let retryAfter = Interval.milliseconds(250)
  /// The speaker is closed after so long without anything to play.
  static let idleAfter = Interval.milliseconds(500)

  private struct Tones {
    /// Lasts as long as the state of the box.
    var background: ToneGenerator?
    /// Belongs to a moment, and is heard in place of the background.
    var cue: ToneGenerator?
  }
  private let tones = Mutex(Tones())
  private let stop: StopSignal
  private let speaker: any Speaker
  private let port: SoundPort
  private let reports: Mailbox<DeviceReport>

  init(_ speaker: any Speaker, _ port: SoundPort, reports: Mailbox<DeviceReport>) throws(SystemError) {
    self.speaker = speaker
    self.port = port
    self.reports = reports
    stop = try StopSignal()
  }

  /// The tone of the present state; nil for silence.
  func setBackground(_ sequence: ToneSequence?) {
    tones.withLock { $0.background = sequence.map { ToneGenerator($0) } }
    stop.poke()
  }

  func play(_ sequence: ToneSequence) {
    tones.withLock { $0.cue = ToneGenerator(sequence) }
    stop.poke()
  }

  /// Media has a new socket.
  func reattached() { stop.poke() }

  func finish() {
    stop.raise()
    speaker.close()
  }

  private enum Failure: Equatable {
    case none
    case failing(String)
  }

  /// The thread's body.
  func run() {
    var queue = BlockQueue()
    let block = UnsafeMutableBufferPointer<Int16>.allocate(capacity: PCMHead.samples)
    block.initialize(repeating: 0)
    defer { block.deallocate() }
    var isOpen = false
    // Media was there and is gone.
    var ended: MessageSocket?
    var failure = Failure.none
    while !stop.isRaised {
      let socket = port.playback
      if socket !== ended { ended = nil }
      let dropped = queue.count == 0 ? queue.fill(from: socket) : 0
      if dropped > 0 { port.playbackDropped.add(dropped, ordering: .relaxed) }
      let hasSound = queue.take(into: block)
      if !hasSound { block.update(repeating: 0) }
      guard mixTones(into: block) || hasSound else {
        let number = socket === ended ? -1 : socket?.number ?? -1
        if stop.wait(atMost: isOpen ? Self.idleAfter : nil, reading: number) { ended = socket }
        if isOpen, !stop.isRaised, queue.fill(from: port.playback) == 0, queue.count == 0, !hasTone {
          speaker.close()
          isOpen = false
          port.playbackDelayMicroseconds.store(0, ordering: .relaxed)
          reports.send(.ended)
        }
        continue
      }
      do throws(DeviceError) {
        if !isOpen {
          try speaker.open()
          isOpen = true
          failure = .none
          reports.send(.running(nil))
        }
        let delay = try speaker.write(UnsafeBufferPointer(block))
        port.playbackDelayMicroseconds.store(UInt32(clamping: delay), ordering: .relaxed)
        port.played.add(1, ordering: .relaxed)
      } catch {
        speaker.close()
        isOpen = false
        port.playbackDelayMicroseconds.store(0, ordering: .relaxed)
        guard !stop.isRaised else { break }
        if failure != .failing(error.description) { reports.send(.gone(error.description)) }
        failure = .failing(error.description)
        stop.wait(atMost: Self.retryAfter)
        _ = queue.fill(from: port.playback)
        queue.removeAll()
      }
    }
    if isOpen { speaker.close() }
  }

  private var hasTone: Bool { tones.withLock { $0.background != nil || $0.cue != nil } }

  /// Adds the tones to a block; false if there is none.
  private func mixTones(into block: UnsafeMutableBufferPointer<Int16>) -> Bool {
    tones.withLock { tones in
      if tones.cue != nil {
        tones.cue?.mix(into: block)
        if tones.cue?.isDone == true { tones.cue = nil }
        return true
      }
      guard tones.background != nil else { return false }
      tones.background?.mix(into: block)
      if tones.background?.isDone == true { tones.background = nil }
      return true
    }
  }
}
