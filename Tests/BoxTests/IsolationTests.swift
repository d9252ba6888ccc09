import Glibc
import Linux
import TestSupport
import Testing

/// As root with users to become, the children have no root, no groups and no way to the authority's key.
@Suite(.enabled(if: geteuid() == 0, "only root can start children as other users"))
struct IsolationTests {
  static let settings = ["users.server-user=nobody", "users.media-user=daemon"]

  /// A directory that other users may enter, with a page that they may read.
  static func directory() throws -> ScratchDirectory {
    let directory = try ScratchDirectory()
    #expect(chmod(directory.path, 0o755) == 0)
    try Files.makeDirectory("\(directory.path)/web")
    let page = Descriptor(adopting: open("\(directory.path)/web/index.html", O_CREAT | O_WRONLY | O_CLOEXEC, 0o644))
    #expect(write(page.number, "<p>", 3) == 3)
    return directory
  }

  static func lines(_ pid: pid_t) -> [Substring] {
    (BoardCommandTests.read("/proc/\(pid)/status") ?? "").split(separator: "\n")
  }

  @Test func childrenRunAsUsersOfTheirOwn() throws {
    let directory = try Self.directory()
    let box = try Box(settings: Self.settings, in: directory, web: "\(directory.path)/web")
    #expect(try box.status().isolated)
    for (child, user) in [("server", "nobody"), ("media", "daemon")] {
      let id = try #require(getpwnam(user)?.pointee.pw_uid)
      let lines = Self.lines(try box.pid(of: child))
      #expect(lines.contains("Uid:\t\(id)\t\(id)\t\(id)\t\(id)"), "\(child)")
      #expect(lines.contains { $0.hasPrefix("Groups:") && $0.dropFirst(7).allSatisfy(\.isWhitespace) }, "\(child)")
      #expect(lines.contains("NoNewPrivs:\t1"), "\(child)")
      #expect(lines.contains("Seccomp:\t2"), "\(child)")
      #expect(lines.contains { $0.hasPrefix("CapEff:") && $0.hasSuffix("\t0000000000000000") }, "\(child)")
    }
    // And what they make and need is theirs after a restart too.
    kill(try box.pid(of: "server"), SIGKILL)
    try box.wait(for: "the server to run again") {
      $0.children["server"]?.state == "running" && $0.children["server"]?.restarts == 1
    }
  }

  @Test func theAuthorityIsOutOfTheServersReach() throws {
    let directory = try Self.directory()
    let box = try Box(settings: Self.settings, in: directory, web: "\(directory.path)/web")
    let state = "\(box.root)/var/lib/fieldbox"
    // As the server's user: reading, replacing and moving must all fail, and its own files must work.
    let server = try #require(getpwnam("nobody")?.pointee)
    var attempt = Spawn(
      path: "/bin/sh",
      arguments: [
        "sh", "-c",
        """
        cat \(state)/authority/ca.key && exit 1
        echo x >\(state)/authority/ca.key && exit 2
        mv \(state)/authority \(state)/old && exit 3
        rm -f \(state)/authority/ca.key && [ ! -e \(state)/authority/ca.key ] && exit 4
        cat \(state)/tls/leaf.key >/dev/null || exit 5
        touch \(state)/mine && rm \(state)/mine || exit 6
        exit 0
        """,
      ])
    attempt.user = Spawn.User(uid: server.pw_uid, gid: server.pw_gid)
    let output = try ProcessOutput()
    attempt.output = output.writing
    let pid = try LastingSpawn.start(attempt)
    output.closeWriting()
    #expect(output.waitForEnd(seconds: Int64(Box.seconds)))
    var info = siginfo_t()
    waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT)
    #expect(ChildExit.collect(pid)?.exit == .exited(code: 0), "\(output.text)")
    #expect(Files.exists("\(state)/authority/ca.key"))
  }
}
