import Linux
import WebRTC

extension FuzzTarget {
  /// Descriptors survive being written again. The same bytes, cut into packets, go through the frame assembler: its frames are
  /// as long as they say, and come in order.
  static let vp8 = FuzzTarget(
    "vp8",
    seeds: {
      // Each packet: how far its number is ahead, timestamp, marker, length, payload.
      let whole: [[UInt8]] = [
        [1, 0, 0, 8, 0x90, 0x80, 0x80, 1, 0x10, 2, 3, 4], [1, 0, 1, 6, 0x80, 0x80, 0x80, 1, 5, 6],
        [2, 1, 1, 6, 0x90, 0x80, 0x80, 2, 0x11, 6], [255, 1, 0, 6, 0x90, 0x80, 0x80, 2, 0x11, 6],
      ]
      return [whole.flatMap { $0 }, [UInt8](repeating: 0, count: 4), [0x90, 0xf0, 0xff, 0xff, 1, 0xb5, 0x10, 0x9d]]
    },
    run: { view in
      if let (descriptor, length) = VP8Descriptor.parse(view) {
        if length > view.count { return "a descriptor longer than its payload" }
        let slab = PacketSlab(slots: 1, slotBytes: 8)
        guard let slot = slab[0], let written = descriptor.write(into: slot),
          let again = slot.prefix(written).flatMap(VP8Descriptor.parse), again.descriptor == descriptor
        else { return "a descriptor changes when it is written" }
      }
      _ = VP8Frame.size(view)
      return complaintAboutFrames(view)
    })

  private static func complaintAboutFrames(_ view: PacketView) -> String? {
    let assembler = VP8FrameAssembler(capacity: 16, keepsPayload: true)
    let slab = PacketSlab(slots: 2, slotBytes: 300)
    guard let slot = slab[0] else { return "no slot" }
    var reader = ByteReader(view)
    var sequence: UInt16 = 65_530
    var last: UInt16?
    while let step = reader.u8(), let time = reader.u8(), let marker = reader.u8(), let length = reader.u8(),
      let payload = reader.take(min(Int(length), reader.remaining))
    {
      sequence &+= UInt16(bitPattern: Int16(Int8(bitPattern: step)))
      let header = RTPHeader(
        payloadType: 96, marker: marker & 1 != 0, sequence: sequence, timestamp: UInt32(time), ssrc: 1)
      guard let start = RTPWriter.write(header, into: slot),
        slot.copy(UnsafeRawBufferPointer(payload.raw), to: start),
        let packet = slot.prefix(start + payload.count).flatMap(RTPPacket.init)
      else { return "our own packet is malformed" }
      assembler.insert(packet)
      while let frame = assembler.nextFrame() {
        if let last, !frame.firstSequence.isNewer(than: last) { return "frames out of order" }
        last = frame.firstSequence
        let room = PacketSlab(slots: 1, slotBytes: max(1, frame.length))
        guard let place = room[0], assembler.copyFrame(into: place) == frame.length else {
          return "a frame is not as long as it says"
        }
      }
    }
    return nil
  }
}
