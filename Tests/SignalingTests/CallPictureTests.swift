import Links
import Linux
import Testing

@testable import Signaling

/// A call of sound alone becomes one with pictures, and a screen is sent in place of the camera.
@Suite struct CallPictureTests {
  /// Ann and bob talk, without pictures.
  private static func talking() throws -> Stage {
    let stage = Stage()
    for user in ["ann", "bob"] { _ = try stage.join(user) }
    try stage.call(0, "bob", video: false)
    try stage.act(.accept, 1)
    #expect(stage.routes == ["ann0>bob1 a", "bob1>ann0 a"])
    return stage
  }

  @Test(arguments: [0, 1]) func eitherSideMakesItACallWithPictures(first: Int) throws {
    let stage = try Self.talking()
    let other = 1 - first
    let offers = stage.phones.map(\.offers.count)
    try stage.send(first, video: true)
    for phone in 0..<2 { #expect(stage.phones[phone].call?.video == true) }
    #expect(stage.phones[other].call?.theirMedia == .init(audio: true, video: true))
    #expect(stage.phones[first].call?.theirMedia == .init(audio: true, video: false), "nobody is filmed unasked")
    #expect(stage.routes == ["ann0>bob1 av", "bob1>ann0 av"])
    #expect(stage.phones.map(\.offers.count) == offers, "nothing is negotiated")
    try stage.send(other, video: true)
    #expect(stage.phones[first].call?.theirMedia == .init(audio: true, video: true))
  }

  @Test func itStaysACallWithPicturesWhenTheCamerasAreOff() throws {
    let stage = try Self.talking()
    try stage.send(0, video: true)
    try stage.send(0, audio: false, video: false)
    #expect(stage.phones[1].call?.video == true)
    #expect(stage.phones[1].call?.theirMedia == .init(audio: false, video: false))
  }

  @Test func whoIsMutedStaysMuted() throws {
    let stage = try Self.talking()
    try stage.send(1, audio: false, video: false)
    try stage.send(0, video: true)
    #expect(stage.phones[0].call?.theirMedia == .init(audio: false, video: false))
  }

  @Test func theBoxSendsItsCameraAtOnce() throws {
    let stage = Stage()
    _ = try stage.join("ann")
    try stage.call(0, "box", video: false)
    stage.press(.short(.call))
    #expect(stage.routes == ["ann0>box a", "box>ann0 a"])
    #expect(stage.phones[0].call?.theirMedia == .init(audio: true, video: false))
    try stage.send(0, video: true)
    #expect(stage.phones[0].call?.video == true)
    #expect(stage.phones[0].call?.theirMedia == .init(audio: true, video: true))
    #expect(stage.routes == ["ann0>box av", "box>ann0 av"])
  }

  @Test func refusedBeforeItIsAcceptedAndFromWhomItIsNotWith() throws {
    let stage = Stage()
    for user in ["ann", "bob", "bob", "cid"] { _ = try stage.join(user) }
    let call = try stage.call(0, "bob", video: false).id
    for phone in 0..<2 { #expect(refusal { try stage.send(phone, video: true) } == .wrongState, "it rings") }
    try stage.act(.accept, 1)
    #expect(refusal { try stage.send(2, call, video: true) } == .wrongState, "the callee's other device")
    #expect(refusal { try stage.send(3, call, video: true) } == .notFound, "a stranger")
    for phone in 0..<2 { #expect(stage.phones[phone].call?.video == false) }
    #expect(stage.routes == ["ann0>bob1 a", "bob1>ann0 a"])
  }

  @Test func itIsPossibleWhileItConnects() throws {
    let stage = Stage()
    for user in ["ann", "bob"] { _ = try stage.join(user) }
    stage.phones[1].answers = false
    try stage.call(0, "bob", video: false)
    try stage.act(.accept, 1)
    #expect(stage.phones[0].call?.state == .connecting)
    try stage.send(0, video: true)
    stage.phones[1].answers = true
    try stage.act(.reconnect, 1)
    #expect(stage.phones[0].call?.state == .connected)
    #expect(stage.routes == ["ann0>bob1 av", "bob1>ann0 av"])
  }

  @Test func aScreenIsToldWithItsPicture() throws {
    let stage = try Self.talking()
    try stage.send(1, video: true, screen: true)
    #expect(stage.phones[0].call?.video == true, "a screen makes it one with pictures, too")
    #expect(stage.phones[0].call?.theirMedia == .init(audio: true, video: true, screen: true))
    #expect(refusal { try stage.send(1, video: false, screen: true) } == .invalid)
    #expect(stage.phones[0].call?.theirMedia == .init(audio: true, video: true, screen: true), "refused, so unchanged")
    try stage.send(1, video: true)
    #expect(stage.phones[0].call?.theirMedia == .init(audio: true, video: true), "the camera is back")
  }

  @Test func aRefusedScreenDoesNotBringPictures() throws {
    let stage = try Self.talking()
    #expect(refusal { try stage.send(0, video: false, screen: true) } == .invalid)
    for phone in 0..<2 { #expect(stage.phones[phone].call?.video == false) }
  }

  @Test func picturesOutliveTheServerAndTheMediaPlane() throws {
    let stage = try Self.talking()
    try stage.send(0, video: true, screen: true)
    let heard = stage.phones[1].events.count
    try stage.restartServer()
    for phone in 0..<2 { try stage.resume(phone) }
    #expect(stage.phones[1].events.count == heard, "nothing has changed")
    stage.restartMedia()
    #expect(stage.routes == ["ann0>bob1 av", "bob1>ann0 av"])
    try stage.restartServer(mediaToo: true)
    for phone in 0..<2 { try stage.resume(phone) }
    #expect(stage.routes == ["ann0>bob1 av", "bob1>ann0 av"])
    #expect(stage.phones[1].call?.theirMedia == .init(audio: true, video: true, screen: true))
    try stage.send(0, video: true)
    #expect(stage.phones[1].call?.theirMedia == .init(audio: true, video: true))
  }

  @Test(arguments: ["\"yes\"", "1", "[]"]) func aScreenThatIsNoTruthValueIsABadRequest(value: String) {
    let body = "{\"device\":\"d\",\"call\":\"c\",\"audio\":true,\"video\":true,\"screen\":\(value)}"
    #expect(refusal { _ = try APICodec.decode(CallMediaRequest.self, from: Array(body.utf8)) } == .badRequest)
  }

  @Test func aPageOfAnEarlierVersionDoesNotSayScreen() throws {
    let body = "{\"device\":\"d\",\"call\":\"c\",\"audio\":true,\"video\":true}"
    #expect(try APICodec.decode(CallMediaRequest.self, from: Array(body.utf8)).screen == nil)
  }
}
