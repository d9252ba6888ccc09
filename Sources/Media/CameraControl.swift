import Links
import Linux
import WebRTC

/// The loop's end of the encoder: tells it what is wanted, and counts what comes.
final class CameraControl {
  let reports: Mailbox<EncoderReport>
  private let commands: Mailbox<EncoderCommand>
  private let store = EncodedPictureStore()
  private let thread: Worker
  private var wish = EncoderWish()
  private var isKeyFrameWanted = false
  /// What the supervisor is asked for: that there be pictures. How they are to be, its board says.
  static let asked = CameraMode(width: 640, height: 480, framesPerSecond: 30)
  /// What it last said that it delivers.
  var delivered = asked
  private(set) var pulse = EncoderPulse()
  private(set) var pictures = 0
  private(set) var keyFrames = 0
  /// Pictures that named a fault, among them.
  private(set) var faultPictures = 0
  private(set) var failures = 0
  /// Of pictures whose last packet had been handed to the socket.
  private(set) var ages = Ages()
  /// Datagrams that were no frame.
  var refused = 0

  init(_ options: MediaOptions) throws(SystemError) {
    reports = try Mailbox()
    commands = try Mailbox()
    thread = try CameraEncoder.start(
      frames: Descriptor(adopting: options.frames), ring: Descriptor(adopting: options.ring), slots: options.ringSlots,
      slotBytes: options.ringSlotBytes, commands: commands, reports: reports, store: store)
  }

  /// Tells the encoder what has changed.
  func meet(_ demand: Forwarder.LocalDemand) {
    pulse.watch(demand.encoder, now: .now())
    var wanted = wish
    wanted.isOpen = demand.camera
    wanted.isWatched = demand.encoder
    wanted.mode = delivered
    if demand.encoder, demand.videoBitsPerSecond != .max {
      let kilobits = demand.videoBitsPerSecond / 1000
      // Small changes are not worth a change of the rate control.
      if abs(kilobits - wish.kilobitsPerSecond) * 20 > wish.kilobitsPerSecond { wanted.kilobitsPerSecond = kilobits }
    }
    if wanted != wish {
      wish = wanted
      commands.send(.wish(wanted))
    }
    if demand.keyFrame, !isKeyFrameWanted { commands.send(.keyFrame) }
    isKeyFrameWanted = demand.keyFrame
  }

  /// The supervisor tells what is wrong with the camera; nil for nothing.
  func tell(fault: String?) { commands.send(.fault(fault)) }

  /// The loop has sent a picture.
  func giveBack(_ picture: EncodedPicture, sent: MonotonicTime) {
    pictures &+= 1
    pulse.sent(sent)
    if picture.isFault { faultPictures &+= 1 } else { ages.add(sent - picture.captured) }
    if picture.isKeyFrame { keyFrames &+= 1 }
    store.giveBack(picture)
  }

  func failed(_ reason: String) {
    failures &+= 1
    // The same frame format fails thirty times a second.
    if failures.nonzeroBitCount == 1 { Log.warning("picture not encoded (\(failures)): \(reason)") }
  }

  func stop() {
    commands.send(.stop)
    thread.join()
  }
}
