import Drawing
import Linux

/// The band at the bottom of each simulated picture that tells when it was taken, so that anyone can measure its age:
/// 16 rows, 64 cells of equal width, black for 0 and white for 1. `1 0`, 44 bits of wall clock in milliseconds, most
/// significant first, CRC-16/CCITT-FALSE of those as 6 bytes with 4 leading zero bits, `0 1`.
public enum Strip {
  public static let rows = 16
  public static let cells = 64
  private static let black: UInt8 = 16
  private static let white: UInt8 = 235
  private static let timeMask: UInt64 = 1 << 44 - 1

  /// Why no time was found.
  public enum Failure: Error, Equatable, Sendable {
    /// The picture is smaller than a strip, or its memory than the picture.
    case tooSmall
    /// Black and white at the ends are not there.
    case noMarkers
    /// The cells were read, and do not fit their check sum.
    case checksum(expected: UInt16, got: UInt16)
  }

  /// The 64 cells for a time, the first one in the highest bit.
  public static func word(for time: WallTime) -> UInt64 {
    let milliseconds = UInt64(bitPattern: time.milliseconds) & timeMask
    return 0b10 << 62 | milliseconds << 18 | UInt64(checksum(milliseconds)) << 2 | 0b01
  }

  /// CRC-16/CCITT-FALSE: polynomial 0x1021, start 0xFFFF, nothing reflected.
  public static func crc16(_ bytes: some Sequence<UInt8>) -> UInt16 {
    bytes.reduce(0xFFFF) { crc, byte in
      (0..<8).reduce(crc ^ UInt16(byte) << 8) { crc, _ in crc & 0x8000 != 0 ? crc << 1 ^ 0x1021 : crc << 1 }
    }
  }

  private static func checksum(_ milliseconds: UInt64) -> UInt16 {
    crc16((0..<6).map { UInt8(truncatingIfNeeded: milliseconds >> (40 - 8 * $0)) })
  }

  /// Writes the strip into the lowest rows of a picture; nothing into one that is smaller than a strip.
  static func draw(_ time: WallTime, on canvas: Canvas) {
    guard canvas.width >= cells, canvas.height >= rows else { return }
    let word = word(for: time)
    let top = canvas.height - rows
    for cell in 0..<cells {
      let start = cell * canvas.width / cells
      let end = (cell + 1) * canvas.width / cells
      let bit = word >> UInt64(cells - 1 - cell) & 1
      for row in top..<canvas.height { canvas.y.fill(start, row, end - start, bit == 1 ? white : black) }
    }
    for row in top / 2..<canvas.u.height {
      canvas.u.fill(0, row, canvas.u.width, 128)
      canvas.v.fill(0, row, canvas.v.width, 128)
    }
  }

  /// Reads the time back from the brightness of a picture, whatever its size.
  /// - Parameter rows: the height of the band in this picture, 8 at half size.
  public static func read(
    luma: UnsafeRawBufferPointer, width: Int, height: Int, stride: Int, rows: Int = rows
  ) throws(Failure) -> WallTime {
    guard width >= cells, width <= stride, rows >= 4, height >= rows,
      luma.count >= (height - 1) &* stride &+ width
    else { throw .tooSmall }
    // The middle of each cell, where neighbours do not bleed in.
    let band = (height - rows + rows / 4)..<(height - rows / 4)
    func level(_ cell: Int) -> Int {
      let start = cell * width / cells
      let size = (cell + 1) * width / cells - start
      let columns = (start + size / 4)..<(start + max(size / 4 + 1, size - size / 4))
      let sum = band.reduce(0) { sum, row in columns.reduce(sum) { $0 + Int(luma[row * stride + $1]) } }
      return sum / (band.count * columns.count)
    }
    let dark = (level(1) + level(cells - 2)) / 2
    let light = (level(0) + level(cells - 1)) / 2
    guard light - dark > 32 else { throw .noMarkers }
    let threshold = (dark + light) / 2
    let word = (0..<cells).reduce(UInt64(0)) { $0 << 1 | (level($1) > threshold ? 1 : 0) }
    guard word >> 62 == 0b10, word & 0b11 == 0b01 else { throw .noMarkers }
    let milliseconds = word >> 18 & timeMask
    let expected = checksum(milliseconds)
    let got = UInt16(truncatingIfNeeded: word >> 2)
    guard expected == got else { throw .checksum(expected: expected, got: got) }
    return WallTime(milliseconds: Int64(milliseconds))
  }
}
