import Linux
import TestSupport
import Testing

@testable import WebRTC

@Suite struct ICEControllingAgentTests {
  @Test func connectsToALiteAgentAndNominates() {
    var pair = AgentPair()
    pair.controlling.addPair(AgentPair.route())
    pair.run(until: Place.at(1))
    #expect(pair.controllingEvents == [.valid(AgentPair.route()), .none])
    #expect(pair.controlling.isNominated)
    #expect(pair.lite.isNominated)
    let seenByBox = DatagramQueue.Route(remote: AgentPair.route().local, local: AgentPair.route().remote)
    #expect(pair.liteEvents == [.valid(seenByBox), .none])
    #expect(pair.sent == [Place.at(0), Place.at(0)])
  }

  /// RFC 8489 section 6.2.1 with its defaults: an RTO of 500 ms, 7 transmissions, and 16 times the RTO after the last.
  @Test func repeatsAtTheStandardsTimesAndGivesUp() {
    var pair = AgentPair()
    pair.controlling.addPair(AgentPair.route())
    pair.loses = { _ in true }
    pair.run(until: Place.at(100))
    #expect(pair.sent == [0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5].map(Place.at))
    #expect(pair.controlling.nextTimeout == nil)
    #expect(pair.controlling.isSilent(Place.at(30)))
  }

  @Test(arguments: 1...20)
  func connectsWhenAQuarterOfAllIsLost(_ seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var pair = AgentPair(seed: seed)
    pair.controlling.addPair(AgentPair.route())
    pair.loses = { _ in random.next() % 4 == 0 }
    pair.run(until: Place.at(120)) { $0.controlling.isNominated }
    #expect(pair.controlling.isNominated)
    #expect(pair.lite.isNominated)
    #expect(pair.controllingEvents.filter { if case .valid = $0 { true } else { false } }.count == 1)
  }

  @Test func aLostNominationIsMadeUpForByConsent() {
    var pair = AgentPair()
    pair.controlling.addPair(AgentPair.route())
    var seen = 0
    pair.loses = { route in
      seen += route.local.port == 1 ? 1 : 0
      return (2...8).contains(seen)
    }
    pair.run(until: Place.at(60)) { $0.controlling.isNominated }
    #expect(pair.controlling.isNominated)
    #expect(pair.lite.isNominated)
  }

  @Test func newChecksArePaced() {
    var pair = AgentPair()
    for port in 1...4 { pair.controlling.addPair(AgentPair.route(UInt16(port))) }
    pair.loses = { _ in true }
    pair.run(until: Place.at(0.4))
    #expect(pair.sent == [0, 0.05, 0.1, 0.15].map(Place.at))
  }

  @Test func theFirstPairThatWorksIsTaken() {
    var pair = AgentPair()
    for port in 1...4 { pair.controlling.addPair(AgentPair.route(UInt16(port))) }
    pair.loses = { $0.local.port < 3 }
    pair.run(until: Place.at(20))
    #expect(pair.controlling.selectedRoute == AgentPair.route(3))
    // The first two checks were lost, the third found the way and the fourth nominated it; then only consent is asked.
    #expect(pair.sent.filter { $0 < Place.at(1) } == [0, 0.05, 0.1, 0.1].map(Place.at))
    #expect((3...5).contains(pair.sent.count - 4))
  }

  @Test func consentIsAskedEachFiveSecondsForHours() {
    var pair = AgentPair()
    pair.controlling.addPair(AgentPair.route())
    pair.run(until: Place.at(36000))
    #expect(!pair.controlling.isSilent(Place.at(36000)))
    #expect(!pair.lite.isSilent(Place.at(36000)))
    let gaps = zip(pair.sent.dropFirst(2), pair.sent.dropFirst(3)).map { ($1 - $0).milliseconds }
    #expect((7000...7400).contains(gaps.count))
    #expect(gaps.allSatisfy { (4000...6000).contains($0) })
    #expect(Set(gaps).count > 100)
  }

  @Test func bothSidesNoticeWhenTheOtherIsGone() {
    var pair = AgentPair()
    pair.controlling.addPair(AgentPair.route())
    pair.run(until: Place.at(100))
    let heard = pair.controlling.lastHeard ?? Place.at(0)
    let checked = pair.lite.lastHeard ?? Place.at(0)
    #expect(heard >= Place.at(94) && checked >= Place.at(94))
    pair.loses = { _ in true }
    pair.run(until: Place.at(140))
    #expect(pair.controlling.lastHeard == heard)
    #expect(!pair.controlling.isSilent(heard + .milliseconds(29_999)))
    #expect(pair.controlling.isSilent(heard + .seconds(30)))
    #expect(pair.lite.isSilent(checked + .seconds(30)))
  }

  @Test func waitsForThePeersCredentials() {
    var agent = ICEControllingAgent(
      local: AgentPair.phone, tieBreaker: 1, random: SeededGenerator(seed: 1), now: Place.at(0))
    let out = DatagramQueue(capacity: 8)
    agent.addPair(AgentPair.route())
    agent.poll(Place.at(1), out: out)
    #expect(out.count == 0)
    #expect(agent.nextTimeout == nil)
    agent.remote = Example.credentials
    agent.poll(Place.at(2), out: out)
    #expect(out.count == 1)
  }

