/// An SRTP protection profile, by its number in use_srtp (RFC 5764 section 4.1.2, RFC 7714 section 14.2).
public enum SRTPProfile: UInt16, Sendable, CaseIterable {
  case aes128CMSHA1With80BitTag = 0x0001
  case aeadAES128GCM = 0x0007

  /// The master key in bytes.
  public var keyLength: Int { 16 }
  /// The master salt in bytes.
  public var saltLength: Int {
    switch self {
    case .aes128CMSHA1With80BitTag: 14
    case .aeadAES128GCM: 12
    }
  }
  /// What protecting adds to an RTP packet, in bytes.
  public var rtpOverhead: Int {
    switch self {
    case .aes128CMSHA1With80BitTag: 10
    case .aeadAES128GCM: 16
    }
  }
  /// What protecting adds to an RTCP packet: the tag and the index.
  public var rtcpOverhead: Int { rtpOverhead + 4 }

  var openSSLName: String {
    switch self {
    case .aes128CMSHA1With80BitTag: "SRTP_AES128_CM_SHA1_80"
    case .aeadAES128GCM: "SRTP_AEAD_AES_128_GCM"
    }
  }
}

/// The master keys that a DTLS handshake yields, each followed by its salt. They print as dots.
public struct SRTPKeys: Equatable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  public let profile: SRTPProfile
  /// Protects what we send.
  let local: [UInt8]
  /// Protects what we receive.
  let remote: [UInt8]

  /// - Parameters:
  ///   - local: master key and salt of our direction, `profile.keyLength + profile.saltLength` bytes.
  ///   - remote: the same of the peer's.
  public init(profile: SRTPProfile, local: [UInt8], remote: [UInt8]) {
    self.profile = profile
    self.local = local
    self.remote = remote
  }

  public var description: String { "SRTPKeys(\(profile), ••••)" }
  public var debugDescription: String { description }
  public var customMirror: Mirror { Mirror(self, children: []) }
}
