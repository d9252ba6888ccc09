import Codecs
import Links
import Linux

/// What the loop wants of the encoder.
struct EncoderWish: Sendable, Equatable {
  /// Someone is about to watch: the encoder is opened and encodes one picture, so that it is there when needed.
  var isOpen = false
  /// Someone watches.
  var isWatched = false
  var kilobitsPerSecond = 1_500
  var framesPerSecond = 30
}

/// Loop to encoder.
enum EncoderCommand: Sendable {
  case wish(EncoderWish)
  /// A viewer cannot go on without one.
  case keyFrame
  case stop
}

/// Encoder to loop.
enum EncoderReport: Sendable {
  case picture(EncodedPicture)
  /// The picture could not be converted or encoded; in words.
  case failed(String)
  /// A datagram in place of a frame that is none.
  case refused
  /// The supervisor is gone.
  case closed
}

/// Takes frames from the ring, always the newest, and encodes them while someone watches. Lives on its own thread, which
/// waits for frames by itself: a frame wakes one thread and not two before it is encoded.
final class CameraEncoder {
  /// Key frames are asked for by many at once, and each is ten times as long as another frame.
  static let keyFrameInterval = Interval.milliseconds(300)
  /// A frame or a key frame older than this is not worth beginning with.
  static let longestHold = Interval.milliseconds(100)

  private let ring: FrameRing
  private let loop: EventLoop
  private let reports: Mailbox<EncoderReport>
  private let store: EncodedPictureStore
  private let converter = FrameConverter()
  private var encoder: VP8Encoder?
  private var wish = EncoderWish()
  private var isKeyFrameWanted = false
  private var lastKeyFrame = MonotonicTime(microseconds: .min / 2)
  /// The newest frame, kept so that a new viewer gets a picture before the camera has the next.
  private var held: (frame: FrameReady, isEncoded: Bool)?

  /// Starts the thread.
  static func start(
    frames: consuming Descriptor, ring: consuming Descriptor, slots: Int, slotBytes: Int,
    commands: Mailbox<EncoderCommand>, reports: Mailbox<EncoderReport>, store: EncodedPictureStore
  ) throws(SystemError) -> Worker {
    let socket = try MessageSocket(adopting: frames)
    let memory = try SharedMemory(readingFrom: ring, bytes: slots * slotBytes)
    return try Worker(name: "encoder") {
      do {
        let ring = FrameRing(socket: socket, memory: memory, slots: slots, slotBytes: slotBytes)
        try CameraEncoder(ring: ring, reports: reports, store: store).run(commands)
      } catch {
        reports.send(.failed("\(error)"))
      }
    }
  }

  private init(ring: FrameRing, reports: Mailbox<EncoderReport>, store: EncodedPictureStore) throws(SystemError) {
    self.ring = ring
    self.reports = reports
    self.store = store
    loop = try EventLoop()
  }

  private func run(_ commands: Mailbox<EncoderCommand>) throws(SystemError) {
    let frames = try loop.watch(ring.socket.number) { [unowned self] in takeFrames() }
    let wishes = try loop.attach(commands) { [unowned self] in handle($0) }
    loop.run()
    frames.cancel()
    wishes.cancel()
  }

  private func handle(_ command: EncoderCommand) {
    switch command {
    case .wish(let new):
      let began = new.isWatched && !wish.isWatched
      wish = new
      if !wish.isOpen { encoder = nil }
      if wish.isOpen, encoder == nil { encodeHeldIfFresh() }
      // What was encoded ahead is what a viewer begins with, if it is fresh.
      guard began, loop.now - lastKeyFrame >= Self.longestHold else { return }
      isKeyFrameWanted = true
      encodeHeldIfFresh()
    case .keyFrame:
      isKeyFrameWanted = true
    case .stop:
      loop.stop()
    }
  }

  /// Frames that pile up are passed over: only the newest is worth encoding.
  private func takeFrames() {
    var newest: FrameReady?
    while true {
      switch ring.next() {
      case .frame(let frame):
        if let newest { ring.release(newest) }
        newest = frame
        continue
      case .refused:
        reports.send(.refused)
        continue
      case .closed:
        reports.send(.closed)
        loop.stop()
      case .nothing: break
      }
      break
    }
    guard let newest else { return }
    if let held { ring.release(held.frame) }
    held = (newest, false)
    // One ahead of the first viewer: it is there when the viewer is connected, whose handshake takes longer.
    if wish.isWatched || wish.isOpen && encoder == nil { encodeHeld() }
  }

  private func encodeHeldIfFresh() {
    if let held, !held.isEncoded, loop.now - held.frame.captured < Self.longestHold { encodeHeld() }
  }

  private func encodeHeld() {
    guard let frame = held?.frame, let bytes = ring.bytes(frame) else { return }
    held?.isEncoded = true
    let key = isKeyFrameWanted && loop.now - lastKeyFrame >= Self.keyFrameInterval
    do {
      let picture = try converter.convert(
        bytes, format: frame.format, width: Int(frame.width), height: Int(frame.height))
      open(picture.size)
      guard let encoder else { return }
      try encoder.setBitrate(kilobitsPerSecond: wish.kilobitsPerSecond)
      let timestamp = frame.captured.microseconds &* 9 / 100
      try encoder.encode(picture, timestamp: timestamp, forceKeyFrame: key) { encoded in
        if encoded.isKeyFrame {
          lastKeyFrame = loop.now
          isKeyFrameWanted = false
        }
        let picture = store.take()
        picture.fill(encoded.bytes, isKeyFrame: encoded.isKeyFrame, captured: frame.captured)
        reports.send(.picture(picture))
      }
    } catch {
      reports.send(.failed("\(error)"))
    }
  }

  /// Makes the encoder for pictures of this size; a camera that changes its size begins anew with a key frame.
  private func open(_ size: Dimensions) {
    if let encoder, encoder.configuration.width == size.width, encoder.configuration.height == size.height { return }
    do {
      encoder = try VP8Encoder(
        VP8Encoder.Configuration(
          width: size.width, height: size.height, framesPerSecond: wish.framesPerSecond,
          kilobitsPerSecond: wish.kilobitsPerSecond))
      isKeyFrameWanted = true
    } catch {
      encoder = nil
      reports.send(.failed("\(error)"))
    }
  }
}
