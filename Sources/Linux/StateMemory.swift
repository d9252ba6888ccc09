import CLinux
import Glibc

/// A memory file in which a process keeps what the next one of its kind is to know. It outlives the process, since its parent holds
/// it too, and a process that is killed while it writes leaves what was there before.
public final class StateMemory {
  /// The longest state.
  public static let largestBytes = 8 * 1024 * 1024
  private static let slotBytes = largestBytes + 4_096
  private static let headBytes = 24
  private static let magic: UInt64 = 0x6669_656c_6462_6f78

  private let descriptor: Descriptor
  private var sequence: UInt64 = 0

  /// A new one with nothing in it. Memory is taken only for what is written.
  public init(creating name: String) throws(SystemError) {
    let number = fb_memfd_create(name)
    guard number >= 0 else { throw SystemError("memfd_create", code: -number, about: name) }
    descriptor = Descriptor(adopting: number)
    guard ftruncate(number, 2 * Self.slotBytes) == 0 else { throw SystemError.last("ftruncate") }
    let fixed = fb_memfd_fix_size(number)
    guard fixed == 0 else { throw SystemError("fcntl(F_ADD_SEALS)", code: -fixed) }
  }

  /// One that was inherited.
  public init(adopting descriptor: consuming Descriptor) { self.descriptor = descriptor }

  /// For a child to inherit.
  public var number: Int32 { descriptor.number }

  /// Puts a state in place of the one before. `ENOSPC` or `EFBIG` leave nothing, which is better than what is no longer true.
  public func write(_ state: [UInt8]) throws(SystemError) {
    guard state.count <= Self.largestBytes else {
      clear()
      throw SystemError("pwrite", code: EFBIG, about: "a state of \(state.count) bytes, at most \(Self.largestBytes)")
    }
    if sequence == 0 { sequence = newest?.sequence ?? 0 }
    sequence &+= 1
    let place = off_t(sequence % 2) * off_t(Self.slotBytes)
    do {
      try put(state, at: place + off_t(Self.headBytes))
      let head = [Self.magic, sequence, UInt64(state.count)].withUnsafeBytes { Array($0) }
      try put(head, at: place)
    } catch {
      clear()
      throw error
    }
  }

  /// What was written last; nil if there is nothing.
  public func read() -> [UInt8]? {
    guard let newest else { return nil }
    return bytes(newest.count, at: newest.place + off_t(Self.headBytes))
  }

  /// Forgets what is there.
  public func clear() {
    let nothing = [UInt8](repeating: 0, count: Self.headBytes)
    for slot in 0..<2 { try? put(nothing, at: off_t(slot * Self.slotBytes)) }
  }

  private var newest: (sequence: UInt64, place: off_t, count: Int)? {
    var found: (sequence: UInt64, place: off_t, count: Int)?
    for slot in 0..<2 {
      let place = off_t(slot * Self.slotBytes)
      guard let head = bytes(Self.headBytes, at: place) else { continue }
      let words = head.withUnsafeBytes { bytes in
        (0..<3).map { bytes.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self) }
      }
      guard words[0] == Self.magic, words[2] <= UInt64(Self.largestBytes) else { continue }
      if words[1] > found?.sequence ?? 0 { found = (words[1], place, Int(words[2])) }
    }
    return found
  }

  private func put(_ bytes: [UInt8], at place: off_t) throws(SystemError) {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes {
        pwrite(number, $0.baseAddress.map { $0 + done }, bytes.count - done, place + off_t(done))
      }
      guard count > 0 else {
        if count < 0, errno == EINTR { continue }
        throw SystemError.last("pwrite")
      }
      done += count
    }
  }

  private func bytes(_ count: Int, at place: off_t) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
      let got = bytes.withUnsafeMutableBytes {
        pread(number, $0.baseAddress.map { $0 + done }, count - done, place + off_t(done))
      }
      guard got > 0 else {
        if got < 0, errno == EINTR { continue }
        return nil
      }
      done += got
    }
    return bytes
  }
}
