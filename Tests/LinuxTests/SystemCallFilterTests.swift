import Glibc
import Linux
import Synchronization
import Testing

@Suite struct SystemCallFilterTests {
  /// A filter holds for a thread, so one of the test's own is enough.
  @Test func whatIsForbiddenIsRefusedAndTheRestGoesOn() throws {
    let results = Mutex<[String: Int32]>([:])
    let thread = try Worker(name: "filtered") {
      do throws(SystemError) {
        try SystemCallFilter.install()
      } catch {
        Issue.record("\(error)")
        return
      }
      @Sendable func note(_ name: String, _ result: Int) {
        let code = result < 0 ? errno : 0
        results.withLock { $0[name] = code }
      }
      note("chroot", Int(chroot("/")))
      note("mount", Int(mount("none", "/tmp", "tmpfs", 0, nil)))
      note("packet socket", Int(socket(17, Int32(SOCK_RAW.rawValue), 0)))
      note("netlink socket", Int(socket(AF_NETLINK, Int32(SOCK_RAW.rawValue), 0)))
      var arguments: [UnsafeMutablePointer<CChar>?] = [nil]
      note("execve", Int(execv("/bin/true", &arguments)))
      var pid: pid_t = 0
      errno = posix_spawn(&pid, "/bin/true", nil, nil, &arguments, environ)
      note("spawn", errno == 0 ? 0 : -1)
      for (name, family) in [("unix", AF_UNIX), ("inet", AF_INET), ("inet6", AF_INET6)] {
        let number = socket(family, Int32(SOCK_DGRAM.rawValue), 0)
        note(name, Int(number))
        close(number)
      }
      note("file", Int(access("/", R_OK)))
      let inner = try? Worker(name: "inner") { note("inner", Int(chroot("/"))) }
      inner?.join()
    }
    thread.join()
    #expect(
      results.withLock { $0 } == [
        "chroot": EPERM, "mount": EPERM, "packet socket": EAFNOSUPPORT,
        "netlink socket": EAFNOSUPPORT, "execve": EPERM, "spawn": EPERM, "unix": 0, "inet": 0, "inet6": 0, "file": 0,
        "inner": EPERM,
      ])
  }
}
