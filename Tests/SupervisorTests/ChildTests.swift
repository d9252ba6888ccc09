import Glibc
import Links
import Linux
import Testing

@testable import Supervisor

/// A child over a real control link, whose other end is the test's; there is no process.
@Suite struct ChildTests {
  final class Stand {
    let loop: EventLoop
    var child: Child?
    var control: MessageSocket?
    var starts = 0
    var preparations = 0

    init(prepares: Bool = false) throws {
      loop = try EventLoop()
      var bounds = ChildLifecycle.Bounds()
      bounds.restarts.retry = .zero
      child = Child(
        "child", on: loop, bounds: bounds,
        hooks: .init(
          spawn: { [unowned self] number throws(SystemError) in
            starts += 1
            let borrowed = Descriptor(adopting: number)
            let copy = try borrowed.duplicate()
            _ = borrowed.release()
            control = try MessageSocket(adopting: copy)
            // No process has such a number.
            return 1 << 30
          }, spawned: {}, report: { _ in }, changed: {},
          prepare: prepares ? { [unowned self] in preparations += 1 } : nil))
      child?.advance()
    }

    func report(_ report: ControlReport) throws { control?.send(try LinkCodec.encode(report)) }
    func turn(until condition: () -> Bool) -> Bool { CaptureTests.turn(loop, until: condition) }
  }

  @Test func oneWhoseLinkIsGoneHearsNothingAlthoughItRuns() throws {
    let stand = try Stand()
    let child = try #require(stand.child)
    #expect(!child.hears)
    try stand.report(.ready)
    #expect(stand.turn { child.hears })
    stand.control = nil
    child.send(.press(.short(.call)))
    #expect(child.isRunning)
    #expect(!child.hears)
  }

  @Test func countersThatNobodyShouldSeeAreDropped() throws {
    let stand = try Stand()
    let child = try #require(stand.child)
    try stand.report(.ready)
    let longest = String(repeating: "y", count: 64)
    let good = ["datagrams.stun": 3, longest: 1]
    let bad = ["a\u{1b}[2J": 1, "two words": 2, "": 3, "caf\u{e9}": 4, longest + "y": 5, "line\n": 6]
    try stand.report(.pong(1, counters: good.merging(bad) { one, _ in one }))
    #expect(stand.turn { !child.counters.isEmpty })
    #expect(child.counters == good)
    let many = Dictionary(uniqueKeysWithValues: (0..<129).map { ("counter\($0)", $0) })
    try stand.report(.pong(2, counters: many))
    #expect(stand.turn { child.counters != good })
    #expect(child.counters.isEmpty)
  }

  @Test func afterAHopelessEndItIsStartedWhenAllIsPrepared() throws {
    let stand = try Stand(prepares: true)
    let child = try #require(stand.child)
    try stand.report(.ready)
    #expect(stand.turn { child.isRunning })
    child.ended(.exited(code: 1))
    #expect(stand.starts == 2 && stand.preparations == 0)
    child.ended(.exited(code: 78))
    #expect(child.lifecycle.isFault)
    #expect(stand.turn { stand.preparations == 1 })
    #expect(stand.starts == 2)
    child.prepared()
    #expect(stand.starts == 3)
    try stand.report(.ready)
    #expect(stand.turn { child.isRunning })
    #expect(!child.lifecycle.isFault)
  }

  @Test func oneThatHasNothingToPrepareIsStarted() throws {
    let stand = try Stand()
    stand.child?.ended(.exited(code: 78))
    #expect(stand.turn { stand.starts == 2 })
  }
}
