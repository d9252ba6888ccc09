import Glibc

/// The kernel's small text files, of which the first kilobyte is all that is wanted.
public enum SmallFile {
  /// The first line, or the first that starts with these words; nil if there is none.
  public static func line(_ path: String, starting words: String = "") -> String? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    let text = withUnsafeTemporaryAllocation(byteCount: 1_024, alignment: 1) { bytes -> String in
      String(decoding: bytes.prefix(max(0, read(file, bytes.baseAddress, bytes.count))), as: UTF8.self)
    }
    return text.split(separator: "\n").first { $0.hasPrefix(words) }.map(String.init)
  }
}
