import Linux
import TestSupport
import Testing

@testable import WebRTC

@Suite struct SRTPSessionTests {
  static func pair(_ profile: SRTPProfile) throws -> (sender: SRTPSession, receiver: SRTPSession) {
    let length = profile.keyLength + profile.saltLength
    let a = (0..<length).map { UInt8($0) }
    let keys = SRTPKeys(profile: profile, local: a, remote: a.reversed())
    return (try SRTPSession(keys: keys), try SRTPSession(keys: keys.swapped))
  }

  static func rtp(_ sequence: UInt16, ssrc: UInt32 = 0x0a0b_0c0d, payload: Int = 40) -> [UInt8] {
    let buffer = PacketBuffer(length: 12 + payload)
    _ = RTPWriter.write(
      RTPHeader(payloadType: 96, sequence: sequence, timestamp: 90, ssrc: ssrc), into: buffer.view)
    for index in 0..<payload { buffer.view.set(12 + index, UInt8(truncatingIfNeeded: index)) }
    return buffer.bytes(12 + payload)
  }

  static func rtcp(ssrc: UInt32 = 0x0a0b_0c0d) -> [UInt8] {
    let buffer = PacketBuffer(length: 64)
    var writer = RTCPWriter(buffer.view)
    writer.receiverReport(ssrc: ssrc)
    writer.pictureLoss(sender: ssrc, media: 7)
    return buffer.bytes(writer.length)
  }

  static func protected(_ session: SRTPSession, _ packet: [UInt8], rtcp: Bool = false) throws -> [UInt8] {
    let buffer = PacketBuffer(packet, room: session.profile.rtcpOverhead)
    return buffer.bytes(
      try rtcp
        ? session.protectRTCP(buffer.view, length: packet.count)
        : session.protectRTP(buffer.view, length: packet.count))
  }

  static func opened(_ session: SRTPSession, _ packet: [UInt8], rtcp: Bool = false) throws(SRTPError) -> [UInt8] {
    let buffer = PacketBuffer(packet)
    return buffer.bytes(rtcp ? try session.unprotectRTCP(buffer.view) : try session.unprotectRTP(buffer.view))
  }

  @Test(arguments: SRTPProfile.allCases) func packetsArriveAsTheyWere(profile: SRTPProfile) throws {
    let (sender, receiver) = try Self.pair(profile)
    for (index, payload) in [0, 1, 100, 1150].enumerated() {
      let packet = Self.rtp(UInt16(index + 1), payload: payload)
      let wire = try Self.protected(sender, packet)
      #expect(wire.count == packet.count + profile.rtpOverhead)
      #expect(payload == 0 || !wire.dropFirst(12).starts(with: packet.dropFirst(12)))
      #expect(try Self.opened(receiver, wire) == packet)
      let report = Self.rtcp()
      let wireReport = try Self.protected(sender, report, rtcp: true)
      #expect(wireReport.count == report.count + profile.rtcpOverhead)
      #expect(try Self.opened(receiver, wireReport, rtcp: true) == report)
    }
  }

  @Test(arguments: SRTPProfile.allCases) func aReplayIsRefused(profile: SRTPProfile) throws {
    let (sender, receiver) = try Self.pair(profile)
    let wires = try (1...200).map { try Self.protected(sender, Self.rtp($0)) }
    for wire in wires { _ = try Self.opened(receiver, wire) }
    for wire in wires { #expect(throws: SRTPError.replayed) { try Self.opened(receiver, wire) } }
    let report = try Self.protected(sender, Self.rtcp(), rtcp: true)
    _ = try Self.opened(receiver, report, rtcp: true)
    #expect(throws: SRTPError.replayed) { try Self.opened(receiver, report, rtcp: true) }
  }

  @Test(arguments: SRTPProfile.allCases) func latePacketsPassOnceWithinTheWindow(profile: SRTPProfile) throws {
    let (sender, receiver) = try Self.pair(profile)
    let wires = try (1...1100).map { try Self.protected(sender, Self.rtp($0)) }
    _ = try Self.opened(receiver, wires[1099])
    // 1000 behind is within the window of 1024, 1099 behind is not.
    #expect(try Self.opened(receiver, wires[99]) == Self.rtp(100))
    #expect(throws: SRTPError.replayed) { try Self.opened(receiver, wires[99]) }
    #expect(throws: SRTPError.replayed) { try Self.opened(receiver, wires[0]) }
  }

  @Test(arguments: SRTPProfile.allCases) func anyFlippedBitIsNoticed(profile: SRTPProfile) throws {
    let (sender, receiver) = try Self.pair(profile)
    for rtcp in [false, true] {
      let wire = try Self.protected(sender, rtcp ? Self.rtcp() : Self.rtp(1), rtcp: rtcp)
      for bit in 0..<wire.count * 8 {
        let buffer = PacketBuffer(wire)
        buffer.flip(bit: bit)
        #expect(throws: SRTPError.self, "bit \(bit) of \(rtcp)") {
          try Self.opened(receiver, buffer.bytes(wire.count), rtcp: rtcp)
        }
      }
      // The true one still passes: the forgeries left no trace.
      _ = try Self.opened(receiver, wire, rtcp: rtcp)
    }
  }

