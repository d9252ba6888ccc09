import Glibc
import Linux

/// A WAV file being written. It is brought up to date ten times a second, header and all, so it can be played whenever the
/// process ends, and how.
final class WAVRecording {
  private static let blocksPerWrite = 5

  private let path: String
  private let largestBytes: Int
  private var file: RandomAccessFile
  /// Samples in the file, in bytes.
  private var dataBytes = 0
  /// What came after them: `count` samples of it.
  private let waiting = UnsafeMutableBufferPointer<Int16>.allocate(capacity: blocksPerWrite * SoundFormat.blockSamples)
  private var count = 0

  /// Begins an empty recording; an earlier one is kept as `….previous`.
  init(path: String, largestBytes: Int) throws(DeviceError) {
    self.path = path
    self.largestBytes = max(largestBytes, WAVHeader.bytes + SoundFormat.blockSamples * 2)
    rename(path, path + ".previous")
    file = try RandomAccessFile(creating: path)
    try writeHeader()
  }

  deinit { waiting.deallocate() }

  /// Adds at most a block; what is longer is cut.
  func append(_ samples: UnsafeBufferPointer<Int16>) throws(DeviceError) {
    let samples = UnsafeBufferPointer(rebasing: samples.prefix(SoundFormat.blockSamples))
    if WAVHeader.bytes + dataBytes + (count + samples.count) * 2 > largestBytes {
      try flush()
      rename(path, path + ".previous")
      file = try RandomAccessFile(creating: path)
      dataBytes = 0
      try writeHeader()
    }
    for sample in samples {
      waiting[count] = sample
      count += 1
    }
    if count > waiting.count - SoundFormat.blockSamples { try flush() }
  }

  /// Writes what waits.
  func flush() throws(DeviceError) {
    guard count > 0 else { return }
    let bytes = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: waiting[..<count]))
    // What cannot be written is gone: the buffer must not overflow when the disk is full.
    count = 0
    try file.write(bytes, at: WAVHeader.bytes + dataBytes)
    dataBytes += bytes.count
    try writeHeader()
  }

  private func writeHeader() throws(DeviceError) {
    let header = UnsafeMutableRawBufferPointer.allocate(byteCount: WAVHeader.bytes, alignment: 1)
    defer { header.deallocate() }
    WAVHeader.write(dataBytes: dataBytes, to: PacketView(header))
    try file.write(UnsafeRawBufferPointer(header), at: 0)
  }
}
