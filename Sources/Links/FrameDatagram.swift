import Linux

/// The layout of the bytes in a slot of the frame ring.
public enum PixelFormat: UInt32, Sendable, CaseIterable {
  /// Planar YUV 4:2:0, planes without padding.
  case i420 = 1
  case yuyv = 2
  case nv12 = 3
  case mjpeg = 4
}

/// "Slot n of the frame ring holds a new frame": supervisor to media, one fixed-size datagram for each frame. The reader
/// sends ``FrameReleased`` when it is done with the slot.
public struct FrameReady: Sendable, Equatable {
  public static let bytes = 40

  public var slot: UInt32
  public var format: PixelFormat
  public var width: UInt32
  public var height: UInt32
  /// Bytes in use, from the start of the slot.
  public var length: UInt32
  /// Counts every captured frame, also those that found no free slot.
  public var sequence: UInt32
  /// When the sensor had the picture, on the monotonic clock.
  public var captured: MonotonicTime

  public init(
    slot: UInt32, format: PixelFormat, width: UInt32, height: UInt32, length: UInt32, sequence: UInt32,
    captured: MonotonicTime
  ) {
    self.slot = slot
    self.format = format
    self.width = width
    self.height = height
    self.length = length
    self.sequence = sequence
    self.captured = captured
  }

  /// Writes the datagram; false if `view` is shorter than ``bytes``.
  public func write(to view: PacketView) -> Bool {
    var writer = ByteWriter(view)
    for word in [slot, format.rawValue, width, height, length, sequence] { writer.put(word) }
    writer.put(captured.microseconds)
    writer.put(UInt64(0))
    return !writer.overflowed
  }

  /// Nil for a datagram of another length or with an unknown format.
  public init?(_ view: PacketView) {
    guard view.count == Self.bytes, let slot = view.u32(0),
      let format = view.u32(4).flatMap(PixelFormat.init(rawValue:)),
      let width = view.u32(8), let height = view.u32(12), let length = view.u32(16), let sequence = view.u32(20),
      let captured = view.integer(24, as: Int64.self)
    else { return nil }
    self.init(
      slot: slot, format: format, width: width, height: height, length: length, sequence: sequence,
      captured: MonotonicTime(microseconds: captured))
  }
}

/// "Slot n may be used again": media to supervisor, 4 bytes big-endian.
public struct FrameReleased: Sendable, Equatable {
  public static let bytes = 4
  public var slot: UInt32
  public init(slot: UInt32) { self.slot = slot }
  public func write(to view: PacketView) -> Bool { view.count >= Self.bytes && view.set(0, slot) }
  public init?(_ view: PacketView) {
    guard view.count == Self.bytes, let slot = view.u32(0) else { return nil }
    self.slot = slot
  }
}
