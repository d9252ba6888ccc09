import Links
import Linux
import Testing

@testable import Supervisor

@Suite struct HeldPressesTests {
  static func at(_ milliseconds: Int64) -> MonotonicTime { MonotonicTime(microseconds: milliseconds * 1_000) }

  @Test func whatIsFreshComesOutOnceAndInOrder() {
    var held = HeldPresses()
    held.hold(.held(.call), at: Self.at(1_000))
    held.hold(.short(.call), at: Self.at(1_001))
    held.hold(.short(.hangUp), at: Self.at(5_999))
    #expect(held.take(at: Self.at(6_000)) == [.short(.call), .short(.hangUp)])
    #expect(held.take(at: Self.at(6_000)).isEmpty)
  }

  @Test func whatAServerHasHeardIsNotDeliveredAgain() {
    var held = HeldPresses()
    held.heard()
    held.hold(.short(.call), at: Self.at(0), isSent: true)
    held.hold(.short(.hangUp), at: Self.at(1), isSent: true)
    held.heard()
    #expect(held.take(at: Self.at(2)).isEmpty)
    held.serverEnded()
    #expect(held.take(at: Self.at(3)) == [.short(.hangUp)])
    #expect(held.take(at: Self.at(3)).isEmpty)
  }

  @Test func ofTooManyTheLatestAreKept() {
    var held = HeldPresses()
    held.hold(.bothHeld, at: Self.at(0))
    for _ in 0..<HeldPresses.most { held.hold(.short(.call), at: Self.at(0)) }
    #expect(held.take(at: Self.at(0)) == Array(repeating: Press.short(.call), count: HeldPresses.most))
  }
}
