import CSRTP
import Linux

/// Protects and opens RTP and RTCP in place with the keys of one DTLS association (RFC 3711, RFC 7714). libsrtp owns rollover
/// counters and replay windows, one for each SSRC.
public final class SRTPSession {
  public let profile: SRTPProfile
  private let outbound: srtp_t
  private let inbound: srtp_t
  /// The SSRCs that passed authentication so far. A signed-in peer must not be able to grow libsrtp's list without end.
  private var streams: [UInt32] = []

  /// How many SSRCs of one peer are accepted.
  public static let maximumStreams = 64
  /// Packets that may come late before they count as replayed; wide, because retransmissions on one SSRC come late.
  private static let replayWindow: UInt = 1024

  /// `srtp_init` once for the process. Where libsrtp stands on NSS, each cipher starts that library and the last one stops it,
  /// which costs milliseconds and crashes while another thread uses it: a session that nobody uses keeps it running for ever.
  private static let library: srtp_err_status_t = {
    let status = srtp_init()
    guard status == srtp_err_status_ok else { return status }
    let profile = SRTPProfile.aes128CMSHA1With80BitTag
    let key = [UInt8](repeating: 0, count: profile.keyLength + profile.saltLength)
    do {
      _ = try create(profile, key, ssrc_any_outbound)
      return status
    } catch {
      return srtp_err_status_init_fail
    }
  }()

  /// Sets the library up ahead of the first session. Its self-tests take tens of milliseconds, which a first call would feel.
  public static func prepare() { _ = library }

  public init(keys: SRTPKeys) throws(SRTPError) {
    guard Self.library == srtp_err_status_ok else { throw .setUp(Int32(Self.library.rawValue)) }
    profile = keys.profile
    streams.reserveCapacity(Self.maximumStreams)
    outbound = try Self.create(keys.profile, keys.local, ssrc_any_outbound)
    do {
      inbound = try Self.create(keys.profile, keys.remote, ssrc_any_inbound)
    } catch {
      srtp_dealloc(outbound)
      throw error
    }
  }

  deinit {
    srtp_dealloc(outbound)
    srtp_dealloc(inbound)
  }

  private static func create(
    _ profile: SRTPProfile, _ key: [UInt8], _ direction: srtp_ssrc_type_t
  ) throws(SRTPError) -> srtp_t {
    let expected = profile.keyLength + profile.saltLength
    guard key.count == expected else { throw .keyLength(expected: expected, actual: key.count) }
    var policy = srtp_policy_t()
    switch profile {
    case .aes128CMSHA1With80BitTag:
      srtp_crypto_policy_set_rtp_default(&policy.rtp)
      srtp_crypto_policy_set_rtcp_default(&policy.rtcp)
    case .aeadAES128GCM:
      srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp)
      srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp)
    }
    policy.ssrc.type = direction
    policy.window_size = replayWindow
    var session: srtp_t?
    var material = key
    let status = material.withUnsafeMutableBufferPointer { buffer in
      policy.key = buffer.baseAddress
      return srtp_create(&session, &policy)
    }
    guard status == srtp_err_status_ok, let session else { throw .setUp(Int32(status.rawValue)) }
    return session
  }

  /// Protects the RTP packet in the first `length` bytes of `view`, which must have room for `profile.rtpOverhead` more.
  /// - Returns: the protected length.
  public func protectRTP(_ view: PacketView, length: Int) throws(SRTPError) -> Int {
    guard length >= 12 else { throw .malformed }
    guard length <= view.count - profile.rtpOverhead else { throw .noRoom }
    var size = Int32(length)
    try Self.check(srtp_protect(outbound, view.raw.baseAddress, &size))
    return Int(size)
  }

  /// Protects the RTCP compound in the first `length` bytes of `view`, which must have room for `profile.rtcpOverhead` more.
  /// - Returns: the protected length.
  public func protectRTCP(_ view: PacketView, length: Int) throws(SRTPError) -> Int {
    guard length >= 8 else { throw .malformed }
    guard length <= view.count - profile.rtcpOverhead else { throw .noRoom }
    var size = Int32(length)
    try Self.check(srtp_protect_rtcp(outbound, view.raw.baseAddress, &size))
    return Int(size)
  }

  /// Opens a received SRTP packet in place.
  /// - Returns: the length of the plain packet.
  public func unprotectRTP(_ view: PacketView) throws(SRTPError) -> Int {
    guard view.count >= 12 + profile.rtpOverhead, let ssrc = view.u32(8) else { throw .malformed }
    return try unprotect(view, ssrc, srtp_unprotect)
  }

  /// Opens a received SRTCP packet in place.
  /// - Returns: the length of the plain compound.
  public func unprotectRTCP(_ view: PacketView) throws(SRTPError) -> Int {
    guard view.count >= 8 + profile.rtcpOverhead, let ssrc = view.u32(4) else { throw .malformed }
    return try unprotect(view, ssrc, srtp_unprotect_rtcp)
  }

  private func unprotect(
    _ view: PacketView, _ ssrc: UInt32,
    _ open: (srtp_t?, UnsafeMutableRawPointer?, UnsafeMutablePointer<Int32>?) -> srtp_err_status_t
  ) throws(SRTPError) -> Int {
    let known = streams.contains(ssrc)
    guard known || streams.count < Self.maximumStreams else { throw .tooManyStreams }
    var size = Int32(truncatingIfNeeded: view.count)
    try Self.check(open(inbound, view.raw.baseAddress, &size))
    if !known { streams.append(ssrc) }
    return Int(size)
  }

  private static func check(_ status: srtp_err_status_t) throws(SRTPError) {
    switch status {
    case srtp_err_status_ok: return
    case srtp_err_status_auth_fail: throw .authentication
    case srtp_err_status_replay_fail, srtp_err_status_replay_old, srtp_err_status_pkt_idx_old: throw .replayed
    case srtp_err_status_bad_param, srtp_err_status_parse_err: throw .malformed
    case srtp_err_status_key_expired: throw .keyExpired
    default: throw .other(Int32(status.rawValue))
    }
  }
}
