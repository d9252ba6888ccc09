import Glibc
import Linux
import Testing

@Suite struct DescriptorGroupTests {
  private func isReadable(_ number: Int32) -> Bool {
    var poll = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
    return Glibc.poll(&poll, 1, 0) == 1
  }

  @Test func itIsReadableWhileAMemberIs() throws {
    let group = try DescriptorGroup()
    let one = try EventFlag()
    let other = try EventFlag()
    try group.add(one.number)
    try group.add(other.number)
    #expect(!isReadable(group.number))
    one.raise()
    one.raise()
    other.raise()
    #expect(isReadable(group.number))
    one.lower()
    #expect(isReadable(group.number))
    other.lower()
    #expect(!isReadable(group.number))
    one.raise()
    group.remove(one.number)
    #expect(!isReadable(group.number))
    try group.add(one.number)
    #expect(isReadable(group.number))
  }

  @Test func aDescriptorThatIsNoneIsRefused() throws {
    let group = try DescriptorGroup()
    #expect(throws: SystemError("epoll_ctl", code: EBADF)) { try group.add(-1) }
    group.remove(-1)
  }

  @Test func namesOfADirectory() {
    #expect(Files.names(in: "/proc/self").contains("fd"))
    #expect(!Files.names(in: "/proc/self").contains(".."))
    #expect(Files.names(in: "/nowhere") == [])
  }
}
