import Linux
import TestSupport
import Testing

@testable import WebRTC

/// The published vectors are for session keys, which libsrtp derives and never takes. So each vector is first shown to hold for
/// the reference, then the wrapper is shown to equal the reference on the very same packets.
@Suite struct SRTPVectorTests {
  /// RFC 3711 appendix B.2.
  @Test(arguments: [
    (
      0x0000 as UInt16,
      "e03ead0935c95e80e166b16dd92b4eb4 d23513162b02d0f72a43a2fe4a5f97ab 41e95b3bb0a2e8dd477901e4fca894c0"
    ),
    (0xfeff, "ec8cdf7398607cb0f2d21675ea9ea1e4 362b7c3c6773516318a077d7fc5073ae 6a2cc3787889374fbeb4c81b17ba6c44"),
  ])
  func counterModeKeystream(counter: UInt16, expected: String) {
    let key = [UInt8](hex: "2b7e151628aed2a6abf7158809cf4f3c")
    let salt = [UInt8](hex: "f0f1f2f3f4f5f6f7f8f9fafbfcfd")
    let block = salt + [UInt8(counter >> 8), UInt8(counter & 255)]
    let expected = [UInt8](hex: expected)
    #expect(ReferenceSRTP.keystream(key: key, counter: block, length: 48) == expected)
    // SSRC and index are zero in B.2, so the packet's counter block is the salt.
    if counter == 0 {
      let zeros = [UInt8](repeating: 0, count: 48)
      #expect(ReferenceSRTP.counterMode(zeros, key: key, salt: salt, ssrc: 0, index: 0) == expected)
    }
  }

  /// RFC 3711 appendix B.3.
  static let master = [UInt8](hex: "e1f97a0d3e018be0d64fa32c06de4139 0ec675ad498afeebb6960b3aabe6")

  @Test(arguments: [
    (0 as UInt8, "c61e7a93744f39ee10734afe3ff7a087"),
    (2, "30cbbc08863d8c85d49db34a9ae1"),
    (
      1,
      """
      cebe321f6ff7716b6fd4ab49af256a15 6d38baa48f0a0acf3c34e2359e6cdbce e049646c43d9327ad175578ef7227098
      6371c10c9a369ac2f94a8c5fbcdddc25 6d6e919a48b610ef17c2041e47403576 6b68642c59bbfc2f34db60dbdfb2
      """
    ),
  ])
  func keyDerivation(label: UInt8, expected: String) {
    let expected = [UInt8](hex: expected)
    #expect(ReferenceSRTP.derive(Self.master, label: label, length: expected.count) == expected)
  }

  static let gcmKey = [UInt8](hex: "000102030405060708090a0b0c0d0e0f")
  static let gcmSalt = [UInt8](hex: "517569642070726f2071756f")
  /// RFC 7714 section 16: "Gallia est omnis divisa in partes tres".
  static let rtp = [UInt8](
    hex: "8040f17b8041f8d35501a0b2 47616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573")
  /// RFC 7714 section 17.
  static let rtcp = [UInt8](
    hex: "81c8000d4d617273 4e5450314e545032525450200000042a0000e9304c756e61deadbeefdeadbeefdeadbeefdeadbeefdeadbeef")