  /// An agent that has just sent its first check, and the answer to it made by `write`.
  private func answered(
    from route: DatagramQueue.Route = AgentPair.route(), key: [UInt8] = Example.credentials.key,
    _ messageClass: STUNClass, _ write: (inout STUNWriter) -> Void = { _ in }
  ) throws -> (ICEEvent, ICEControllingAgent) {
    var agent = ICEControllingAgent(
      local: AgentPair.phone, remote: Example.credentials, tieBreaker: 1, random: SeededGenerator(seed: 1),
      now: Place.at(0))
    let out = DatagramQueue(capacity: 8)
    agent.addPair(AgentPair.route())
    agent.poll(Place.at(0), out: out)
    let check = try #require(out[0])
    let transaction = try STUNMessage(check.bytes).transactionID
    let event = withPacket(Array(repeating: 0, count: 256)) { slot in
      var writer = STUNWriter(slot, messageClass, transactionID: transaction)
      write(&writer)
      let length = writer.finish(key: key)
      return agent.receive(slot.prefix(length) ?? slot, route: route, now: Place.at(0), out: out)
    }
    return (event, agent)
  }

  @Test func onlyTheRightAnswerCounts() throws {
    #expect(try answered(.success).0 == .valid(AgentPair.route()))
    #expect(try answered(from: AgentPair.route(1, to: 666), .success).0 == .ignored(.unexpected))
    #expect(try answered(key: Array("another password of enough".utf8), .success).0 == .ignored(.integrity))
    // Who is refused stops asking.
    let (event, agent) = try answered(.error) { $0.error(.roleConflict) }
    #expect(event == .none)
    #expect(agent.selectedRoute == nil)
    #expect(agent.nextTimeout == nil)
  }

  @Test func aRepeatedAnswerIsUnexpected() throws {
    var pair = AgentPair()
    pair.controlling.addPair(AgentPair.route())
    pair.run(until: Place.at(1))
    let stale = withPacket(Array(repeating: 0, count: 256)) { slot in
      var writer = STUNWriter(slot, .success, transactionID: STUNTransactionID(high: 0, low: 0))
      let length = writer.finish(key: Example.credentials.key)
      return pair.controlling.receive(
        slot.prefix(length) ?? slot, route: AgentPair.route(), now: Place.at(9), out: DatagramQueue(capacity: 1))
    }
    #expect(stale == .ignored(.unexpected))
    #expect(pair.controlling.lastHeard == Place.at(0))
  }

  @Test func aPeersCheckIsAnsweredAndTriggersOurs() throws {
    var agent = ICEControllingAgent(
      local: AgentPair.phone, remote: Example.credentials, tieBreaker: 1, random: SeededGenerator(seed: 1),
      now: Place.at(0))
    let out = DatagramQueue(capacity: 8)
    let route = AgentPair.route(1, to: 777)
    let check = Check(
      to: AgentPair.phone.ufrag, from: Example.credentials.ufrag, key: AgentPair.phone.key, controlled: true)
    withPacket(check.bytes) { #expect(agent.receive($0, route: route, now: Place.at(0), out: out) == .none) }
    #expect(agent.nextTimeout != nil)
    agent.poll(Place.at(0), out: out)
    #expect(out.count == 2)
    let answer = try STUNMessage(try #require(out[0]).bytes)
    #expect(answer.messageClass == .success)
    #expect(answer.verifyIntegrity(key: AgentPair.phone.key))
    let triggered = try #require(out[1])
    #expect(triggered.route == route)
    #expect(try STUNMessage(triggered.bytes).messageClass == .request)
  }

  @Test(arguments: [
    (Check(to: "phone", from: "boxboxbo"), ICEIgnored.integrity),
    (Check(to: "phone", from: "other", key: AgentPair.phone.key), .username),
    (Check(to: "phone", from: "boxboxbo", key: AgentPair.phone.key, hasFingerprint: false), .fingerprint),
  ])
  func strangersGetNoAnswer(_ check: Check, _ reason: ICEIgnored) {
    var agent = AgentPair().controlling
    let out = DatagramQueue(capacity: 8)
    withPacket(check.bytes) {
      #expect(agent.receive($0, route: AgentPair.route(), now: Place.at(0), out: out) == .ignored(reason))
    }
    #expect(out.count == 0)
  }

  @Test func twoControllingAgentsTellEachOther() throws {
    var agent = AgentPair().controlling
    let out = DatagramQueue(capacity: 8)
    let check = Check(to: "phone", from: "boxboxbo", key: AgentPair.phone.key)
    withPacket(check.bytes) {
      #expect(agent.receive($0, route: AgentPair.route(), now: Place.at(0), out: out) == .none)
    }
    #expect(try STUNMessage(try #require(out[0]).bytes).errorCode == 487)
  }

  @Test func pairsAreBounded() {
    var agent = AgentPair().controlling
    let out = DatagramQueue(capacity: 256)
    for port in 1...200 { agent.addPair(AgentPair.route(UInt16(port))) }
    var now = Place.at(0)
    while now < Place.at(20) {
      agent.poll(now, out: out)
      now = now + .milliseconds(50)
    }
    #expect(Set((0..<out.count).compactMap { out[$0]?.route }).count == ICEControllingAgent.maximumPairs)
  }
}
