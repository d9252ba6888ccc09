import WebRTC

extension MediaPlane {
  /// The numbers of this process for `fieldbox status`.
  var counters: [String: Int] {
    let plane = forwarder.counters
    let peers = forwarder.peerCounters
    let sound = speaker.statistics
    return [
      "peers": forwarder.peers.count,
      "datagrams.garbage": plane.garbage,
      "datagrams.strangers": plane.strangers,
      "datagrams.truncated": socket.truncated,
      "datagrams.unsent": socket.unsent &+ out.dropped,
      "stun.malformed": plane.malformedSTUN &+ peers.malformedSTUN,
      "stun.wrongCredentials": plane.strangerSTUN &+ peers.wrongCredentials,
      "srtp.early": peers.early,
      "srtp.replayed": peers.replayed,
      "srtp.tampered": peers.tampered,
      "rtp.malformed": peers.malformedRTP,
      "rtp.unknownPayloadType": peers.unknownPayloadType,
      "rtp.received": peers.packetsReceived,
      "rtp.sent": peers.packetsSent,
      "rtp.lostBefore": peers.lostBefore,
      "rtp.lostBehind": peers.lostBehind,
      "rtp.retransmitted": peers.retransmitted,
      "rtcp.malformed": peers.malformedRTCP,
      "video.encoded": camera.pictures,
      "video.keyFrames": camera.keyFrames,
      "video.failed": camera.failures,
      "video.faultPictures": camera.faultPictures,
      "video.ageMedianMicroseconds": camera.ages.microseconds(0.5),
      "video.ageP99Microseconds": camera.ages.microseconds(0.99),
      "video.keyFramesAsked": peers.keyFramesAsked,
      "videoFramesReceived": plane.videoFramesReceived,
      "frames.refused": camera.refused,
      "links.waiting": (controlLink?.waitingMessages ?? 0) &+ (serverLink?.waitingMessages ?? 0),
      "links.refused": (controlLink?.refused ?? 0) &+ (serverLink?.refused ?? 0),
      "microphone.missed": microphone.missed,
      "microphone.refused": microphone.refused,
      "microphone.ageMedianMicroseconds": microphone.ages.microseconds(0.5),
      "microphone.ageP99Microseconds": microphone.ages.microseconds(0.99),
      "microphone.echoJumps": microphone.echoJumps,
      "speaker.dropped": speaker.dropped,
      "speaker.ageMedianMicroseconds": speaker.ages.microseconds(0.5),
      "speaker.ageP99Microseconds": speaker.ages.microseconds(0.99),
      "speaker.jitterMicroseconds": Int(speaker.jitter.microseconds),
      "speaker.refused": speaker.refused,
      "speaker.late": Int(clamping: sound.late),
      "speaker.concealed": Int(clamping: sound.concealedPackets),
      "speaker.recovered": Int(clamping: sound.recovered),
    ]
  }
}
