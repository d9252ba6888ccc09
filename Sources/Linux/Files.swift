import Glibc

/// The few things that are done with files by name.
public enum Files {
  public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Tells a file from another that takes its place; nil if there is none.
  public static func identity(_ path: String) -> UInt64? {
    var status = stat()
    return stat(path, &status) == 0 ? UInt64(status.st_ino) : nil
  }

  /// The names in a directory, in no order; none if it cannot be read.
  public static func names(in directory: String) -> [String] {
    guard let stream = opendir(directory) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  /// Makes a directory and those above it; one that is there stays as it is.
  public static func makeDirectory(_ path: String, mode: mode_t = 0o755) throws(SystemError) {
    var made = ""
    for part in path.split(separator: "/", omittingEmptySubsequences: false) {
      made += made.isEmpty && part.isEmpty ? "" : (made.isEmpty && !path.hasPrefix("/") ? "\(part)" : "/\(part)")
      guard !part.isEmpty else { continue }
      let isLast = made.utf8.count == path.utf8.count
      guard mkdir(made, isLast ? mode : 0o755) == 0 || errno == EEXIST else {
        throw SystemError.last("mkdir", about: made)
      }
    }
  }

  /// Takes a lock that ends with this process; nil if another process has it.
  public static func lock(_ path: String) throws(SystemError) -> Descriptor? {
    let number = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard number >= 0 else { throw SystemError.last("open", about: path) }
    let descriptor = Descriptor(adopting: number)
    guard flock(number, LOCK_EX | LOCK_NB) == 0 else {
      if errno == EWOULDBLOCK { return nil }
      throw SystemError.last("flock", about: path)
    }
    return descriptor
  }
}
