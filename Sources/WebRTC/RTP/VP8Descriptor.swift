import Linux

/// The VP8 payload descriptor (RFC 7741 section 4.2).
public struct VP8Descriptor: Equatable, Sendable {
  /// N: no other frame refers to this one.
  public var isDiscardable = false
  /// S: a VP8 partition starts here.
  public var startsPartition = false
  /// PID, 0 to 7.
  public var partition: UInt8 = 0
  /// 15 bits, or 7 if `hasShortPictureID`.
  public var pictureID: UInt16?
  public var hasShortPictureID = false
  /// TL0PICIDX.
  public var baseLayerIndex: UInt8?
  /// TID, 0 to 3.
  public var temporalLayer: UInt8?
  /// Y: refers to the base layer alone.
  public var refersToBaseOnly = false
  /// KEYIDX, 0 to 31.
  public var keyFrameIndex: UInt8?

  public init() {}

  /// Whether the packet is the first of its frame.
  public var startsFrame: Bool { startsPartition && partition == 0 }

  /// The length of this descriptor in bytes, 1 to 6.
  public var length: Int {
    var optional = pictureID == nil ? 0 : (hasShortPictureID ? 1 : 2)
    if baseLayerIndex != nil { optional += 1 }
    if temporalLayer != nil || keyFrameIndex != nil { optional += 1 }
    return optional == 0 ? 1 : 2 + optional
  }

  /// Reads the descriptor at the start of a payload; nil if it is cut.
  /// - Returns: the descriptor, and how many bytes it took.
  public static func parse(_ payload: PacketView) -> (descriptor: VP8Descriptor, length: Int)? {
    var reader = ByteReader(payload)
    guard let first = reader.u8() else { return nil }
    var descriptor = VP8Descriptor()
    descriptor.isDiscardable = first & 0x20 != 0
    descriptor.startsPartition = first & 0x10 != 0
    descriptor.partition = first & 0x07
    guard first & 0x80 != 0 else { return (descriptor, 1) }
    guard let flags = reader.u8() else { return nil }
    if flags & 0x80 != 0 {
      guard let high = reader.u8() else { return nil }
      if high & 0x80 != 0 {
        guard let low = reader.u8() else { return nil }
        descriptor.pictureID = UInt16(high & 0x7f) << 8 | UInt16(low)
      } else {
        descriptor.pictureID = UInt16(high)
        descriptor.hasShortPictureID = true
      }
    }
    if flags & 0x40 != 0 {
      guard let index = reader.u8() else { return nil }
      descriptor.baseLayerIndex = index
    }
    if flags & 0x30 != 0 {
      guard let byte = reader.u8() else { return nil }
      if flags & 0x20 != 0 {
        descriptor.temporalLayer = byte >> 6
        descriptor.refersToBaseOnly = byte & 0x20 != 0
      }
      if flags & 0x10 != 0 { descriptor.keyFrameIndex = byte & 0x1f }
    }
    return (descriptor, reader.position)
  }

  /// Writes the descriptor; for a forwarder also in place of one of the same form.
  /// - Returns: the length written; nil if it does not fit.
  @discardableResult
  public func write(into view: PacketView) -> Int? {
    guard length <= view.count else { return nil }
    var writer = ByteWriter(view)
    var flags: UInt8 = 0
    if pictureID != nil { flags |= 0x80 }
    if baseLayerIndex != nil { flags |= 0x40 }
    if temporalLayer != nil { flags |= 0x20 }
    if keyFrameIndex != nil { flags |= 0x10 }
    writer.put(
      (flags == 0 ? 0 : 0x80) | (isDiscardable ? 0x20 : 0) | (startsPartition ? 0x10 : 0) | partition & 0x07)
    guard flags != 0 else { return 1 }
    writer.put(flags)
    if let pictureID {
      if hasShortPictureID {
        writer.put(UInt8(truncatingIfNeeded: pictureID & 0x7f))
      } else {
        writer.put(0x8000 | pictureID & 0x7fff)
      }
    }
    if let baseLayerIndex { writer.put(baseLayerIndex) }
    if flags & 0x30 != 0 {
      let layer = (temporalLayer ?? 0) << 6
      writer.put(layer | (refersToBaseOnly ? 0x20 : 0) | (keyFrameIndex ?? 0) & 0x1f)
    }
    return writer.overflowed ? nil : writer.position
  }
}

/// What a VP8 frame says about itself in its first bytes (RFC 6386 section 9.1).
public enum VP8Frame {
  /// Whether the frame that starts here is a key frame.
  public static func isKeyFrame(_ frame: PacketView) -> Bool { frame.u8(0).map { $0 & 1 == 0 } ?? false }

  /// The picture's size in pixels; nil if this does not start a key frame.
  public static func size(_ frame: PacketView) -> (width: Int, height: Int)? {
    guard isKeyFrame(frame), frame.u8(3) == 0x9d, frame.u8(4) == 0x01, frame.u8(5) == 0x2a,
      let (w0, w1, h0, h1) = four(frame)
    else { return nil }
    return (Int(w1 & 0x3f) << 8 | Int(w0), Int(h1 & 0x3f) << 8 | Int(h0))
  }

  private static func four(_ frame: PacketView) -> (UInt8, UInt8, UInt8, UInt8)? {
    guard let a = frame.u8(6), let b = frame.u8(7), let c = frame.u8(8), let d = frame.u8(9) else { return nil }
    return (a, b, c, d)
  }
}
