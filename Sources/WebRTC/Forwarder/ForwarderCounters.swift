/// What the forwarder counts, besides what each peer does.
public struct ForwarderCounters: Equatable, Sendable {
  /// Datagrams that are none of STUN, DTLS, RTP and RTCP.
  public var garbage = 0
  /// STUN that cannot be read.
  public var malformedSTUN = 0
  /// STUN for a user name that no peer has.
  public var strangerSTUN = 0
  /// DTLS, RTP and RTCP from addresses that no check has proved.
  public var strangers = 0
  /// Complete frames of peers whose picture is routed to the box.
  public var videoFramesReceived = 0
  /// Of peers that are gone.
  var gone = PeerCounters()

  public init() {}
}
