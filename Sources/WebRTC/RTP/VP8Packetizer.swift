import Linux

/// Cuts one encoded VP8 frame into RTP payloads of nearly equal size (RFC 7741 section 4.4), written straight into packets.
public struct VP8Packetizer {
  /// The longest payload that fits the path with headers, SRTP and RTX's two bytes on top.
  public static let longestPayload = 1120

  private let frame: PacketView
  private var descriptor: VP8Descriptor
  private var offset = 0
  private var packetsLeft: Int

  /// - Parameters:
  ///   - frame: valid until the last call of `next`.
  ///   - descriptor: picture id and layers; the start bit is set here.
  ///   - longestPayload: descriptor included, in bytes.
  public init(frame: PacketView, descriptor: VP8Descriptor, longestPayload: Int = longestPayload) {
    self.frame = frame
    self.descriptor = descriptor
    self.descriptor.startsPartition = true
    self.descriptor.partition = 0
    let room = max(1, longestPayload - descriptor.length)
    packetsLeft = (frame.count + room - 1) / room
  }

  /// How many packets are still to come.
  public var remaining: Int { packetsLeft }

  /// Writes the next payload; `remaining` is 0 after the last, whose packet carries the marker.
  /// - Returns: its length; nil after the last one, or if `view` is too short.
  public mutating func next(into view: PacketView) -> Int? {
    guard packetsLeft > 0, let head = descriptor.write(into: view) else { return nil }
    let left = frame.count - offset
    let length = (left + packetsLeft - 1) / packetsLeft
    guard let part = frame.slice(offset, length), view.copy(UnsafeRawBufferPointer(part.raw), to: head) else {
      return nil
    }
    offset += length
    packetsLeft -= 1
    descriptor.startsPartition = false
    return head + length
  }
}
