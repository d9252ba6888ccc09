import CLinux
import Glibc

/// Standard output and error for people and pipes.
public enum Terminal {
  /// Columns and rows; 80 and 24 where nobody knows.
  public static func size(_ number: Int32) -> (columns: Int, rows: Int) {
    var columns: Int32 = 0
    var rows: Int32 = 0
    guard fb_window_size(number, &columns, &rows) == 0, columns > 0, rows > 0 else { return (80, 24) }
    return (Int(columns), Int(rows))
  }

  /// To standard output at once, without a buffer that would hold lines back in a pipe.
  /// False when nobody reads it any more.
  @discardableResult
  public static func write(_ text: String) -> Bool { write(1, text) }
  /// A line to standard error.
  public static func writeError(_ line: String) { write(2, line + "\n") }

  @discardableResult
  private static func write(_ number: Int32, _ text: String) -> Bool {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(number, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      bytes = bytes.dropFirst(count)
    }
    return true
  }
}
