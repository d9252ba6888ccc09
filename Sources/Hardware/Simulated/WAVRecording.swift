import Glibc
import Linux

/// A WAV file being written. Its header is brought up to date ten times a second, so the file can be played whenever the
/// process ends, and how.
final class WAVRecording {
  private static let blocksPerHeader = 10

  private let path: String
  private let largestBytes: Int
  private var file: RandomAccessFile
  private var dataBytes = 0
  private var blocksSinceHeader = 0

  /// Begins an empty recording; an earlier one is kept as `….previous`.
  init(path: String, largestBytes: Int) throws(DeviceError) {
    self.path = path
    self.largestBytes = max(largestBytes, WAVHeader.bytes + SoundFormat.blockSamples * 2)
    rename(path, path + ".previous")
    file = try RandomAccessFile(creating: path)
    try writeHeader()
  }

  func append(_ samples: UnsafeBufferPointer<Int16>) throws(DeviceError) {
    let bytes = UnsafeRawBufferPointer(samples)
    if WAVHeader.bytes + dataBytes + bytes.count > largestBytes {
      try writeHeader()
      rename(path, path + ".previous")
      file = try RandomAccessFile(creating: path)
      dataBytes = 0
      try writeHeader()
    }
    try file.write(bytes, at: WAVHeader.bytes + dataBytes)
    dataBytes += bytes.count
    blocksSinceHeader += 1
    if blocksSinceHeader >= Self.blocksPerHeader { try writeHeader() }
  }

  func writeHeader() throws(DeviceError) {
    blocksSinceHeader = 0
    let header = UnsafeMutableRawBufferPointer.allocate(byteCount: WAVHeader.bytes, alignment: 1)
    defer { header.deallocate() }
    WAVHeader.write(dataBytes: dataBytes, to: PacketView(header))
    try file.write(UnsafeRawBufferPointer(header), at: 0)
  }
}
