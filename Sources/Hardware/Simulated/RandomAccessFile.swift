import Glibc
import Linux

/// A file read and written at offsets, with typed errors.
struct RandomAccessFile: ~Copyable {
  private let descriptor: Descriptor
  let path: String

  /// What is no file, a pipe for one, would hold up its reader for ever, and is refused.
  init(reading path: String) throws(DeviceError) { try self.init(path, O_RDONLY | O_NONBLOCK) }

  /// Makes the file, or empties it.
  init(creating path: String) throws(DeviceError) { try self.init(path, O_RDWR | O_CREAT | O_TRUNC) }

  private init(_ path: String, _ flags: Int32) throws(DeviceError) {
    let number = open(path, flags | O_CLOEXEC, 0o644)
    guard number >= 0 else { throw .ioFailure(call: "open \(path)", errno: errno) }
    var status = stat()
    guard fstat(number, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(number)
      throw .unsupported("\(path) is no file")
    }
    descriptor = Descriptor(adopting: number)
    self.path = path
  }

  /// Reads up to the size of `memory`; fewer bytes only at the end of the file.
  func read(at offset: Int, into memory: UnsafeMutableRawBufferPointer) throws(DeviceError) -> Int {
    var done = 0
    while done < memory.count {
      let part = UnsafeMutableRawBufferPointer(rebasing: memory[done...])
      let count = pread(descriptor.number, part.baseAddress, part.count, offset + done)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .ioFailure(call: "read \(path)", errno: errno) }
      if count == 0 { break }
      done += count
    }
    return done
  }

  /// Writes all of `bytes`.
  func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(DeviceError) {
    var done = 0
    while done < bytes.count {
      let part = UnsafeRawBufferPointer(rebasing: bytes[done...])
      let count = pwrite(descriptor.number, part.baseAddress, part.count, offset + done)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw .ioFailure(call: "write \(path)", errno: errno) }
      done += count
    }
  }

  /// In bytes.
  func size() throws(DeviceError) -> Int {
    var status = stat()
    guard fstat(descriptor.number, &status) == 0 else { throw .ioFailure(call: "fstat \(path)", errno: errno) }
    return Int(status.st_size)
  }

  /// The first bytes of the file, at most `count`.
  func head(_ count: Int) throws(DeviceError) -> [UInt8] {
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, count), alignment: 1)
    defer { bytes.deallocate() }
    return Array(bytes.prefix(try read(at: 0, into: bytes)))
  }
}
