import Linux
import WebRTC

extension FuzzTarget {
  /// What is read can be written, and reads the same again; an answer to any offer has its m-lines and can be read.
  static let sdp = FuzzTarget(
    "sdp", seeds: { [Array(example.utf8)] },
    run: { view in
      guard let description = try? SessionDescription.parse(String(decoding: view.array, as: UTF8.self)) else {
        return nil
      }
      do {
        let again = try SessionDescription.parse(description.description)
        if again != description { return "reads differently when written and read again" }
      } catch {
        return "cannot be read again: \(error)"
      }
      _ = try? builder.negotiate(answer: description)
      guard let (answer, settled) = try? builder.answer(to: description) else { return nil }
      if answer.media.count != description.media.count || settled.sections.count != description.media.count {
        return "\(description.media.count) m-lines are answered with \(answer.media.count)"
      }
      do {
        if try SessionDescription.parse(answer.description) != answer { return "the answer reads differently" }
      } catch {
        return "the answer cannot be read: \(error)"
      }
      return nil
    })

  private static let builder: DescriptionBuilder = {
    let credentials = ICECredentials(ufrag: "ABCDEFGH", password: "abcdefghijklmnopqrstuvwx")
    let transport = LocalTransport(
      credentials: credentials, fingerprint: Fingerprint(algorithm: "sha-256", value: "AA:BB"),
      addresses: [SocketAddress(ipv4: 0xc0a8_0401, port: 5000)])
    let msid = MediaStreamID(stream: "box", track: "camera")
    return DescriptionBuilder(
      transport: transport,
      sections: [
        LocalSection(kind: .audio, mid: "0", ssrc: 1, cname: "box", msid: msid),
        LocalSection(kind: .video, mid: "1", ssrc: 2, rtxSSRC: 3, cname: "box", msid: msid),
      ], sessionID: 1)
  }()

  /// Short, so that a mutation hits something that matters; the descriptions of browsers are in the tests of WebRTC.
  private static let example = """
    v=0
    o=- 4611 2 IN IP4 127.0.0.1
    s=-
    t=0 0
    a=group:BUNDLE 0 1 2
    a=extmap-allow-mixed
    a=ice-options:trickle
    a=fingerprint:sha-256 00:11:22:33:44:55:66:77
    m=audio 9 UDP/TLS/RTP/SAVPF 111 0
    c=IN IP4 0.0.0.0
    a=candidate:1 1 udp 2113937151 8f3c.local 51000 typ host generation 0
    a=ice-ufrag:Ab+/
    a=ice-pwd:0123456789abcdefghijkl
    a=setup:actpass
    a=mid:0
    a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
    a=sendrecv
    a=msid:- 7c
    a=rtcp-mux
    a=rtpmap:111 opus/48000/2
    a=fmtp:111 minptime=10;useinbandfec=1
    m=video 9 UDP/TLS/RTP/SAVPF 96 97
    a=ice-ufrag:Ab+/
    a=ice-pwd:0123456789abcdefghijkl
    a=setup:actpass
    a=mid:1
    a=extmap:5/sendonly urn:3gpp:video-orientation
    a=recvonly
    a=rtcp-mux
    a=rtcp-rsize
    a=rtpmap:96 VP8/90000
    a=rtcp-fb:* nack
    a=rtcp-fb:96 nack pli
    a=rtpmap:97 rtx/90000
    a=fmtp:97 apt=96
    a=rid:h send max-width=640
    a=simulcast:send h
    a=ssrc-group:FID 1001 1002
    a=ssrc:1001 cname:u
    a=ssrc:1001 msid:- 7c
    a=ssrc:1002 cname:u
    m=application 9 UDP/DTLS/SCTP webrtc-datachannel
    a=mid:2
    a=sctp-port:5000
    """
}
