import CV4L2
import Glibc
import Linux

extension V4L2Calls {
  /// The kernel itself, by libv4l with its conversion switched off.
  static let library = V4L2Calls(
    open: { path in
      let number = fieldbox_v4l2_open(path)
      return number >= 0 ? .success(number) : .failure(SystemError("open", code: -number, about: path))
    },
    adopt: { fieldbox_v4l2_adopt($0) },
    close: { _ = v4l2_close($0) },
    request: { fieldbox_v4l2_ioctl($0, $1.number, $2) },
    map: { descriptor, length, offset in
      let start = v4l2_mmap(nil, length, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, Int64(offset))
      guard let start, start != MAP_FAILED else {
        return .failure(SystemError("mmap", code: errno, about: "\(length) bytes"))
      }
      return .success(start)
    },
    unmap: { _ = v4l2_munmap($0, $1) },
    wait: { descriptor, other, milliseconds in
      var entries = (
        pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0), pollfd(fd: other, events: Int16(POLLIN), revents: 0)
      )
      let count = withUnsafeMutableBytes(of: &entries) {
        poll($0.assumingMemoryBound(to: pollfd.self).baseAddress, 2, milliseconds)
      }
      guard count >= 0 else { return .failure(SystemError("poll", code: errno)) }
      return .success(
        Woken(
          ready: entries.0.revents & Int16(POLLIN) != 0,
          failed: entries.0.revents & Int16(POLLERR | POLLHUP | POLLNVAL) != 0, interrupted: entries.1.revents != 0))
    },
    now: { .now() },
    holder: { DeviceHolder.name(of: $0) })
}
