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

  /// The thread's body.
  func run() {
    var player = Player()
    // Media was there and is gone.
    var ended: MessageSocket?
    while !stop.isRaised {
      let socket = port.playback
      if socket !== ended { ended = nil }
      do throws(DeviceError) {
        if player.isOpen { try speaker.waitForRoom() }
        let isSound = player.fetch(from: port, unless: ended, stop)
        guard mixTones(into: player.block) || isSound else {
          if player.isOpen, player.quiet < Self.idleAfter {
            // Silence, so that the speaker does not run dry while it is open.
            player.quiet = player.quiet + SoundFormat.blockInterval
            try player.write(to: speaker, port)
            continue
          }
          if player.isOpen {
            close(&player)
            reports.send(.ended)
          }
          if stop.wait(atMost: nil, reading: socket === ended ? -1 : socket?.number ?? -1) { ended = socket }
          continue
        }
        player.quiet = .zero
        if !player.isOpen {
          try speaker.open()
          player.isOpen = true
        }
        try player.write(to: speaker, port)
        if !player.isTold { reports.send(.running(nil)) }
        player.isTold = true
        player.failure = nil
        port.played.add(1, ordering: .relaxed)
      } catch {
        close(&player)
        guard !stop.isRaised else { break }
        if player.failure != error.description { reports.send(.gone(error.description)) }
        player.failure = error.description
        stop.wait(atMost: Self.retryAfter)
        player.forget(port)
      }
    }
    close(&player)
  }

  private func close(_ player: inout Player) {
    guard player.isOpen else { return speaker.close() }
    speaker.close()
    player.isOpen = false
    player.isTold = false
    player.quiet = .zero
    port.playbackDelayMicroseconds.store(0, ordering: .relaxed)
  }

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
