import CV4L2
import Links

/// Where in a driver's buffer the rows of a picture lie, and how they come out of it without padding.
struct V4L2Layout: Equatable, Sendable {
  private struct Plane: Equatable, Sendable {
    var offset: Int
    /// From one row to the next.
    var stride: Int
    var row: Int
    var rows: Int
    var end: Int { offset + stride * (rows - 1) + row }
  }

  let format: PixelFormat
  let width: Int
  let height: Int
  private let planes: [Plane]
  private let isTight: Bool
  /// Bytes of a picture without padding; 0 for JPEG.
  let tightBytes: Int
  /// Bytes that a whole picture takes in the driver's buffer; 1 for JPEG.
  let neededBytes: Int

  /// Nil if rows would overlap or the picture is beyond all bounds.
  init?(_ format: PixelFormat, width: Int, height: Int, bytesPerLine: Int) {
    guard (16...4_096).contains(width), (16...4_096).contains(height), (0...65_536).contains(bytesPerLine) else {
      return nil
    }
    self.format = format
    self.width = width
    self.height = height
    let (pairs, chromaRows) = ((width + 1) / 2, (height + 1) / 2)
    let least = format == .yuyv ? pairs * 4 : width
    // Some drivers leave it zero where there is nothing to say.
    let stride = bytesPerLine == 0 ? least : bytesPerLine
    switch format {
    case .mjpeg: planes = []
    case .yuyv: planes = [Plane(offset: 0, stride: stride, row: least, rows: height)]
    case .nv12:
      planes = [
        Plane(offset: 0, stride: stride, row: width, rows: height),
        Plane(offset: stride * height, stride: stride, row: pairs * 2, rows: chromaRows),
      ]
    case .i420:
      let half = (stride + 1) / 2
      planes = [
        Plane(offset: 0, stride: stride, row: width, rows: height),
        Plane(offset: stride * height, stride: half, row: pairs, rows: chromaRows),
        Plane(offset: stride * height + half * chromaRows, stride: half, row: pairs, rows: chromaRows),
      ]
    }
    guard planes.allSatisfy({ $0.stride >= $0.row }) else { return nil }
    isTight = planes.allSatisfy { $0.stride == $0.row }
    tightBytes = planes.reduce(0) { $0 + $1.row * $1.rows }
    neededBytes = planes.last?.end ?? 1
  }

  /// Copies a picture to the start of `memory`. The caller has seen to it that `source` is as long as needed, and `memory` too.
  func copy(_ source: UnsafeRawBufferPointer, to memory: UnsafeMutableRawBufferPointer) -> Int? {
    if format == .mjpeg || isTight {
      let length = format == .mjpeg ? source.count : tightBytes
      guard length > 0, length <= memory.count, length <= source.count else { return nil }
      memory.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[..<length]))
      return length
    }
    guard source.count >= neededBytes, memory.count >= tightBytes, let from = source.baseAddress,
      let to = memory.baseAddress
    else { return nil }
    var written = 0
    for plane in planes {
      for row in 0..<plane.rows {
        (to + written).copyMemory(from: from + plane.offset + row * plane.stride, byteCount: plane.row)
        written += plane.row
      }
    }
    return written
  }
}
