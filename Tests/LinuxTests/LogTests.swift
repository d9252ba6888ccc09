import Glibc
import TestSupport
import Testing

@testable import Linux

@Suite struct LogTests {
  @Test func anEntryGoesThroughAPipeWithItsFields() {
    let entry = LogEntry(.warning, "media", "one\ttwo\u{1b}[2J\nthree", ["CHILD": "media", "CODE": "a=b\tc"])
    let written = entry.written(withFields: true)
    #expect(written == "<4>media: one two [2J three\tCHILD=media\tCODE=a=b c")
    #expect(LogEntry(written: written, by: "other") == entry)
    #expect(entry.written(withFields: false) == "<4>media: one two [2J three")
  }

  @Test(arguments: [
    ("Fatal error: index out of range", LogEntry(.warning, "media", "Fatal error: index out of range")),
    ("<3>media: lost", LogEntry(.error, "media", "lost")), ("<6>no colon", LogEntry(.info, "media", "no colon")),
    ("<9>media: what", LogEntry(.warning, "media", "<9>media: what")), ("<", LogEntry(.warning, "media", "<")),
    ("", LogEntry(.warning, "media", "")), ("<6>", LogEntry(.info, "media", "")),
    ("<6>a: b\tlower=1\t=2\tX", LogEntry(.info, "a", "b")), ("a\tb=c", LogEntry(.warning, "media", "a b=c")),
    ("<6>a: \u{1b}]0;x\u{7}", LogEntry(.info, "a", " ]0;x ")),
  ])
  func whateverAChildWritesIsALine(line: String, entry: LogEntry) {
    #expect(LogEntry(written: line, by: "media") == entry)
  }

  @Test func whoTalksWithoutEndIsCutShortAndItIsSaid() {
    var limit = LogLimit(burst: 3, perSecond: 2)
    let start = MonotonicTime(microseconds: 1_000_000)
    #expect((0..<5).map { _ in limit.take(at: start) } == [0, 0, 0, nil, nil])
    #expect(limit.take(at: start + .milliseconds(499)) == nil)
    #expect(limit.take(at: start + .milliseconds(500)) == 3, "what was left out is told with the next line")
    #expect(limit.take(at: start + .milliseconds(999)) == nil)
    #expect(limit.take(at: start + .seconds(1)) == 1)
    let later = start + .seconds(3_600)
    #expect((0..<5).map { _ in limit.take(at: later) } == [0, 0, 0, nil, nil], "an hour's silence saves up no more")
    #expect(LogLimit.notice(7, of: "media").line == "media: 7 lines left out here: too many at once")
  }

  @Test func theJournalGetsEveryFieldOnALineOfItsOwn() throws {
    let directory = try ScratchDirectory()
    let path = "\(directory.path)/journal"
    let number = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    let receiver = Descriptor(adopting: number)
    var name = sockaddr_un()
    name.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8) }
    let bound = withUnsafeBytes(of: &name) {
      bind(number, $0.bindMemory(to: sockaddr.self).baseAddress, socklen_t(MemoryLayout<sockaddr_un>.size))
    }
    try #require(bound == 0)
    let journal = try #require(Journal(at: path))
    let entry = LogEntry(
      .error, "fieldbox-server", "a\nMESSAGE=b", ["USER": "ann\nPRIORITY=0", "no name": "x", "AUDIT": "signed in"])
    #expect(journal.send(entry))
    let socket = try MessageSocket(adopting: receiver)
    guard let received = try socket.receive()?.bytes else {
      Issue.record("nothing came")
      return
    }
    #expect(
      String(decoding: received, as: UTF8.self)
        == "PRIORITY=3\nSYSLOG_IDENTIFIER=fieldbox-server\nMESSAGE=a MESSAGE=b\nFIELDBOX_AUDIT=signed in\n"
        + "FIELDBOX_USER=ann PRIORITY=0\n")
  }

  @Test func standardErrorIsTheJournalOnlyWhereItLeadsThere() throws {
    let directory = try ScratchDirectory()
    let number = open("\(directory.path)/file", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    let file = Descriptor(adopting: number)
    var status = stat()
    try #require(fstat(file.number, &status) == 0)
    #expect(Journal.leads(file.number, to: "\(status.st_dev):\(status.st_ino)"))
    #expect(!Journal.leads(file.number, to: "\(status.st_dev):\(status.st_ino + 1)"))
    #expect(!Journal.leads(-1, to: "\(status.st_dev):\(status.st_ino)"))
    #expect(Journal(at: "\(directory.path)/nobody") == nil)
  }
}
