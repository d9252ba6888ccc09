import Glibc
import Linux

/// A directory that is removed with everything in it.
public final class ScratchDirectory: Sendable {
  public let path: String

  public init() throws {
    var template = Array("/tmp/fieldbox-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemError("mkdtemp", code: errno) }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    let remove = Spawn(path: "/bin/rm", arguments: ["rm", "-rf", path], environment: [])
    if let pid = try? remove.start() { waitpid(pid, nil, 0) }
  }
}
