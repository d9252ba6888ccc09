import Glibc
import Linux

/// Who has a device node open, by the links that the kernel keeps under /proc. Without root only the user's own programs can be
/// seen.
enum DeviceHolder {
  /// The name of the first other program that has it; nil if none can be seen.
  static func name(of path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    let node = String(cString: resolved)
    for process in Files.names(in: "/proc") where Int32(process) != nil && Int32(process) != getpid() {
      let directory = "/proc/\(process)/fd"
      guard Files.names(in: directory).contains(where: { link("\(directory)/\($0)") == node }) else { continue }
      return name(ofProcess: process)
    }
    return nil
  }

  private static func name(ofProcess process: String) -> String? {
    let file = open("/proc/\(process)/comm", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    return withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { bytes -> String? in
      let count = read(file, bytes.baseAddress, bytes.count)
      return count > 1 ? String(decoding: bytes.prefix(count).prefix { $0 != 0x0A }, as: UTF8.self) : nil
    }
  }

  /// What a symbolic link points at; nil if it is none.
  static func link(_ path: String) -> String? {
    withUnsafeTemporaryAllocation(byteCount: 1_024, alignment: 1) { bytes -> String? in
      guard let start = bytes.assumingMemoryBound(to: CChar.self).baseAddress else { return nil }
      let count = readlink(path, start, bytes.count)
      return count > 0 ? String(decoding: bytes.prefix(count), as: UTF8.self) : nil
    }
  }
}
