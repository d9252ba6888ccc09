import Testing

@testable import Signaling

/// How many devices a user has, and which of them makes room for one more.
@Suite struct DeviceLimitTests {
  @Test func aUserHasSoManyDevices() throws {
    var settings = Switchboard.Settings()
    settings.devicesPerUser = 3
    let stage = Stage(settings)
    let phones = try (0..<3).map { _ in try stage.join("ann") }
    #expect(refusal { _ = try stage.join("ann") } == .rateLimited, "another session has no right to them")
    stage.close(phones[1])
    _ = try stage.join("ann")
    #expect(stage.board.devices.all(UserID("ann")).count == 3, "the one that was gone made room")
    #expect(stage.board.devices[stage.phones[phones[1]].device] == nil)
  }

  /// Streams of HTTP/2 may be gone without a word: they must not lock their user out.
  @Test func theOldestDeviceOfTheSessionMakesRoom() throws {
    var settings = Switchboard.Settings()
    settings.devicesPerUser = 3
    let stage = Stage(settings)
    let bob = try stage.join("bob")
    let other = try stage.join("ann", session: "tablet")
    let first = try stage.join("ann", session: "phone")
    let second = try stage.join("ann", session: "phone")
    try stage.call(bob, "ann")
    try stage.act(.accept, first)
    let third = try stage.join("ann", session: "phone")
    #expect(stage.phones[first].stream == nil, "its stream was closed")
    #expect(stage.phones[first].events.last != .sessionEnded, "its session goes on")
    #expect(stage.phones[bob].reason == .mediaFailed)
    #expect(
      stage.board.devices.all(UserID("ann"))
        == [stage.phones[other].device, stage.phones[second].device, stage.phones[third].device])
    #expect(stage.presence("ann", by: bob) == .online)
  }
}
