import Glibc
import Hardware
import Links
import Linux
import Synchronization
import Testing

/// A clock that stands still until somebody waits on it, and then is there at once.
final class VirtualClock: DeviceClock {
  /// 2026-03-04 05:06:07.890 UTC, a time with digits that differ.
  static let wallStart: Int64 = 1_772_600_767_890_000

  private let now: Mutex<MonotonicTime>
  private let start: MonotonicTime

  init(start: MonotonicTime = MonotonicTime(microseconds: 5_000_000_000)) {
    self.start = start
    now = Mutex(start)
  }

  func monotonic() -> MonotonicTime { now.withLock { $0 } }
  func wallMicroseconds() -> Int64 { Self.wallStart + elapsed.microseconds }
  func jump(to time: MonotonicTime) -> Bool {
    now.withLock { $0 = max($0, time) }
    return true
  }

  var elapsed: Interval { monotonic() - start }
  /// Lets time pass while nobody waits.
  func pass(_ interval: Interval) { now.withLock { $0 = $0 + interval } }
}

/// A clock that stands still for good: who waits on it sleeps until woken. Tells when that happens.
final class FrozenClock: DeviceClock, @unchecked Sendable {
  private let sleeping = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

  init() { sem_init(sleeping, 0, 0) }
  deinit {
    sem_destroy(sleeping)
    sleeping.deallocate()
  }

  /// So far ahead that the sleep itself never ends within a test.
  func monotonic() -> MonotonicTime { MonotonicTime(microseconds: 1 << 52) }
  func wallMicroseconds() -> Int64 { 0 }
  func jump(to time: MonotonicTime) -> Bool {
    sem_post(sleeping)
    return false
  }

  /// Returns once a device waits: the device's lock is held from there until it sleeps, so whoever takes the lock next
  /// finds it asleep.
  func waitForSleeper() { while sem_wait(sleeping) != 0 {} }
}

/// Memory for frames, blocks and pictures in tests.
final class Memory: @unchecked Sendable {
  let bytes: UnsafeMutableRawBufferPointer
  init(_ count: Int) {
    bytes = .allocate(byteCount: count, alignment: 16)
    bytes.initializeMemory(as: UInt8.self, repeating: 0)
  }
  deinit { bytes.deallocate() }
  var samples: UnsafeMutableBufferPointer<Int16> { bytes.assumingMemoryBound(to: Int16.self) }
}

/// One block of 20 ms.
func block() -> Memory { Memory(SoundFormat.blockSamples * 2) }

/// Writes a file.
func write(_ bytes: [UInt8], to path: String) throws {
  let file = try #require(fopen(path, "wb"))
  defer { fclose(file) }
  try #require(fwrite(bytes, 1, bytes.count, file) == bytes.count)
}

/// The bytes of a file; empty if there is none.
func read(_ path: String) -> [UInt8] {
  guard let file = fopen(path, "rb") else { return [] }
  defer { fclose(file) }
  var bytes = [UInt8](repeating: 0, count: 8_000_000)
  let count = fread(&bytes, 1, bytes.count, file)
  return Array(bytes.prefix(count))
}

extension CapturedFrame {
  /// The time that the strip of this frame tells.
  func stripTime(_ memory: Memory) throws -> Int64 {
    try Strip.read(
      luma: UnsafeRawBufferPointer(memory.bytes), width: width, height: height, stride: width
    ).milliseconds
  }
}
