import Drawing
import Links
import Linux

/// Plays a YUV4MPEG2 file, 4:2:0 with 8 bits, in a loop.
final class Y4MSource: PictureSource {
  static let signature = Array("YUV4MPEG2 ".utf8)
  /// Longest line before a picture and at the start of the file.
  private static let longestLine = 256

  let stream: CameraStream
  let pace: (count: Int64, seconds: Int64)
  private let file: RandomAccessFile
  private let first: Int
  private var position: Int

  init(_ file: consuming RandomAccessFile) throws(DeviceError) {
    let path = file.path
    let head = try file.head(Self.longestLine)
    guard head.starts(with: Self.signature), let end = head.firstIndex(of: 0x0A) else {
      throw .unsupported("\(path): no YUV4MPEG2 header line")
    }
    var (width, height) = (0, 0)
    var pace: (count: Int64, seconds: Int64) = (30, 1)
    for field in String(decoding: head[..<end], as: UTF8.self).split(separator: " ").dropFirst() {
      let value = field.dropFirst()
      switch field.first {
      case "W": width = Int(value) ?? 0
      case "H": height = Int(value) ?? 0
      case "F":
        let parts = value.split(separator: ":").compactMap { Int64($0) }
        if parts.count == 2 { pace = (parts[0], parts[1]) }
      case "C" where !["420", "420jpeg", "420mpeg2", "420paldv"].contains(value):
        throw .unsupported("\(path): expected colours 4:2:0 with 8 bits, got \(field)")
      default: break
      }
    }
    guard (16...4_096).contains(width), (16...4_096).contains(height) else {
      throw .unsupported("\(path): expected a size from 16×16 to 4096×4096, got \(width)×\(height)")
    }
    guard pace.count > 0, pace.seconds > 0, pace.count <= 1_000_000, pace.seconds <= pace.count,
      pace.count <= 240 * pace.seconds
    else { throw .unsupported("\(path): expected 1 to 240 pictures a second, got \(pace.count):\(pace.seconds)") }
    self.pace = pace
    stream = CameraStream(
      mode: CameraMode(
        width: width, height: height, framesPerSecond: Int((pace.count + pace.seconds / 2) / pace.seconds)),
      format: .i420, largestFrameBytes: Canvas.bytes(width: width, height: height))
    first = end + 1
    position = first
    self.file = file
  }

  func next(
    elapsed: Interval, wallSeconds: Int64, into memory: UnsafeMutableRawBufferPointer
  ) throws(DeviceError) -> Int {
    let length = stream.largestFrameBytes
    guard memory.count >= length else {
      throw .unsupported("a picture of \(length) bytes does not fit into \(memory.count)")
    }
    for _ in 0..<2 {
      let lineLength = try file.read(at: position, into: .init(rebasing: memory[..<min(Self.longestLine, length)]))
      let line = memory[..<lineLength]
      if line.starts(with: Array("FRAME".utf8)), let end = line.firstIndex(of: 0x0A),
        try file.read(at: position + end + 1, into: .init(rebasing: memory[..<length])) == length
      {
        position += end + 1 + length
        return length
      }
      // The end, or a last picture that is cut off: from the start again.
      guard position != first else { break }
      position = first
    }
    throw .unsupported("\(file.path): no whole picture in it")
  }
}
