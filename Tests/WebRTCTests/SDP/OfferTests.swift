import Testing

@testable import WebRTC

@Suite struct OfferTests {
  /// The recorded answers were given to this text.
  @Test func isWhatTheBrowsersAnswered() throws {
    let recorded = try RecordedDescription.text("box-offer")
    #expect(Example.builder().offer().description == recorded)
  }

  @Test(arguments: RecordedDescription.answers)
  func answersSettle(_ name: String) throws {
    let settled = try Example.builder().negotiate(answer: RecordedDescription.parse(name))
    let isListening = name.hasSuffix("listening")
    let isFirefox = name.hasPrefix("firefox")
    let isPython = name.hasPrefix("aiortc")

    #expect(!settled.transport.isDTLSClient)
    #expect(settled.transport.fingerprints.first?.algorithm == "sha-256")
    #expect(settled.transport.fingerprints.first?.value.utf8.count == 95)
    #expect(settled.transport.credentials.password.utf8.count >= 22)

    #expect(settled.sections.map(\.mid) == ["0", "1"])
    #expect(settled.sections.map(\.kind) == [.audio, .video])
    #expect(settled.sections.map(\.isAccepted) == [true, true])
    let audio = try #require(settled.sections.first)
    let video = try #require(settled.sections.last)
    #expect(audio.direction == (isListening ? .sendOnly : .sendReceive))
    #expect(video.direction == (isListening ? .inactive : .sendReceive))
    #expect(audio.payloadType == 111)
    #expect(audio.rtxPayloadType == nil)
    #expect(video.payloadType == 96)
    #expect(video.rtxPayloadType == 97)
    #expect(audio.extensions[.mid] == 4 && video.extensions[.mid] == 4)
    #expect(audio.extensions[.audioLevel] == 1)
    #expect(video.extensions[.audioLevel] == nil)
    #expect(video.extensions[.absoluteSendTime] == 2)
    #expect(video.extensions[.transportSequence] == (isPython ? nil : 3))
    #expect(video.extensions[.playoutDelay] == (isPython ? nil : 5))
    #expect(video.extensions[.orientation] == (isPython || isFirefox ? nil : 6))
    #expect(
      video.feedback
        == (isPython
          ? [.nack, .pictureLoss, .receiverEstimate]
          : [.nack, .pictureLoss, .receiverEstimate, .fullIntraRequest, .transportWide]))
  }

  /// An answer of Chromium with something wrong in it.
  @Test(arguments: [
    ("a=setup:active", "a=setup:actpass", "setup active or passive"),
    ("a=mid:0", "a=mid:9", "audio section with mid 0"),
    ("m=audio", "m=video", "audio section with mid 0"),
    ("a=ice-ufrag:", "a=unknown:", "ice-ufrag and ice-pwd"),
    ("a=fingerprint:sha-256", "a=fingerprint:sha-1", "a sha-256 fingerprint"),
    ("a=rtcp-mux", "a=no", "bundled audio by Opus"),
    ("RTP/SAVPF", "RTP/AVP", "bundled audio by Opus"),
  ])
  func wrongAnswersAreRefused(_ right: String, _ wrong: String, _ expected: String) throws {
    let text = try RecordedDescription.text("chromium-answer-media").replacing(right, with: wrong)
    let answer = try SessionDescription.parse(text)
    do {
      _ = try Example.builder().negotiate(answer: answer)
      Issue.record("it was taken")
    } catch {
      #expect(error.expected.hasPrefix(expected), "\(error)")
    }
  }

  @Test func asManySectionsAsOffered() throws {
    var answer = try RecordedDescription.parse("chromium-answer-media")
    answer.media.removeLast()
    #expect(throws: SDPError(expected: "2 m-lines, as offered", found: "1")) {
      try Example.builder().negotiate(answer: answer)
    }
  }

  @Test func aRefusedSectionIsNotAccepted() throws {
    let text = try RecordedDescription.text("chromium-answer-media")
    let refused = try SessionDescription.parse(
      text.replacing("m=audio 9", with: "m=audio 0").replacing("BUNDLE 0 1", with: "BUNDLE 1"))
    let settled = try Example.builder().negotiate(answer: refused)
    #expect(settled.sections.map(\.isAccepted) == [false, true])
    // Not in the bundle: the peer would want a second transport.
    let apart = try SessionDescription.parse(text.replacing("BUNDLE 0 1", with: "BUNDLE 0"))
    let one = try Example.builder().negotiate(answer: apart)
    #expect(one.sections.map(\.isAccepted) == [true, false])
  }

  @Test func aPassivePeerMakesUsTheClient() throws {
    let text = try RecordedDescription.text("chromium-answer-media").replacing("setup:active", with: "setup:passive")
    let settled = try Example.builder().negotiate(answer: SessionDescription.parse(text))
    #expect(settled.transport.isDTLSClient)
  }
}
