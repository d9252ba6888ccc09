import Linux
import TestSupport
import Testing

@testable import WebRTC

@Suite struct ICELiteAgentTests {
  private var agent = ICELiteAgent(local: Example.credentials, now: Place.at(0))
  private let out = DatagramQueue(capacity: 8)

  private mutating func receive(_ datagram: [UInt8], port: UInt16 = 1, at seconds: Double = 1) -> ICEEvent {
    out.removeAll()
    return withPacket(datagram) {
      agent.receive($0, route: Place.route(port), now: Place.at(seconds), out: out)
    }
  }

  /// The one answer in the queue.
  private func answer<T>(_ read: (STUNMessage) -> T) throws -> T {
    #expect(out.count == 1)
    let sent = try #require(out[0])
    return read(try STUNMessage(sent.bytes))
  }

  @Test mutating func theFirstCheckMakesTheRouteValidAndIsAnswered() throws {
    #expect(receive(Check().bytes, port: 7) == .valid(Place.route(7)))
    #expect(agent.selectedRoute == Place.route(7))
    #expect(!agent.isNominated)
    #expect(out[0]?.route == Place.route(7))
    try answer { message in
      #expect(message.messageClass == .success)
      #expect(message.transactionID == STUNTransactionID(high: 1, low: 2))
      #expect(message.mappedAddress == Place.route(7).remote)
      #expect(message.verifyIntegrity(key: Example.credentials.key))
      #expect(message.verifyFingerprint())
    }
    #expect(receive(Check().bytes, port: 7) == .none)
    #expect(out.count == 1)
  }

