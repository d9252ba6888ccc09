import Linux
import TestSupport
import Testing

@testable import WebRTC

@Suite struct OpusPayloadTests {
  /// Table 2 of RFC 6716, and the four codes of section 3.2.
  @Test(
    arguments: [
      ([0 << 3], 480), ([1 << 3], 960), ([2 << 3], 1920), ([3 << 3], 2880), ([9 << 3], 960),
      ([12 << 3], 480), ([13 << 3], 960), ([14 << 3], 480), ([15 << 3], 960),
      ([16 << 3], 120), ([17 << 3], 240), ([18 << 3], 480), ([31 << 3], 960),
      ([31 << 3 | 1], 1920), ([31 << 3 | 2], 1920), ([31 << 3 | 3, 6], 5760), ([31 << 3 | 3, 7], nil),
      ([3 << 3 | 3, 0x82], 5760), ([3 << 3 | 3, 3], nil), ([31 << 3 | 3, 0], nil), ([31 << 3 | 3], nil), ([], nil),
    ] as [([UInt8], Int?)])
  func samples(packet: [UInt8], expected: Int?) {
    #expect(OpusPayload.samples(PacketBuffer(packet).view) == expected)
  }

  /// The flag stands behind one voice activity bit for each 20 ms of each channel.
  @Test(
    arguments: [
      ([9 << 3, 0b0100_0000], true), ([9 << 3, 0b1000_0000], false),
      // 40 ms: two activity bits first. 60 ms: three.
      ([10 << 3, 0b0010_0000], true), ([10 << 3, 0b0100_0000], false), ([11 << 3, 0b0001_0000], true),
      // Stereo: the second channel's flag follows the same way.
      ([9 << 3 | 4, 0b0001_0000], true), ([9 << 3 | 4, 0b0010_0000], false),
      // Two frames: the first decides. Code 2 has a length in front.
      ([9 << 3 | 1, 0b0100_0000], true), ([9 << 3 | 2, 10, 0b0100_0000], true), ([9 << 3 | 2, 0b0100_0000, 0], false),
      // CELT has none; nor has what is cut.
      ([31 << 3, 0xff], false), ([9 << 3], false), ([], false), ([9 << 3 | 3, 1, 0xff], false),
    ] as [([UInt8], Bool)])
  func forwardErrorCorrection(packet: [UInt8], expected: Bool) {
    #expect(OpusPayload.hasForwardErrorCorrection(PacketBuffer(packet).view) == expected)
  }
}
