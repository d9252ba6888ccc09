import CLinux
import Glibc

/// A sealed memory file: its size is fixed and nobody else can write to it, so a reader never faults and the owner
/// never sees bytes change.
public final class SharedMemory: Sendable {
  private let descriptor: Descriptor
  private let start: SendablePointer
  public let count: Int

  private struct SendablePointer: @unchecked Sendable { let pointer: UnsafeMutableRawPointer }

  /// Makes and maps a memory file, zeroed, writable through ``writable`` alone.
  public init(creating name: String, bytes: Int) throws(SystemError) {
    let number = fb_memfd_create(name)
    guard number >= 0 else { throw SystemError("memfd_create", code: -number, about: name) }
    descriptor = Descriptor(adopting: number)
    guard bytes > 0, ftruncate(number, bytes) == 0 else { throw SystemError.last("ftruncate", about: "\(bytes) bytes") }
    start = try Self.map(number, bytes, PROT_READ | PROT_WRITE)
    count = bytes
    let sealed = fb_memfd_seal(number)
    guard sealed == 0 else { throw SystemError("fcntl(F_ADD_SEALS)", code: -sealed) }
  }

  /// Maps an inherited memory file read-only, after checking its size and seals.
  public init(readingFrom descriptor: consuming Descriptor, bytes: Int) throws(SystemError) {
    let number = descriptor.number
    var status = stat()
    guard fstat(number, &status) == 0 else { throw SystemError.last("fstat") }
    guard bytes > 0, Int(status.st_size) >= bytes, fb_memfd_sealed(number) != 0 else {
      throw SystemError(
        "mmap", code: EINVAL, about: "a memory file of \(status.st_size) bytes, \(bytes) expected, sealed")
    }
    start = try Self.map(number, bytes, PROT_READ)
    count = bytes
    self.descriptor = descriptor
  }

  deinit { munmap(start.pointer, count) }

  private static func map(_ number: Int32, _ bytes: Int, _ access: Int32) throws(SystemError) -> SendablePointer {
    guard let pointer = mmap(nil, bytes, access, MAP_SHARED, number, 0), pointer != MAP_FAILED else {
      throw SystemError.last("mmap", about: "\(bytes) bytes")
    }
    return SendablePointer(pointer: pointer)
  }

  /// For a child to inherit.
  public var number: Int32 { descriptor.number }

  /// The memory. In a process that maps it read-only, writing is a fault: use ``bytes`` there.
  public var writable: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(start: start.pointer, count: count)
  }
  public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start.pointer, count: count) }
}
