import Links
import Linux
import Testing

@testable import Signaling

/// What the media plane answers, fails and forgets.
@Suite struct MediaPlaneTests {
  @Test func aRestartInACallGivesNewPeersAndOffers() throws {
    let stage = Stage()
    let ann = try stage.join("ann")
    let bob = try stage.join("bob")
    let cid = try stage.join("cid")
    try stage.call(ann, "bob")
    try stage.act(.accept, bob)
    try stage.call(cid, "box")
    let before = stage.phones[ann].call?.connectedAt
    stage.restartMedia()
    for phone in [ann, bob, cid] { #expect(stage.phones[phone].offers.count == 2) }
    #expect(stage.phones[ann].call?.state == .connected)
    #expect(stage.phones[ann].call?.connectedAt == before, "the clock of the call runs on")
    #expect(stage.phones[cid].call?.state == .ringing)
    #expect(stage.media.peers.count == 3)
    #expect(stage.routes == ["ann0>bob1 av", "bob1>ann0 av"])
    stage.wait(.seconds(25))
    #expect(stage.phones[ann].call?.state == .connected)
    stage.press(.short(.call))
    #expect(stage.phones[cid].call?.state == .connected)
  }

  @Test func aMediaPlaneThatStaysAwayEndsTheCalls() throws {
    let stage = Stage()
    let ann = try stage.join("ann")
    let bob = try stage.join("bob")
    try stage.call(ann, "bob")
    try stage.act(.accept, bob)
    stage.board.mediaLost(now: stage.now)
    stage.media = FakeMedia()
    stage.wait(.milliseconds(19_999))
    #expect(stage.phones[ann].call?.state == .connected)
    stage.wait(.milliseconds(1))
    #expect(stage.phones[ann].reason == .mediaFailed)
    #expect(stage.phones[bob].reason == .mediaFailed)
    #expect(stage.board.nextTimeout == nil)
  }

  @Test func aCallPlacedWhileMediaIsAwayComesUpWithIt() throws {
    let stage = Stage(linked: false)
    let ann = try stage.join("ann")
    let bob = try stage.join("bob")
    try stage.call(ann, "bob")
    try stage.act(.accept, bob)
    #expect(stage.phones[ann].call?.state == .connecting)
    #expect(stage.phones[ann].offers.isEmpty)
    stage.board.mediaLinked(now: stage.now)
    stage.pump()
    #expect(stage.phones[ann].call?.state == .connected)
  }

  @Test func peersThatNobodyKnowsAreClosed() throws {
    let stage = Stage(linked: false)
    stage.media.peers = ["left-over": true]
    stage.media.feeds = [.local: MediaFeed(audio: [.peer("left-over")])]
    let ann = try stage.join("ann")
    try stage.call(ann, "box")
    stage.board.mediaLinked(now: stage.now)
    stage.pump()
    #expect(stage.media.peers["left-over"] == nil)
    #expect(stage.media.peers.count == 1)
    #expect(stage.media.feeds.isEmpty, "what an earlier server had set is gone")
    stage.media.feeds = [.local: MediaFeed(audio: [.local])]
    stage.board.mediaLinked(now: stage.now)
    stage.pump()
    #expect(stage.media.feeds.isEmpty, "each new link gets the whole set, also an empty one")
  }

  @Test func aClientThatAsksReconnectGetsANewOffer() throws {
    let stage = Stage()
    let ann = try stage.join("ann")
    let bob = try stage.join("bob")
    try stage.call(ann, "bob")
    try stage.act(.accept, bob)
    let old = try #require(stage.phones[ann].offers.last)
    try stage.act(.reconnect, ann)
    let new = try #require(stage.phones[ann].offers.last)
    #expect(new.peer != old.peer)
    #expect(stage.media.peers[old.peer.rawValue] == nil)
    #expect(stage.phones[bob].offers.count == 1)
    #expect(stage.routes == ["ann0>bob1 av", "bob1>ann0 av"])
    #expect(refusal { try stage.answer(ann, old) } == .wrongState, "an answer to the old offer is too late")
    stage.wait(.seconds(30))
    #expect(stage.phones[ann].call?.state == .connected)
  }

  @Test(arguments: ["silent", "closed", "failed"]) func aPeerThatEndsInACallIsOpenedAgain(reason: String) throws {
    let stage = Stage()
    let ann = try stage.join("ann")
    let bob = try stage.join("bob")
    try stage.call(ann, "bob")
    try stage.act(.accept, bob)
    let peer = try #require(stage.phones[bob].offers.last?.peer.rawValue)
    stage.phones[bob].answers = false
    stage.media.peers[peer] = nil
    stage.hear(.closed(peer: peer, reason: reason))
    #expect(stage.phones[bob].offers.count == 2)
    #expect(stage.phones[ann].call?.state == .connected)
    stage.wait(.seconds(20))
    #expect(stage.phones[ann].reason == .mediaFailed, "it never answers")
    #expect(stage.media.peers.isEmpty)
  }

  @Test func aPeerThatEndsWhileItRingsIsOpenedWhenAccepted() throws {
    let stage = Stage()
    let ann = try stage.join("ann")
    let bob = try stage.join("bob")
    try stage.call(ann, "bob")
    let peer = try #require(stage.phones[bob].offers.last?.peer.rawValue)
    stage.media.peers[peer] = nil
    stage.hear(.closed(peer: peer, reason: "failed"))
    #expect(stage.phones[bob].offers.count == 1)
    try stage.act(.accept, bob)
    #expect(stage.phones[bob].offers.count == 2)
    #expect(stage.phones[ann].call?.state == .connected)
  }

  @Test func acceptedButMediaNeverComesUp() throws {
    let stage = Stage()
    let ann = try stage.join("ann")
    let bob = try stage.join("bob")
    stage.phones[ann].answers = false
    try stage.call(ann, "bob")
    stage.wait(.seconds(7))
    try stage.act(.accept, bob)
    #expect(stage.phones[bob].call?.state == .connecting)
    stage.wait(.seconds(20))
    #expect(stage.phones[bob].reason == .mediaFailed)
  }

  @Test func aRefusedPeerEndsAnAcceptedCallOnly() throws {
    let stage = Stage()
    let ann = try stage.join("ann")
    let bob = try stage.join("bob")
    stage.media.manner = .refusing
    try stage.call(ann, "bob")
    #expect(stage.phones[ann].call?.state == .ringing)
    try stage.act(.accept, bob)
    #expect(stage.phones[ann].reason == .mediaFailed)
    #expect(stage.media.peers.isEmpty)
  }

  @Test func aBadAnswerClosesThePeer() throws {
    let stage = Stage()
    let ann = try stage.join("ann")
    let bob = try stage.join("bob")
    stage.phones[bob].answers = false
    try stage.call(ann, "bob")
    try stage.answer(bob, try #require(stage.phones[bob].offers.last), sdp: FakeMedia.badAnswer)
    stage.pump()
    #expect(stage.media.peers.count == 1)
    #expect(stage.phones[bob].call?.state == .ringing)
    try stage.act(.accept, bob)
    try stage.answer(bob, try #require(stage.phones[bob].offers.last), sdp: FakeMedia.badAnswer)
    stage.pump()
    #expect(stage.phones[ann].reason == .mediaFailed)
    #expect(stage.media.peers.isEmpty)
  }

  /// The media plane may hear from a browser before its answer arrived; without the answer's fingerprint that is worth nothing.
  @Test func connectedBeforeTheAnswerIsNotConnected() throws {
    let stage = Stage()
    let ann = try stage.join("ann")
    let bob = try stage.join("bob")
    stage.phones[bob].answers = false
    try stage.call(ann, "bob")
    let offer = try #require(stage.phones[bob].offers.last)
    stage.media.peers[offer.peer.rawValue] = true
    stage.hear(.connected(peer: offer.peer.rawValue))
    try stage.act(.accept, bob)
    #expect(stage.phones[ann].call?.state == .connecting)
    try stage.answer(bob, offer)
    stage.pump()
    #expect(stage.phones[ann].call?.state == .connected)
  }

  @Test func repliesAndEventsThatNobodyWaitsForChangeNothing() throws {
    let stage = Stage()
    let ann = try stage.join("ann")
    _ = try stage.join("bob")
    try stage.call(ann, "bob")
    let before = (stage.phones[ann].events.count, stage.media.peers)
    stage.hear(.reply(id: 4711, .offer(MediaOffer(sdp: "x"))))
    stage.hear(.reply(id: -1, .refused(code: "wrongState", detail: "")))
    stage.hear(.connected(peer: "nobody"))
    stage.hear(.closed(peer: "nobody", reason: "silent"))
    stage.hear(.receiving(peer: "nobody", audio: true, video: true))
    #expect(stage.phones[ann].events.count == before.0)
    #expect(stage.media.peers == before.1)
  }

  /// Peers close while their offers are under way: a call that ends at once leaves nothing behind.
  @Test func aCallThatEndsBeforeItsOffersCame() throws {
    let stage = Stage()
    let ann = try stage.join("ann")
    _ = try stage.join("bob")
    stage.media.manner = .silent
    try stage.call(ann, "bob")
    try stage.act(.hangUp, ann)
    stage.media.manner = .prompt
    let waiting = stage.media.waiting
    for request in waiting { for event in stage.media.answer(request) { stage.hear(event) } }
    #expect(stage.media.peers.isEmpty)
    #expect(stage.phones[ann].offers.isEmpty)
  }

  /// Each new peer has not a new while: what never comes back ends in time.
  @Test func aPeerThatEndsAgainAndAgain() throws {
    let stage = Stage()
    let ann = try stage.join("ann")
    let bob = try stage.join("bob")
    try stage.call(ann, "bob")
    try stage.act(.accept, bob)
    stage.phones[bob].answers = false
    for _ in 0..<4 {
      let peer = try #require(stage.phones[bob].offers.last?.peer.rawValue)
      stage.media.peers[peer] = nil
      stage.hear(.closed(peer: peer, reason: "failed"))
      #expect(stage.phones[ann].call != nil)
      stage.wait(.seconds(5))
    }
    #expect(stage.phones[ann].reason == .mediaFailed)
  }

  /// The list may come after a peer was opened; that one is not closed.
  @Test func theListDoesNotCloseWhatIsKnown() throws {
    let stage = Stage(linked: false)
    let ann = try stage.join("ann")
    try stage.call(ann, "box")
    stage.media.manner = .silent
    stage.board.mediaLinked(now: stage.now)
    stage.pump()
    stage.media.manner = .prompt
    for request in stage.media.waiting.reversed() { for event in stage.media.answer(request) { stage.hear(event) } }
    #expect(stage.media.peers.count == 1)
    stage.press(.short(.call))
    #expect(stage.phones[ann].call?.state == .connected)
  }
}
