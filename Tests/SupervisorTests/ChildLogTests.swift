import Glibc
import Linux
import Synchronization
import Testing

@testable import Supervisor

/// What the log of this process got, for tests that run one at a time.
private final class Taken: Sendable {
  let entries = Mutex<[LogEntry]>([])
  init(of process: String) {
    Log.setTap { [weak self] entry in if entry.process == process { self?.entries.withLock { $0.append(entry) } } }
  }
  deinit { Log.setTap(nil) }
  var all: [LogEntry] { entries.withLock { $0 } }
}

@Suite(.serialized) struct ChildLogTests {
  private func write(_ text: String, to log: ChildLog) {
    let bytes = Array(text.utf8)
    _ = bytes.withUnsafeBytes { Glibc.write(log.number, $0.baseAddress, $0.count) }
  }

  @Test func linesComeWholeHoweverTheyAreWritten() throws {
    let log = try ChildLog("child-of-pieces", on: try EventLoop())
    let taken = Taken(of: "child-of-pieces")
    write("<6>child-of-pieces: o", to: log)
    log.read()
    #expect(taken.all.isEmpty)
    write("ne\tCHILD=x\n\nsecond\nlast words", to: log)
    log.read()
    #expect(taken.all.map(\.text) == ["one", "second"])
    #expect(taken.all.first?.fields == ["CHILD": "x"])
    #expect(taken.all.first?.priority == .info)
    log.ended()
    #expect(taken.all.map(\.text) == ["one", "second", "last words"])
  }

  @Test func aFloodIsCutShortAndHoldsNobodyUp() throws {
    let log = try ChildLog("child-in-flood", on: try EventLoop())
    let taken = Taken(of: "child-in-flood")
    // More than a pipe takes: whoever writes must not wait.
    for _ in 0..<40_000 { write("xxxxxxxxx\n", to: log) }
    log.ended()
    #expect((1...600).contains(taken.all.count))
  }

  @Test func aLineWithoutEndIsCut() throws {
    let log = try ChildLog("child-of-one-line", on: try EventLoop())
    let taken = Taken(of: "child-of-one-line")
    write(String(repeating: "y", count: 20_000) + "\nnext\n", to: log)
    log.read()
    #expect(taken.all.map(\.text.count) == [4_096, 4])
  }
}
