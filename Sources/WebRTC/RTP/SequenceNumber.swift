/// Comparing 16-bit sequence numbers and 32-bit timestamps that wrap (RFC 1982).
extension UInt16 {
  /// How far this is ahead of `other` on the shorter way round; negative if behind.
  @inlinable public func distance(after other: UInt16) -> Int { Int(Int16(bitPattern: self &- other)) }
  @inlinable public func isNewer(than other: UInt16) -> Bool { distance(after: other) > 0 }
}

extension UInt32 {
  /// How far this is ahead of `other` on the shorter way round; negative if behind.
  @inlinable public func distance(after other: UInt32) -> Int { Int(Int32(bitPattern: self &- other)) }
  @inlinable public func isNewer(than other: UInt32) -> Bool { distance(after: other) > 0 }
}

/// Turns 16-bit sequence numbers into ones that do not wrap.
public struct SequenceUnwrapper: Sendable {
  private var last: Int64?

  public init() {}

  /// The unwrapped number nearest to the last one.
  public mutating func unwrap(_ sequence: UInt16) -> Int64 {
    guard let last else {
      self.last = Int64(sequence)
      return Int64(sequence)
    }
    let value = last &+ Int64(sequence.distance(after: UInt16(truncatingIfNeeded: last)))
    self.last = value
    return value
  }
}
