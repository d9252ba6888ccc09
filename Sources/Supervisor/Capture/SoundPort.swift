import Links
import Linux
import Synchronization

/// The sockets that carry sound to and from media, which change when media is restarted, and the numbers of the sound
/// devices.
final class SoundPort: Sendable {
  /// Lets about 100 ms of sound wait for media, no more: the kernel doubles it, and a block of 20 ms costs it about 3 KiB.
  static let captureBufferBytes = 7 * 1024

  private struct Sockets {
    var capture: MessageSocket?
    var playback: MessageSocket?
  }
  private let sockets = Mutex(Sockets())

  /// How long a sample written to the speaker now takes until it is heard; 0 while nothing is played.
  let playbackDelayMicroseconds = Atomic<UInt32>(0)
  let captured = Atomic(0)
  /// Blocks that media did not take in time: sound drops rather than piling up.
  let captureDropped = Atomic(0)
  let played = Atomic(0)
  /// Blocks that came in a bunch and would have been heard too late.
  let playbackDropped = Atomic(0)
  /// Blocks that media did not bring in time; silence was played for each.
  let playbackLate = Atomic(0)
  /// Whether anybody wants to know what the speaker plays: an echo is heard by an open microphone only.
  let isMicrophoneOpen = Atomic(false)

  func attach(capture: MessageSocket?, playback: MessageSocket?) {
    sockets.withLock {
      $0.capture = capture
      $0.playback = playback
    }
  }

  var playback: MessageSocket? { sockets.withLock { $0.playback } }
  var capture: MessageSocket? { sockets.withLock { $0.capture } }
}
