import CLinux

public enum Terminal {
  /// Columns and rows; 80 and 24 where nobody knows.
  public static func size(_ number: Int32) -> (columns: Int, rows: Int) {
    var columns: Int32 = 0
    var rows: Int32 = 0
    guard fb_window_size(number, &columns, &rows) == 0, columns > 0, rows > 0 else { return (80, 24) }
    return (Int(columns), Int(rows))
  }
}
