import CLinux

/// Random bytes from the kernel, fit for keys and tokens. Not for use in cores: they are handed theirs.
public enum Random {
  public static func fill(_ bytes: UnsafeMutableRawBufferPointer) {
    var done = 0
    while done < bytes.count {
      let count = fb_random(bytes.baseAddress?.advanced(by: done), bytes.count - done)
      // Only a signal can interrupt it; there is no other error for valid memory.
      if count > 0 { done += count }
    }
  }

  public static func bytes(_ count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: max(0, count))
    bytes.withUnsafeMutableBytes { fill($0) }
    return bytes
  }

  public static func integer<T: FixedWidthInteger>(_ type: T.Type = T.self) -> T {
    var value: T = 0
    withUnsafeMutableBytes(of: &value) { fill($0) }
    return value
  }
}
