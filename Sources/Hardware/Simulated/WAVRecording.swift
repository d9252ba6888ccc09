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
  /// What came after them.
  private var waiting: [Int16] = []

  /// Begins an empty recording; an earlier one is kept as `….previous`.
  init(path: String, largestBytes: Int) throws(DeviceError) {
    self.path = path
    self.largestBytes = max(largestBytes, WAVHeader.bytes + SoundFormat.blockSamples * 2)
    waiting.reserveCapacity(Self.blocksPerWrite * SoundFormat.blockSamples)
    rename(path, path + ".previous")
    file = try RandomAccessFile(creating: path)
    try writeHeader()
  }

  /// Adds at most a block.
  func append(_ samples: UnsafeBufferPointer<Int16>) throws(DeviceError) {
    if WAVHeader.bytes + dataBytes + (waiting.count + samples.count) * 2 > largestBytes {
      try flush()
      rename(path, path + ".previous")
      file = try RandomAccessFile(creating: path)
      dataBytes = 0
      try writeHeader()
    }
    waiting.append(contentsOf: samples)
    if waiting.count > (Self.blocksPerWrite - 1) * SoundFormat.blockSamples { try flush() }
  }

  /// Writes what waits.
  func flush() throws(DeviceError) {
    guard !waiting.isEmpty else { return }
    // What cannot be written is gone: a full disk must not fill the memory too.
    defer { waiting.removeAll(keepingCapacity: true) }
    try waiting.withUnsafeBufferPointer { samples throws(DeviceError) in
      try file.write(UnsafeRawBufferPointer(samples), at: WAVHeader.bytes + dataBytes)
    }
    dataBytes += waiting.count * 2
    try writeHeader()
  }

  private func writeHeader() throws(DeviceError) {
    let header = UnsafeMutableRawBufferPointer.allocate(byteCount: WAVHeader.bytes, alignment: 1)
    defer { header.deallocate() }
    WAVHeader.write(dataBytes: dataBytes, to: PacketView(header))
    try file.write(UnsafeRawBufferPointer(header), at: 0)
  }
}
