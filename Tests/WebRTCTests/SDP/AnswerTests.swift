import TestSupport
import Testing

@testable import WebRTC

@Suite struct AnswerTests {
  /// Opus and VP8 with RTX as each of the offers numbers them. Both browsers have taken the answers.
  @Test(arguments: [
    ("chromium-offer-media", [true, true], UInt8(111), UInt8(96), UInt8(97)),
    ("chromium-offer-receiving-and-data", [true, true, false, false], 111, 96, 97),
    ("chromium-offer-simulcast", [true, true], 111, 96, 97),
    ("firefox-offer-media", [true, true], 109, 120, 124),
    ("firefox-offer-receiving-and-data", [true, true, false, false], 109, 120, 124),
    ("firefox-offer-simulcast", [true, true], 109, 120, 124),
    ("aiortc-offer-media", [true, true, false], 96, 97, 98),
    // H.264 comes first there; VP8 is what everybody has.
    ("safari-offer-media", [true, true], 111, 100, 101),
  ])
  func recordedOffers(_ name: String, _ accepted: [Bool], _ opus: UInt8, _ vp8: UInt8, _ rtx: UInt8) throws {
    let offer = try RecordedDescription.parse(name)
    let (answer, settled) = try Example.builder().answer(to: offer)
    #expect(try SessionDescription.parse(answer.description) == answer)

    #expect(settled.sections.map(\.isAccepted) == accepted)
    #expect(answer.media.map(\.mid) == offer.media.map(\.mid))
    #expect(answer.media.map(\.kind) == offer.media.map(\.kind))
    #expect(answer.media.map(\.proto) == offer.media.map(\.proto))
    #expect(answer.media.map { $0.port != 0 } == accepted)
    #expect(answer.bundle == zip(offer.media, accepted).filter(\.1).map(\.0.mid))
    #expect(answer.isICELite)
    #expect(settled.transport.isDTLSClient)

    for (section, result) in zip(answer.media, settled.sections) where result.isAccepted {
      #expect(section.setup == .active)
      #expect(section.fingerprints == [Example.fingerprint])
      #expect(section.iceUfrag == Example.credentials.ufrag)
      #expect(section.candidates.map(\.socketAddress) == [Example.address])
      #expect(section.direction == result.direction)
      #expect((section.sources.isEmpty) == !result.direction.sends)
      #expect(result.payloadType == (result.kind == .audio ? opus : vp8))
      #expect(result.rtxPayloadType == (result.kind == .audio ? nil : rtx))
      #expect(section.formats == (result.kind == .audio ? ["\(opus)"] : ["\(vp8)", "\(rtx)"]))
      #expect(section.codecs.last?.repeatedPayloadType == (result.kind == .audio ? nil : vp8))
      #expect(result.extensions[.mid] != nil)
      let offered = try #require(offer.media.first { $0.mid == section.mid })
      #expect(
        section.extensions.allSatisfy { item in offered.extensions.contains { $0.id == item.id && $0.uri == item.uri } }
      )
      #expect(
        section.codecs.allSatisfy { codec in
          codec.feedback.allSatisfy { item in offered.codecs.contains { $0.feedback.contains(item) } }
        })
    }
  }

  @Test(arguments: [
    ("chromium-offer-media", MediaDirection.sendReceive), ("chromium-offer-receiving-and-data", .sendOnly),
    ("chromium-offer-simulcast", .receiveOnly),
  ])
  func directionIsTurnedRound(_ name: String, _ direction: MediaDirection) throws {
    let settled = try Example.builder().answer(to: RecordedDescription.parse(name)).1
    #expect(settled.sections.filter(\.isAccepted).map(\.direction) == [direction, direction])
  }

  @Test func directionsOfExtensionsAreTurnedRound() throws {
    let (answer, settled) = try Example.builder().answer(to: RecordedDescription.parse("firefox-offer-media"))
    let delay = answer.media.last?.extensions.first { $0.uri == HeaderExtension.playoutDelay.rawValue }
    #expect(delay?.direction == .sendOnly)
    #expect(settled.sections.last?.extensions[.playoutDelay] == delay?.id)
  }

  /// What the peer only sends may not be sent to it.
  @Test func anExtensionThatThePeerOnlySendsIsLeftOut() throws {
    let text = try RecordedDescription.text("firefox-offer-media").replacing("/recvonly", with: "/sendonly")
    let settled = try Example.builder().answer(to: SessionDescription.parse(text)).1
    #expect(settled.sections.last?.extensions[.playoutDelay] == nil)
  }

  @Test func withoutABundleOneSectionIsTaken() throws {
    let text = try RecordedDescription.text("chromium-offer-media").replacing("a=group:BUNDLE 0 1", with: "a=no")
    let (answer, settled) = try Example.builder().answer(to: SessionDescription.parse(text))
    #expect(settled.sections.map(\.isAccepted) == [true, false])
    #expect(answer.bundle.isEmpty)
  }

  @Test func theTransportIsThatOfTheFirstSectionTaken() throws {
    let text = try RecordedDescription.text("chromium-offer-media")
    let halves = text.split(separator: "m=video", maxSplits: 1)
    let second = try #require(halves.last).replacing("a=ice-ufrag:", with: "a=ice-ufrag:other")
    let joined = halves[0].replacing(" opus/", with: " speex/") + "m=video" + second
    let settled = try Example.builder().answer(to: SessionDescription.parse(String(joined))).1
    #expect(settled.sections.map(\.isAccepted) == [false, true])
    #expect(settled.transport.credentials.ufrag.hasPrefix("other"))
  }

  @Test func anOfferWithNothingForUsIsRefused() throws {
    let text = try RecordedDescription.text("aiortc-offer-media")
      .replacing("VP8/90000", with: "VP9/90000").replacing("opus/", with: "speex/")
    #expect(throws: SDPError(expected: "bundled audio by Opus or video by VP8", found: "3 others")) {
      try Example.builder().answer(to: SessionDescription.parse(text))
    }
  }

  /// Whatever both sides want: one may send where the other may receive, and nowhere else.
  @Test func bothSidesSettleTheSame() throws {
    let wishes: [MediaDirection] = [.sendReceive, .sendOnly, .receiveOnly, .inactive]
    for ours in wishes {
      for theirs in wishes {
        var local = Example.audio
        local.direction = ours
        var remote = Example.video
        remote.direction = theirs
        var far = Example.audio
        far.direction = theirs
        var near = Example.video
        near.direction = ours
        let offerer = Example.builder([local, near])
        let answerer = Example.builder([far, remote])
        let (answer, answered) = try answerer.answer(to: SessionDescription.parse(offerer.offer().description))
        let offered = try offerer.negotiate(answer: SessionDescription.parse(answer.description))
        for (a, b) in zip(offered.sections, answered.sections) {
          #expect(a.direction == b.direction.reversed)
          #expect(a.direction.sends == (ours.sends && theirs.receives))
          #expect(a.payloadType == b.payloadType && a.rtxPayloadType == b.rtxPayloadType)
          #expect(a.extensions == b.extensions && a.feedback == b.feedback)
        }
        #expect(offered.transport.isDTLSClient != answered.transport.isDTLSClient)
      }
    }
  }
}
