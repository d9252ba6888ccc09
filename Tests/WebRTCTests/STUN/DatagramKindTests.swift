import Linux
import TestSupport
import Testing

@testable import WebRTC

@Suite struct DatagramKindTests {
  /// All first bytes, as RFC 7983 section 7 divides them.
  @Test func firstByte() {
    for first in UInt8.min...UInt8.max {
      let expected: DatagramKind =
        switch first {
        case 0...3: .stun
        case 20...63: .dtls
        case 128...191: .rtp
        default: .unknown
        }
      #expect(kind([first, 0x60] + Array(repeating: 0, count: 30)) == expected, "\(first)")
    }
  }

  /// RTCP's packet types (RFC 5761 section 4) have RTP's payload types around them.
  @Test(arguments: [
    (UInt8(96), DatagramKind.rtp), (224, .rtp), (191, .rtp), (192, .rtcp), (200, .rtcp), (206, .rtcp), (223, .rtcp),
  ])
  func secondByte(_ second: UInt8, _ expected: DatagramKind) {
    #expect(kind([0x80, second] + Array(repeating: 0, count: 10)) == expected)
  }

  @Test(arguments: [
    ([UInt8](), DatagramKind.unknown), ([0], .unknown), ([0x80], .unknown),
    ([0, 1] + Array(repeating: 0, count: 17), .unknown), ([0, 1] + Array(repeating: 0, count: 18), .stun),
    ([22] + Array(repeating: 0, count: 11), .unknown), ([22] + Array(repeating: 0, count: 12), .dtls),
    ([0x80, 96] + Array(repeating: 0, count: 9), .unknown), ([0x80, 96] + Array(repeating: 0, count: 10), .rtp),
    ([0x80, 201] + Array(repeating: 0, count: 5), .unknown), ([0x80, 201] + Array(repeating: 0, count: 6), .rtcp),
  ])
  func shortOnes(_ datagram: [UInt8], _ expected: DatagramKind) {
    #expect(kind(datagram) == expected)
  }

  private func kind(_ datagram: [UInt8]) -> DatagramKind { withPacket(datagram) { DatagramKind.classify($0) } }
}
