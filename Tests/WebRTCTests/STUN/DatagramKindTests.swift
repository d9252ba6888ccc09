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

  /// First bytes, zeros after them, and what that is.
  private struct Short: Sendable {
    var first: [UInt8]
    var zeros: Int
    var expected: DatagramKind
  }
  private static let shortOnes: [Short] = [
    Short(first: [], zeros: 0, expected: .unknown),
    Short(first: [], zeros: 1, expected: .unknown),
    Short(first: [0x80], zeros: 0, expected: .unknown),
    Short(first: [0, 1], zeros: 17, expected: .unknown),
    Short(first: [0, 1], zeros: 18, expected: .stun),
    Short(first: [22], zeros: 11, expected: .unknown),
    Short(first: [22], zeros: 12, expected: .dtls),
    Short(first: [0x80, 96], zeros: 9, expected: .unknown),
    Short(first: [0x80, 96], zeros: 10, expected: .rtp),
    Short(first: [0x80, 201], zeros: 5, expected: .unknown),
    Short(first: [0x80, 201], zeros: 6, expected: .rtcp),
  ]

  @Test(arguments: shortOnes)
  private func lengthDecidesToo(_ row: Short) {
    #expect(kind(row.first + [UInt8](repeating: 0, count: row.zeros)) == row.expected)
  }

  private func kind(_ datagram: [UInt8]) -> DatagramKind { withPacket(datagram) { DatagramKind.classify($0) } }
}
