import Configuration
import Linux
import TestSupport
import Testing

@testable import Server

@Suite struct ClockTests {
  static let built = WallTime(milliseconds: 1_700_000_000_000)
  private func later(_ days: Int64) -> WallTime {
    WallTime(milliseconds: Self.built.milliseconds + days * 86_400_000)
  }

  /// What the clock is set to; nil for not at all.
  private func restored(_ paths: Paths, now: WallTime) throws -> WallTime? {
    var set: WallTime?
    let said = try ClockCommand.restore(paths, now: now, buildTime: Self.built) { time throws(SystemError) in set = time
    }
    #expect(said == set)
    return set
  }

  @Test func aClockThatIsBehindIsSetToTheLatestTimeThatWasSeen() throws {
    let directory = try ScratchDirectory()
    let paths = Paths(root: directory.path)
    let epoch = WallTime(milliseconds: 0)
    #expect(try restored(paths, now: epoch) == Self.built, "nothing was saved: not before it was built")
    try ClockCommand.save(paths, now: later(10))
    #expect(try restored(paths, now: epoch) == later(10))
    #expect(try restored(paths, now: later(9)) == later(10))
    #expect(try restored(paths, now: later(10)) == nil)
    #expect(try restored(paths, now: later(11)) == nil)
    try ClockCommand.save(paths, now: later(5))
    #expect(try restored(paths, now: epoch) == later(5), "somebody has set it back meanwhile")
    try ClockCommand.save(paths, now: later(40 * 365))
    #expect(try restored(paths, now: later(1)) == nil, "no box is that old")
  }

  @Test func aClockThatCannotBeSetIsAnError() throws {
    let directory = try ScratchDirectory()
    #expect(throws: SystemError.self) {
      try ClockCommand.restore(Paths(root: directory.path), now: WallTime(milliseconds: 0)) { _ throws(SystemError) in
        throw SystemError("clock_settime", code: 1)
      }
    }
  }

  private func sign(_ paths: Paths, _ now: WallTime, trusts: Bool = false) throws -> SigningCommand.Outcome {
    try SigningCommand.run(
      .init(
        paths: paths, name: "fieldbox.internal", addresses: [], now: now, buildTime: Self.built, trustsClock: trusts))
  }

  @Test func aClockThatWasSetWrongAndRightAgainCostsNoPhoneItsTrust() throws {
    let directory = try ScratchDirectory()
    let paths = Paths(root: directory.path)
    _ = try sign(paths, later(1))
    let authority = try StateFile.read(paths.authorityCertificate)
    #expect(try sign(paths, later(2)) == .kept)

    // Three years ahead, and back.
    #expect(try sign(paths, later(3 * 365), trusts: true) == .signedLeaf(reason: "the old one runs out"))
    #expect(try sign(paths, later(3), trusts: true) == .signedLeaf(reason: "the old one runs out"))
    #expect(try sign(paths, later(4)) == .kept)
    #expect(try StateFile.read(paths.authorityCertificate) == authority)

    // Beyond the authority's own end, and back.
    #expect(try sign(paths, later(20 * 365), trusts: true) == .madeAuthority(reason: "the old one runs out"))
    #expect(try StateFile.read(paths.authorityCertificate) != authority)
    _ = try sign(paths, later(5), trusts: true)
    #expect(try StateFile.read(paths.authorityCertificate) == authority)
    #expect(try sign(paths, later(6)) == .kept)

    // Twenty years back: nothing is signed from before the program was built.
    #expect(try sign(paths, later(-20 * 365), trusts: true) == .kept)
    #expect(try StateFile.read(paths.authorityCertificate) == authority)
  }

  @Test func aCertificateThatHasRunOutIsTold() throws {
    let directory = try ScratchDirectory()
    let paths = Paths(root: directory.path)
    _ = try sign(paths, later(0))
    let certificate = ServerCertificate(certificatePath: paths.leafCertificate, keyPath: paths.leafKey)
    #expect(certificate.fault(at: later(1)) == nil)
    #expect(certificate.fault(at: later(800)) == "it has run out, or the clock of the box is wrong")
    #expect(certificate.fault(at: later(-200)) == "it is valid only later: the clock of the box is wrong")
  }
}
