import Drawing
import Links
import Linux

/// Plays a file of JPEG pictures one behind the other, in a loop, at the rate that was asked for. A damaged picture goes out
/// as it is, like a camera's.
final class MJPEGSource: PictureSource {
  static let signature: [UInt8] = [0xFF, 0xD8, 0xFF]
  private static let chunk = 128 * 1024
  private static let largestPicture = 4 * 1024 * 1024

  let stream: CameraStream
  let pace: (count: Int64, seconds: Int64)
  private let file: RandomAccessFile
  private var position = 0

  init(_ file: consuming RandomAccessFile, framesPerSecond: Int) throws(DeviceError) {
    let path = file.path
    var head = try file.head(Self.chunk)
    let size = head.withUnsafeMutableBytes { JPEG.size(of: PacketView($0)) }
    guard let size, (16...4_096).contains(size.width), (16...4_096).contains(size.height) else {
      throw .unsupported("\(path): expected JPEG pictures from 16×16 to 4096×4096")
    }
    let rate = min(max(framesPerSecond, 1), 60)
    pace = (Int64(rate), 1)
    stream = CameraStream(
      mode: CameraMode(width: size.width, height: size.height, framesPerSecond: rate), format: .mjpeg,
      largestFrameBytes: min(Canvas.bytes(width: size.width, height: size.height) + 65_536, Self.largestPicture))
    self.file = file
  }

  func next(
    elapsed: Interval, wallSeconds: Int64, into memory: UnsafeMutableRawBufferPointer
  ) throws(DeviceError) -> Int {
    // Twice, for the end of the file may be in between.
    for _ in 0..<2 {
      if let length = try picture(into: memory) { return length }
      position = 0
    }
    throw .unsupported("\(file.path): no JPEG picture in it")
  }

  /// The picture at or behind the position; nil at the end of the file.
  private func picture(into memory: UnsafeMutableRawBufferPointer) throws(DeviceError) -> Int? {
    var filled = 0
    while filled < memory.count {
      let room = UnsafeMutableRawBufferPointer(
        rebasing: memory[filled..<min(memory.count, filled + Self.chunk)])
      let count = try file.read(at: position + filled, into: room)
      filled += count
      let bytes = PacketView(UnsafeMutableRawBufferPointer(rebasing: memory[..<filled]))
      guard let start = JPEG.start(in: bytes) else { return nil }
      if start > 0 {
        // Something else lies between two pictures.
        position += start
        filled = 0
        continue
      }
      if let length = JPEG.length(of: bytes) {
        position += length
        return length
      }
      if count < room.count {
        position += filled
        return filled
      }
    }
    throw .unsupported("\(file.path): a picture is larger than \(memory.count) bytes")
  }
}
