import Codecs
import Drawing
import Links
import Linux

/// What the loop wants of the encoder.
struct EncoderWish: Sendable, Equatable {
  /// Someone is about to watch: the encoder is opened and encodes one picture, so that it is there when needed.
  var isOpen = false
  /// Someone watches.
  var isWatched = false
  var kilobitsPerSecond = 1_500
  /// What the camera says that it delivers.
  var mode = CameraControl.asked
}

/// Loop to encoder.
enum EncoderCommand: Sendable {
  case wish(EncoderWish)
  /// A viewer cannot go on without one.
  case keyFrame
  /// What is wrong with the camera, in words; nil for nothing.
  case fault(String?)
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

/// Takes frames from the ring, always the newest, and encodes them while someone watches; when there are none, a picture that
/// says why. Lives on its own thread, which waits for frames by itself: a frame wakes one thread and not two before it is encoded.
final class CameraEncoder {
  /// Key frames are asked for by many at once, and each is ten times as long as another frame.
  static let keyFrameInterval = Interval.milliseconds(300)
  /// A frame or a key frame older than this is not worth beginning with.
  static let longestHold = Interval.milliseconds(100)
  /// Between two pictures that name a fault.
  static let faultInterval = Interval.milliseconds(500)

  private let ring: FrameRing
  private let loop: EventLoop
  private let reports: Mailbox<EncoderReport>
  private let store: EncodedPictureStore
  private let converter = FrameConverter()
  private var encoder: VP8Encoder?
  private var wish = EncoderWish()
  private var isKeyFrameWanted = false
  private var lastKeyFrame = MonotonicTime(microseconds: .min / 2)
  private var lastCaptured = MonotonicTime(microseconds: 0)
  /// The newest frame, kept so that a new viewer gets a picture before the camera has the next.
  private var held: (frame: FrameReady, isEncoded: Bool)?

  private var health = CameraHealth()
  private var faultPicture: FaultPicture?
  /// When the fault began that viewers see; nil while they see the camera.
  private var faultSince: MonotonicTime?
  private var faultTimer: LoopTimer?

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
      watch()
      if !wish.isOpen {
        encoder = nil
        faultSince = nil
      }
      if wish.isOpen, encoder == nil {
        encodeHeldIfFresh()
        if encoder == nil { showFault() }
      }
      // What was encoded ahead is what a viewer begins with, if it is fresh.
      guard began, loop.now - lastKeyFrame >= Self.longestHold else { return }
      isKeyFrameWanted = true
      encodeHeldIfFresh()
      showFault()
    case .keyFrame:
      isKeyFrameWanted = true
      // The next picture of the camera is near, the next of the fault may not be.
      if faultSince != nil { showFault() }
    case .fault(let fault):
      health.tell(fault, now: loop.now)
      if wish.isWatched || wish.isOpen && encoder == nil { showFault() }
    case .stop:
      faultTimer?.cancel()
      loop.stop()
    }
  }

  /// While somebody watches, faults are looked for that nobody tells of.
  private func watch() {
    health.watch(wish.isWatched, now: loop.now)
    guard wish.isWatched != (faultTimer != nil) else { return }
    faultTimer?.cancel()
    faultTimer = wish.isWatched ? loop.every(Self.faultInterval) { [unowned self] in showFault() } : nil
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
    health.frameCame(now: loop.now)
    // One ahead of the first viewer: it is there when the viewer is connected, whose handshake takes longer.
    if wish.isWatched || wish.isOpen && encoder == nil { encodeHeld() }
  }

  private func encodeHeldIfFresh() {
    if let held, !held.isEncoded, loop.now - held.frame.captured < Self.longestHold { encodeHeld() }
  }

  private func encodeHeld() {
    guard let frame = held?.frame, let bytes = ring.bytes(frame) else { return }
    held?.isEncoded = true
    do {
      let picture = try converter.convert(
        bytes, format: frame.format, width: Int(frame.width), height: Int(frame.height))
      // The fault is over: nothing of its picture is of use to the next.
      try encode(picture, captured: frame.captured, isFault: false, forceKeyFrame: faultSince != nil)
      health.wasGood(captured: frame.captured)
      faultSince = nil
    } catch {
      reports.send(.failed("\(error)"))
    }
  }

  /// Shows what is wrong, if something is.
  private func showFault() {
    let now = loop.now
    guard wish.isOpen, let fault = health.fault(now: now) else { return }
    let isFirst = faultSince == nil
    let since = faultSince ?? now
    faultSince = since
    do {
      let size =
        encoder.map { Dimensions($0.configuration.width, $0.configuration.height) }
        ?? Dimensions(wish.mode.width, wish.mode.height)
      let drawing: FaultPicture
      if let faultPicture, faultPicture.size == size {
        drawing = faultPicture
      } else {
        drawing = try FaultPicture(size)
        faultPicture = drawing
      }
      let clock = ClockText.secondsSinceMidnight(WallTime.now().milliseconds / 1_000)
      let picture = drawing.draw(fault, clock: clock, lasted: now - since)
      try encode(picture, captured: now, isFault: true, forceKeyFrame: isFirst)
    } catch {
      reports.send(.failed("\(error)"))
    }
  }

  private func encode(
    _ picture: PictureView, captured: MonotonicTime, isFault: Bool, forceKeyFrame: Bool
  ) throws(CodecError) {
    open(picture.size)
    guard let encoder else { return }
    try encoder.setBitrate(kilobitsPerSecond: wish.kilobitsPerSecond)
    // A camera that comes back may be a little behind the last picture of its fault, and viewers' clocks never go back.
    let captured = max(min(captured, .now()), lastCaptured + .microseconds(1))
    lastCaptured = captured
    let isKey = forceKeyFrame || isKeyFrameWanted && loop.now - lastKeyFrame >= Self.keyFrameInterval
    try encoder.encode(picture, timestamp: captured.microseconds &* 9 / 100, forceKeyFrame: isKey) { encoded in
      if encoded.isKeyFrame {
        lastKeyFrame = loop.now
        isKeyFrameWanted = false
      }
      let picture = store.take()
      picture.fill(encoded.bytes, isKeyFrame: encoded.isKeyFrame, isFault: isFault, captured: captured)
      reports.send(.picture(picture))
    }
  }

  /// Makes the encoder for pictures of this size; a camera that changes its size begins anew with a key frame.
  private func open(_ size: Dimensions) {
    if let encoder, encoder.configuration.width == size.width, encoder.configuration.height == size.height { return }
    do {
      encoder = try VP8Encoder(
        VP8Encoder.Configuration(
          width: size.width, height: size.height, framesPerSecond: min(max(wish.mode.framesPerSecond, 1), 120),
          kilobitsPerSecond: wish.kilobitsPerSecond))
      isKeyFrameWanted = true
    } catch {
      encoder = nil
      reports.send(.failed("\(error)"))
    }
  }
}
