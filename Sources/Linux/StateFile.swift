import Glibc

/// Small files: read whole, replaced whole.
public enum StateFile {
  /// Nil if there is none.
  public static func read(_ path: String, atMost limit: Int = 1 << 20) throws(SystemError) -> [UInt8]? {
    let number = open(path, O_RDONLY | O_CLOEXEC)
    guard number >= 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw SystemError("open", code: errno, about: path)
    }
    defer { close(number) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 * 1024)
    while true {
      let count = Glibc.read(number, &chunk, chunk.count)
      if count == 0 { return bytes }
      if count < 0 {
        if errno == EINTR { continue }
        throw SystemError("read", code: errno, about: path)
      }
      bytes.append(contentsOf: chunk[..<count])
      guard bytes.count <= limit else { throw SystemError("read", code: EFBIG, about: path) }
    }
  }

  /// Writes a new file beside the old one, brings it to the disk and puts it in its place: after a power cut there is the
  /// old one or the new one.
  public static func replace(_ path: String, with bytes: [UInt8], mode: mode_t, owner: Owner? = nil) throws(SystemError)
  {
    let temporary = "\(path).new"
    unlink(temporary)
    let number = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
    guard number >= 0 else { throw SystemError("open", code: errno, about: temporary) }
    do {
      defer { close(number) }
      var done = 0
      while done < bytes.count {
        let count = bytes[done...].withUnsafeBytes { write(number, $0.baseAddress, $0.count) }
        if count < 0 {
          if errno == EINTR { continue }
          throw SystemError("write", code: errno, about: temporary)
        }
        done += count
      }
      if let owner, fchown(number, owner.user, owner.group) != 0 {
        throw SystemError("fchown", code: errno, about: temporary)
      }
      guard fchmod(number, mode) == 0, fsync(number) == 0 else {
        throw SystemError("fsync", code: errno, about: temporary)
      }
    }
    guard rename(temporary, path) == 0 else { throw SystemError("rename", code: errno, about: path) }
    let slash = path.lastIndex(of: "/") ?? path.startIndex
    let directory = open(String(path[..<slash]) + "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard directory >= 0 else { return }
    fsync(directory)
    close(directory)
  }

  /// Makes a directory and those above it that are missing.
  public static func makeDirectory(_ path: String, mode: mode_t, owner: Owner? = nil) throws(SystemError) {
    if mkdir(path, mode) == 0 {
      // Whatever the umask: others than its maker are to find their way.
      guard chmod(path, mode) == 0 else { throw SystemError("chmod", code: errno, about: path) }
      if let owner, chown(path, owner.user, owner.group) != 0 { throw SystemError("chown", code: errno, about: path) }
      return
    }
    if errno == ENOENT, let slash = path.dropLast().lastIndex(of: "/"), slash != path.startIndex {
      try makeDirectory(String(path[..<slash]), mode: 0o755)
      return try makeDirectory(path, mode: mode, owner: owner)
    }
    guard errno == EEXIST else { throw SystemError("mkdir", code: errno, about: path) }
  }
}

/// Whom a file is given to.
public struct Owner: Sendable, Equatable {
  public var user: uid_t
  public var group: gid_t
  public init(user: uid_t, group: gid_t) {
    self.user = user
    self.group = group
  }
}
