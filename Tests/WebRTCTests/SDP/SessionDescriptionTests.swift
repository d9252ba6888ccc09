import Testing

@testable import WebRTC

@Suite struct SessionDescriptionTests {
  @Test(arguments: RecordedDescription.offers + RecordedDescription.answers + ["box-offer"])
  func readsTheSameWhenWrittenAgain(_ name: String) throws {
    let description = try RecordedDescription.parse(name)
    #expect(try SessionDescription.parse(description.description) == description)
  }

  @Test func chromiumsOffer() throws {
    let offer = try RecordedDescription.parse("chromium-offer-media")
    #expect(offer.bundle == ["0", "1"])
    #expect(offer.extmapAllowMixed)
    #expect(!offer.isICELite)
    #expect(offer.media.map(\.kind) == [.audio, .video])
    let audio = try #require(offer.media.first)
    let video = try #require(offer.media.last)
    #expect(
      audio.codecs.map(\.name) == ["opus", "red", "G722", "PCMU", "PCMA", "CN", "telephone-event", "telephone-event"])
    #expect(audio.codecs.first?.channels == 2)
    #expect(audio.codecs.first?.parameter("useinbandfec") == "1")
    #expect(audio.codecs.first?.feedback == ["transport-cc"])
    #expect(audio.setup == .actpass)
    #expect(audio.iceUfrag?.utf8.count == 4)
    #expect(audio.icePassword?.utf8.count == 24)
    #expect(audio.fingerprints.map(\.algorithm) == ["sha-256"])
    #expect(audio.isRTCPMultiplexed && audio.isRTCPReducedSize)
    #expect(audio.candidates.map(\.transport) == ["udp", "udp", "tcp", "tcp"])
    #expect(audio.candidates.compactMap(\.socketAddress).count == 2)
    #expect(audio.sources.count == 1)
    #expect(video.sourceGroups.map(\.semantics) == ["FID"])
    #expect(video.sources.map(\.ssrc) == video.sourceGroups.first?.ssrcs)
    #expect(video.codecs.first { $0.repeatedPayloadType == 96 }?.payloadType == 97)
    #expect(video.extensions.contains { $0.uri == HeaderExtension.playoutDelay.rawValue })
  }

  @Test func firefoxsAnswerWithHiddenAddresses() throws {
    let answer = try RecordedDescription.parse("firefox-answer-no-tracks")
    let audio = try #require(answer.media.first)
    #expect(audio.candidates.count == 4)
    #expect(audio.candidates.allSatisfy { $0.address.hasSuffix(".local") && $0.socketAddress == nil })
    #expect(audio.hasEndOfCandidates)
    // The fingerprint stands in the session, once for all sections.
    #expect(answer.media.allSatisfy { $0.fingerprints.count == 1 && $0.fingerprints == audio.fingerprints })
    #expect(answer.media.map(\.setup) == [.active, .active])
    let delay = answer.media.last?.extensions.first { $0.uri == HeaderExtension.playoutDelay.rawValue }
    #expect(delay?.direction == .receiveOnly)
  }

  @Test func simulcastIsKept() throws {
    for name in ["chromium-offer-simulcast", "firefox-offer-simulcast"] {
      let video = try #require(RecordedDescription.parse(name).media.last)
      #expect(video.restrictions.map(\.id) == ["h", "l"], "\(name)")
      #expect(video.restrictions.map(\.direction) == ["send", "send"], "\(name)")
      #expect(video.simulcast == "send h;l", "\(name)")
      #expect(video.direction == .sendOnly)
    }
  }

  @Test func aRefusedSectionAndADataChannel() throws {
    let offer = try RecordedDescription.parse("firefox-offer-receiving-and-data")
    #expect(offer.media.map(\.kind) == [.video, .audio, .video, .application])
    // Firefox puts the port of sections that wait for the bundle at 0.
    #expect(offer.media.map(\.isBundleOnly) == [false, false, true, false])
    #expect(offer.media.allSatisfy { !$0.isRejected })
    #expect(offer.media.last?.formats == ["webrtc-datachannel"])
    #expect(offer.media.last?.codecs.isEmpty == true)
  }

  /// A description that can be read, with one line changed or added.
  private static let good = """
    v=0
    o=- 1 2 IN IP4 127.0.0.1
    s=-
    t=0 0
    m=audio 9 UDP/TLS/RTP/SAVPF 111
    a=mid:a
    a=rtpmap:111 opus/48000/2
    """

  @Test(arguments: ["\n", "\r\n"])
  func eitherLineEnd(_ end: String) throws {
    let lines = Self.good.split(separator: "\n").joined(separator: end)
    for text in [lines, lines + end] {
      let description = try SessionDescription.parse(text)
      #expect(description.media.first?.codecs.map(\.name) == ["opus"])
      #expect(description.sessionID == 1 && description.sessionVersion == 2)
    }
  }

  @Test func whatIsUnknownIsPassedOver() throws {
    let text = Self.good + "\nb=AS:1\na=unheard-of\na=unheard-of:of this\nz=?\na=ssrc:1 unheard:of\na=ssrc:2 alone"
    #expect(try SessionDescription.parse(text) == SessionDescription.parse(Self.good))
    let tcptype = Self.good + "\na=candidate:1 1 udp 1 10.0.0.1 5 typ unheard"
    #expect(try SessionDescription.parse(tcptype) == SessionDescription.parse(Self.good))
  }

  @Test func anyOrderOfLines() throws {
    let text = Self.good.replacing(
      "a=mid:a", with: "a=fmtp:111 minptime=10\na=rtcp-fb:* nack\na=rtcp-fb:111 transport-cc")
    let codec = try #require(SessionDescription.parse(text).media.first?.codecs.first)
    #expect(codec.parameters == "minptime=10")
    #expect(codec.feedback == ["transport-cc", "nack"])
  }

  @Test(arguments: [
    ("x", 8, "a letter"), ("vv=1", 8, "a letter"),
    ("a=mid:", 8, "mid of 1 to 64"), ("a=mid:a b", 8, "mid of 1 to 64"), ("a=mid:é", 8, "mid of 1 to 64"),
    ("m=audio", 8, "m=kind"), ("m=audio x UDP/TLS/RTP/SAVPF 1", 8, "m=kind"), ("m=audio 65536 X 1", 8, "m=kind"),
    ("m=video 9 X 128", 8, "payload types"), ("m=video 9 X VP8", 8, "payload types"),
    ("a=rtpmap:111 opus", 8, "rtpmap"), ("a=rtpmap:128 opus/1", 8, "rtpmap"), ("a=rtpmap:1 opus/0", 8, "rtpmap"),
    ("a=rtpmap:1 opus/99999999999", 8, "rtpmap"), ("a=rtpmap:1 opus/1/2/3", 8, "rtpmap"),
    ("a=fmtp:111", 8, "fmtp"), ("a=rtcp-fb:111", 8, "rtcp-fb"), ("a=rtcp-fb:x nack", 8, "rtcp-fb"),
    ("a=extmap:0 urn:x", 8, "extmap"), ("a=extmap:1/both urn:x", 8, "extmap"), ("a=extmap:1", 8, "extmap"),
    ("a=ssrc:4294967296 cname:x", 8, "ssrc"), ("a=ssrc:1", 8, "ssrc"), ("a=ssrc-group:FID 1 x", 8, "ssrc-group"),
    ("a=msid:", 8, "msid"), ("a=msid:a b c", 8, "msid"), ("a=rid:x both", 8, "rid"),
    ("a=setup:both", 8, "setup"), ("a=fingerprint:sha-256 AA:B", 8, "fingerprint"),
    ("a=fingerprint:sha-256 AA:", 8, "fingerprint"), ("a=fingerprint:sha-256 GG", 8, "fingerprint"),
    ("a=fingerprint:AA:BB", 8, "fingerprint"), ("a=ice-ufrag:abc", 8, "ice-ufrag"),
    ("a=ice-ufrag:ab cd", 8, "ice-ufrag"),
    ("a=ice-pwd:tooshort", 8, "ice-pwd"), ("a=candidate:1 1 udp 1 10.0.0.1 5 typ", 8, "foundation"),
    ("a=candidate:1 0 udp 1 10.0.0.1 5 typ host", 8, "foundation"),
    ("a=candidate:1 1 udp x 10.0.0.1 5 typ host", 8, "foundation"),
    ("a=candidate:1 1 udp 1 10.0.0.1 70000 typ host", 8, "foundation"),
    ("m=audio 9 UDP/TLS/RTP/SAVPF 111\na=mid:a", 9, "a mid that no other"), ("o=-", 8, "o=user"),
    ("a=m\0id:a", 8, "no NUL"), ("a=x\ry", 8, "no NUL"),
  ])
  func faultsNameTheirLine(_ added: String, _ line: Int, _ expected: String) throws {
    let text = "\(Self.good)\n\(added)"
    do {
      _ = try SessionDescription.parse(text)
      Issue.record("it was taken")
    } catch {
      #expect(error.line == line)
      #expect(error.expected.hasPrefix(expected), "\(error)")
    }
  }

  @Test(arguments: ["", "v=1\r\no=- 1 2 IN IP4 x", "hello", "v=0\r\ns=-", "\u{0}"])
  func whatIsNoDescription(_ text: String) {
    #expect(throws: SDPError.self) { try SessionDescription.parse(text) }
  }

  @Test func limits() throws {
    func parses(_ text: String) -> Bool { (try? SessionDescription.parse(text)) != nil }
    func repeated(_ count: Int, _ line: (Int) -> String) -> String {
      Self.good + "\n" + (0..<count).map(line).joined(separator: "\n")
    }
    #expect(parses(repeated(63) { "m=audio 9 X 1\na=mid:\($0)" }))
    #expect(!parses(repeated(64) { "m=audio 9 X 1\na=mid:\($0)" }))
    #expect(parses(repeated(64) { "a=candidate:1 1 udp 1 10.0.0.1 \($0) typ host" }))
    #expect(!parses(repeated(65) { "a=candidate:1 1 udp 1 10.0.0.1 \($0) typ host" }))
    #expect(parses(repeated(64) { "a=ssrc:\($0) cname:x" }))
    #expect(!parses(repeated(65) { "a=ssrc:\($0) cname:x" }))
    #expect(!parses(repeated(65) { _ in "a=msid:x" }))
    #expect(!parses(repeated(65) { _ in "a=rid:x send" }))
    #expect(!parses(repeated(65) { _ in "a=ssrc-group:FID 1 2" }))
    #expect(!parses(repeated(9) { _ in "a=fingerprint:sha-256 AA" }))
    let room = SessionDescription.maximumBytes - Self.good.utf8.count - 3
    #expect(parses(Self.good + "\na=" + String(repeating: "x", count: room)))
    #expect(!parses(Self.good + "\na=" + String(repeating: "x", count: room + 1)))
  }

  @Test func anErrorTellsNoSecret() {
    let text = Self.good + "\na=ice-pwd:secret"
    do {
      _ = try SessionDescription.parse(text)
      Issue.record("it was taken")
    } catch {
      #expect(!"\(error)".contains("secret"))
    }
  }

  @Test func hostCandidates() {
    let candidates = [Example.address, Example.addressIPv6].enumerated().map {
      ICECandidate(host: $0.element, rank: UInt8($0.offset))
    }
    // RFC 8445 section 5.1.2.1: 2^24 * 126 + 2^8 * local preference + 256 - component.
    #expect(candidates.map(\.priority) == [2_130_706_431, 2_130_706_175])
    #expect(candidates.map(\.foundation) == ["1", "2"])
    #expect(candidates.map(\.socketAddress) == [Example.address, Example.addressIPv6])
  }
}