  @Test(arguments: SRTPProfile.allCases) func aTamperedPayloadFailsAuthentication(profile: SRTPProfile) throws {
    let (sender, receiver) = try Self.pair(profile)
    var wire = try Self.protected(sender, Self.rtp(1))
    wire[20] ^= 1
    #expect(throws: SRTPError.authentication) { try Self.opened(receiver, wire) }
  }

  @Test func anothersKeysOpenNothing() throws {
    let (sender, _) = try Self.pair(.aeadAES128GCM)
    let stranger = try SRTPSession(
      keys: SRTPKeys(
        profile: .aeadAES128GCM, local: .init(repeating: 1, count: 28), remote: .init(repeating: 2, count: 28)))
    #expect(throws: SRTPError.authentication) { try Self.opened(stranger, Self.protected(sender, Self.rtp(1))) }
  }

  @Test(arguments: SRTPProfile.allCases) func cutPacketsAreRefused(profile: SRTPProfile) throws {
    let (sender, receiver) = try Self.pair(profile)
    for rtcp in [false, true] {
      let wire = try Self.protected(sender, rtcp ? Self.rtcp() : Self.rtp(1), rtcp: rtcp)
      for length in 0..<wire.count {
        #expect(throws: SRTPError.self) { try Self.opened(receiver, Array(wire.prefix(length)), rtcp: rtcp) }
      }
    }
  }

  @Test func headersThatLieAreRefused() throws {
    let (sender, receiver) = try Self.pair(.aes128CMSHA1With80BitTag)
    var wire = try Self.protected(sender, Self.rtp(1))
    wire[0] = 0x9f  // An extension and 15 contributing sources that are not there.
    #expect(throws: SRTPError.self) { try Self.opened(receiver, wire) }
    #expect(throws: SRTPError.malformed) { try Self.protected(sender, [0x80, 0, 0]) }
  }

  @Test func protectingNeedsRoom() throws {
    let (sender, _) = try Self.pair(.aeadAES128GCM)
    let packet = PacketBuffer(Self.rtp(1), room: 15)
    #expect(throws: SRTPError.noRoom) { try sender.protectRTP(packet.view, length: packet.view.count - 15) }
    let report = PacketBuffer(Self.rtcp(), room: 19)
    #expect(throws: SRTPError.noRoom) { try sender.protectRTCP(report.view, length: report.view.count - 19) }
  }

  @Test func aPeerCannotOpenStreamsWithoutEnd() throws {
    let (sender, receiver) = try Self.pair(.aeadAES128GCM)
    for ssrc in 1...UInt32(SRTPSession.maximumStreams) {
      _ = try Self.opened(receiver, Self.protected(sender, Self.rtp(1, ssrc: ssrc)))
    }
    #expect(throws: SRTPError.tooManyStreams) {
      try Self.opened(receiver, Self.protected(sender, Self.rtp(1, ssrc: 9999)))
    }
    _ = try Self.opened(receiver, Self.protected(sender, Self.rtp(2, ssrc: 1)))
  }

  @Test func keysOfAnotherLengthAreRefused() {
    let keys = SRTPKeys(profile: .aeadAES128GCM, local: .init(repeating: 0, count: 30), remote: [])
    #expect(throws: SRTPError.keyLength(expected: 28, actual: 30)) { try SRTPSession(keys: keys) }
  }
}
