import Glibc
import Linux
import TestSupport
import Testing

@Suite struct LocalSocketTests {
  @Test(arguments: ["fieldbox.sock", String(repeating: "d", count: 120) + "/fieldbox.sock"])
  func connectsUnderShortAndLongPathsAndIsPrivate(name: String) throws {
    let scratch = try ScratchDirectory()
    let path = "\(scratch.path)/\(name)"
    try Files.makeDirectory(String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]))
    let listener = try LocalSocket.listening(at: path)
    var status = stat()
    #expect(stat(path, &status) == 0)
    #expect(status.st_mode & 0o777 == 0o600)
    let nobody = try LocalSocket.accept(listener)
    #expect(nobody === nil)
    let client = try LocalSocket.connect(to: path)
    let server = try #require(try LocalSocket.accept(listener))
    #expect(client.send([5]) == .sent)
    #expect(try MessageSocketTests.next(server) == [5])
  }

  @Test func nobodyThereIsTold() throws {
    let scratch = try ScratchDirectory()
    #expect(throws: SystemError("connect", code: ENOENT, about: "\(scratch.path)/none")) {
      try LocalSocket.connect(to: "\(scratch.path)/none")
    }
  }

  @Test func aLockIsHeldByOne() throws {
    let scratch = try ScratchDirectory()
    func isFree() throws -> Bool {
      if let lock = try Files.lock("\(scratch.path)/lock") {
        _ = consume lock
        return true
      }
      return false
    }
    var first = try Files.lock("\(scratch.path)/lock")
    #expect(try !isFree())
    _ = first.take()
    #expect(try isFree())
  }
}