  @Test(arguments: [STUNVectors.chromiumCheck, STUNVectors.firefoxCheck])
  mutating func browsersChecksAreTaken(_ check: [UInt8]) throws {
    #expect(receive(check) == .valid(Place.route(1)))
    #expect(agent.isNominated == (check == STUNVectors.firefoxCheck))
    try answer { #expect($0.messageClass == .success) }
  }

  @Test(arguments: [
    (Check(to: "else"), ICEIgnored.username), (Check(to: ""), .username), (Check(to: "boxboxbox"), .username),
    (Check(to: "boxboxb"), .username), (Check(hasUsername: false), .username),
    (Check(key: Array("another password of enough".utf8)), .integrity), (Check(hasIntegrity: false), .integrity),
    (Check(hasFingerprint: false), .fingerprint), (Check(method: 3), .malformed),
    (Check(messageClass: .success), .unexpected), (Check(messageClass: .error), .unexpected),
  ])
  mutating func strangersGetNoAnswer(_ check: Check, _ reason: ICEIgnored) {
    #expect(receive(check.bytes) == .ignored(reason))
    #expect(out.count == 0)
    #expect(agent.lastHeard == nil)
    #expect(agent.selectedRoute == nil)
  }

  @Test mutating func garbageAndIndicationsAreNoChecks() {
    #expect(receive([1, 2, 3]) == .ignored(.malformed))
    #expect(receive(Check(messageClass: .indication).bytes) == .none)
    #expect(out.count == 0)
    #expect(agent.lastHeard == nil)
  }

  @Test mutating func onceTheSenderIsKnownNobodyElseIsTaken() {
    #expect(receive(Check(from: "early").bytes) == .valid(Place.route(1)))
    agent.remote = ICECredentials(ufrag: "peer", password: "unused")
    #expect(receive(Check(from: "early").bytes) == .ignored(.username))
    #expect(receive(Check(from: "peerX").bytes) == .ignored(.username))
    #expect(receive(Check(from: "pee").bytes) == .ignored(.username))
    #expect(receive(Check(from: "peer").bytes) == .none)
  }

  @Test mutating func aPeerThatBelievesToBeControlledIsTold() throws {
    #expect(receive(Check(controlled: true).bytes) == .none)
    try answer { message in
      #expect(message.messageClass == .error)
      #expect(message.errorCode == 487)
      #expect(message.verifyIntegrity(key: Example.credentials.key))
    }
    #expect(agent.lastHeard == nil)
  }

  @Test mutating func anAttributeThatWeMustUnderstandIsRefused() throws {
    let check = withPacket(Array(repeating: 0, count: 256)) { slot in
      var writer = STUNWriter(slot, .request, transactionID: STUNTransactionID(high: 1, low: 2))
      writer.username(to: Example.credentials.ufrag, from: "peer")
      writer.error(.badRequest)
      let length = writer.finish(key: nil, fingerprint: false)
      // ERROR-CODE becomes an attribute of an unknown type; then the message is signed again.
      let at = 20 + 4 + 16
      slot.set(at, UInt16(0x7777))
      guard let code = STUNIntegrity.code(of: slot, end: length, key: Example.credentials.key) else { return [UInt8]() }
      var tail = ByteWriter(slot.dropFirst(length) ?? slot)
      tail.put(UInt32(0x0008_0014))
      tail.put(code.0)
      tail.put(code.1)
      tail.put(code.2)
      slot.set(2, UInt16(length - 20 + 24 + 8))
      let checksum = CRC32.checksum(UnsafeRawBufferPointer((slot.prefix(length + 24) ?? slot).raw))
      tail.put(UInt32(0x8028_0004))
      tail.put(checksum ^ STUNMessage.fingerprintMask)
      return Array(slot.array.prefix(length + 32))
    }
    #expect(receive(check) == .none)
    try answer { #expect($0.errorCode == 420) }
    #expect(agent.lastHeard == nil)
  }

  @Test mutating func theLatestNominationWins() {
    #expect(receive(Check().bytes, port: 1) == .valid(Place.route(1)))
    // Before any nomination the latest check tells the route.
    #expect(receive(Check().bytes, port: 2) == .selected(Place.route(2)))
    #expect(receive(Check(nominating: true).bytes, port: 1) == .selected(Place.route(1)))
    // Checks of other routes are answered, and change nothing.
    #expect(receive(Check().bytes, port: 2) == .none)
    #expect(out.count == 1)
    #expect(agent.selectedRoute == Place.route(1))
    #expect(receive(Check(nominating: true).bytes, port: 1) == .none)
    #expect(receive(Check(nominating: true).bytes, port: 3) == .selected(Place.route(3)))
    #expect(agent.isNominated)
  }

  @Test mutating func consentRunsOutAfterThirtySilentSeconds() {
    #expect(!agent.isSilent(Place.at(29.9)))
    #expect(agent.isSilent(Place.at(30)))
    _ = receive(Check().bytes, at: 20)
    #expect(agent.lastHeard == Place.at(20))
    #expect(!agent.isSilent(Place.at(49.9)))
    // What a stranger sends is no sign of life.
    _ = receive(Check(hasIntegrity: false).bytes, at: 40)
    #expect(agent.isSilent(Place.at(50)))
    #expect(agent.silentAt == Place.at(50))
  }

  @Test mutating func aFullQueueIsNoCheck() {
    let full = DatagramQueue(capacity: 0)
    let event = withPacket(Check().bytes) {
      agent.receive($0, route: Place.route(1), now: Place.at(0), out: full)
    }
    #expect(event == .ignored(.queueFull))
    #expect(agent.lastHeard == nil)
  }

  @Test func credentialsAreAsLongAsTheStandardAsksAndDiffer() {
    var random = SeededGenerator(seed: 1)
    var seen = Set<ICECredentials>()
    for _ in 0..<100 {
      let made = ICECredentials(random: &random)
      #expect(made.ufrag.utf8.count == 8)
      #expect(made.password.utf8.count == 24)
      #expect(made.recipient != nil)
      #expect(!"\(made)".contains(made.password))
      seen.insert(made)
    }
    #expect(seen.count == 100)
  }
}
