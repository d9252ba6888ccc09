@testable import WebRTC

extension SRTPKeys {
  /// The keys as the other side has them.
  var swapped: SRTPKeys { SRTPKeys(profile: profile, local: remote, remote: local) }
}
