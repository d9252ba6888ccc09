import Linux
import Synchronization

/// One encoded picture on its way from the encoder's thread to the loop, in memory that is used again and again.
final class EncodedPicture: @unchecked Sendable {
  // One thread has it at a time: the encoder fills it and sends it away, the loop gives it back to the store.
  private var memory = PacketSlab(slots: 1, slotBytes: 64 * 1024)
  private(set) var count = 0
  private(set) var isKeyFrame = false
  /// Drawn in place of the camera's.
  private(set) var isFault = false
  /// When the sensor had the picture.
  private(set) var captured = MonotonicTime(microseconds: 0)

  var bytes: PacketView? { memory[0]?.prefix(count) }

  /// Copies a picture in; its own memory grows when a picture does not fit.
  func fill(_ picture: PacketView, isKeyFrame: Bool, isFault: Bool, captured: MonotonicTime) {
    if picture.count > memory.slotBytes { memory = PacketSlab(slots: 1, slotBytes: picture.count * 2) }
    count = memory.store(picture, in: 0)?.count ?? 0
    self.isKeyFrame = isKeyFrame
    self.isFault = isFault
    self.captured = captured
  }
}

/// The pictures that nobody uses at the moment.
final class EncodedPictureStore: Sendable {
  private let free = Mutex<[EncodedPicture]>([])

  func take() -> EncodedPicture { free.withLock { $0.popLast() } ?? EncodedPicture() }
  func giveBack(_ picture: EncodedPicture) { free.withLock { $0.append(picture) } }
}