  /// RFC 7714 section 16.1.1.
  @Test func gcmOfAnRTPPacket() {
    let expected = [UInt8](
      hex: """
        8040f17b8041f8d35501a0b2 f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833
        899d7f27beb16a9152cf765ee4390cce
        """)
    #expect(
      ReferenceSRTP.protectRTP(Self.rtp, gcmKey: Self.gcmKey, salt: Self.gcmSalt, rollover: 0) == expected)
  }

  /// RFC 7714 section 17.1.
  @Test func gcmOfAnRTCPPacket() {
    let expected = [UInt8](
      hex: """
        81c8000d4d617273 63e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded0bb9275b
        c84aa45896cf4d2fc5abf87245d9eade 800005d4
        """)
    #expect(
      ReferenceSRTP.protectRTCP(Self.rtcp, gcmKey: Self.gcmKey, salt: Self.gcmSalt, index: 0x5d4) == expected)
  }

  static func sessions(_ profile: SRTPProfile) throws -> (local: SRTPSession, master: [UInt8]) {
    let master = profile == .aeadAES128GCM ? gcmKey + gcmSalt : Self.master
    let keys = SRTPKeys(profile: profile, local: master, remote: master)
    return (try SRTPSession(keys: keys), master)
  }

  @Test func theWrapperAgreesOnRTP() throws {
    for profile in SRTPProfile.allCases {
      let (session, master) = try Self.sessions(profile)
      let buffer = PacketBuffer(Self.rtp, room: profile.rtpOverhead)
      let length = try session.protectRTP(buffer.view, length: Self.rtp.count)
      let expected =
        switch profile {
        case .aeadAES128GCM:
          ReferenceSRTP.protectRTP(
            Self.rtp, gcmKey: ReferenceSRTP.derive(master, label: 0, length: 16),
            salt: ReferenceSRTP.derive(master, label: 2, length: 12), rollover: 0)
        case .aes128CMSHA1With80BitTag:
          ReferenceSRTP.protectRTP(Self.rtp, counterModeMaster: master, rollover: 0)
        }
      #expect(buffer.bytes(length) == expected, "\(profile)")
      let received = PacketBuffer(expected)
      #expect(try received.bytes(session.unprotectRTP(received.view)) == Self.rtp, "\(profile)")
    }
  }

  @Test func theWrapperAgreesOnRTCP() throws {
    for profile in SRTPProfile.allCases {
      let (session, master) = try Self.sessions(profile)
      // libsrtp's first index is 1.
      for index in 1...3 as ClosedRange<UInt32> {
        let buffer = PacketBuffer(Self.rtcp, room: profile.rtcpOverhead)
        let length = try session.protectRTCP(buffer.view, length: Self.rtcp.count)
        let expected =
          switch profile {
          case .aeadAES128GCM:
            ReferenceSRTP.protectRTCP(
              Self.rtcp, gcmKey: ReferenceSRTP.derive(master, label: 3, length: 16),
              salt: ReferenceSRTP.derive(master, label: 5, length: 12), index: index)
          case .aes128CMSHA1With80BitTag:
            ReferenceSRTP.protectRTCP(Self.rtcp, counterModeMaster: master, index: index)
          }
        #expect(buffer.bytes(length) == expected, "\(profile) \(index)")
        let received = PacketBuffer(expected)
        #expect(try received.bytes(session.unprotectRTCP(received.view)) == Self.rtcp, "\(profile) \(index)")
      }
    }
  }

  /// The rollover counter counts in the index (RFC 3711 section 3.3.1).
  @Test(arguments: SRTPProfile.allCases) func sequenceNumbersRollOver(profile: SRTPProfile) throws {
    let (session, master) = try Self.sessions(profile)
    for (sequence, rollover) in [(0xfffe, 0), (0xffff, 0), (0, 1), (1, 1)] as [(UInt16, UInt32)] {
      var packet = Self.rtp
      packet[2] = UInt8(sequence >> 8)
      packet[3] = UInt8(sequence & 255)
      let buffer = PacketBuffer(packet, room: profile.rtpOverhead)
      let length = try session.protectRTP(buffer.view, length: packet.count)
      let expected =
        switch profile {
        case .aeadAES128GCM:
          ReferenceSRTP.protectRTP(
            packet, gcmKey: ReferenceSRTP.derive(master, label: 0, length: 16),
            salt: ReferenceSRTP.derive(master, label: 2, length: 12), rollover: rollover)
        case .aes128CMSHA1With80BitTag:
          ReferenceSRTP.protectRTP(packet, counterModeMaster: master, rollover: rollover)
        }
      #expect(buffer.bytes(length) == expected, "\(sequence)")
      let received = PacketBuffer(expected)
      #expect(try received.bytes(session.unprotectRTP(received.view)) == packet)
    }
  }
}
