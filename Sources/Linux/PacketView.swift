/// A window onto packet memory that somebody else owns; valid only during the call it is handed to. Every access is
/// checked: outside the window a read gives nil and a write gives false, so no packet can trap the process.
@frozen
public struct PacketView {
  @usableFromInline let bytes: UnsafeMutableRawBufferPointer

  @inlinable
  public init(_ bytes: UnsafeMutableRawBufferPointer) { self.bytes = bytes }

  @inlinable
  public var count: Int { bytes.count }

  /// The memory itself, for handing to a C library.
  @inlinable
  public var raw: UnsafeMutableRawBufferPointer { bytes }

  @inlinable
  public func u8(_ at: Int) -> UInt8? {
    guard at >= 0, at < bytes.count else { return nil }
    return bytes[at]
  }

  /// A big-endian integer at an offset.
  @inlinable
  public func integer<T: FixedWidthInteger>(_ at: Int, as type: T.Type) -> T? {
    guard at >= 0, at <= bytes.count - MemoryLayout<T>.size else { return nil }
    return T(bigEndian: bytes.loadUnaligned(fromByteOffset: at, as: T.self))
  }
  @inlinable
  public func u16(_ at: Int) -> UInt16? { integer(at, as: UInt16.self) }
  @inlinable
  public func u32(_ at: Int) -> UInt32? { integer(at, as: UInt32.self) }
  @inlinable
  public func u64(_ at: Int) -> UInt64? { integer(at, as: UInt64.self) }

  /// Writes a big-endian integer at an offset; false if it does not fit.
  @discardableResult
  @inlinable
  public func set<T: FixedWidthInteger>(_ at: Int, _ value: T) -> Bool {
    guard at >= 0, at <= bytes.count - MemoryLayout<T>.size else { return false }
    bytes.storeBytes(of: value.bigEndian, toByteOffset: at, as: T.self)
    return true
  }

  /// Copies bytes to an offset; false if they do not fit. The source may overlap.
  @discardableResult
  @inlinable
  public func copy(_ source: UnsafeRawBufferPointer, to at: Int) -> Bool {
    guard at >= 0, at <= bytes.count - source.count else { return false }
    guard source.count > 0 else { return true }
    UnsafeMutableRawBufferPointer(rebasing: bytes[at..<at + source.count]).copyMemory(from: source)
    return true
  }

  /// The part from `start`, `length` bytes long; nil if it reaches outside.
  @inlinable
  public func slice(_ start: Int, _ length: Int) -> PacketView? {
    guard start >= 0, length >= 0, start <= bytes.count, length <= bytes.count - start else { return nil }
    return PacketView(UnsafeMutableRawBufferPointer(rebasing: bytes[start..<start + length]))
  }
  @inlinable
  public func prefix(_ length: Int) -> PacketView? { slice(0, length) }
  @inlinable
  public func dropFirst(_ n: Int) -> PacketView? { slice(n, bytes.count - n) }

  /// A copy, for places off the packet path.
  @inlinable
  public var array: [UInt8] { [UInt8](bytes) }
}

/// Reads a packet front to back; each read past the end gives nil and leaves the position.
@frozen
public struct ByteReader {
  @usableFromInline let view: PacketView
  @usableFromInline var offset = 0

  @inlinable
  public var position: Int { offset }

  @inlinable
  public init(_ view: PacketView) { self.view = view }

  @inlinable
  public var remaining: Int { view.count - offset }

  @inlinable
  public mutating func integer<T: FixedWidthInteger>(as type: T.Type) -> T? {
    guard let value = view.integer(offset, as: type) else { return nil }
    offset += MemoryLayout<T>.size
    return value
  }
  @inlinable
  public mutating func u8() -> UInt8? { integer(as: UInt8.self) }
  @inlinable
  public mutating func u16() -> UInt16? { integer(as: UInt16.self) }
  @inlinable
  public mutating func u32() -> UInt32? { integer(as: UInt32.self) }
  @inlinable
  public mutating func u64() -> UInt64? { integer(as: UInt64.self) }

  @inlinable
  public mutating func take(_ length: Int) -> PacketView? {
    guard let part = view.slice(offset, length) else { return nil }
    offset += length
    return part
  }
  @inlinable
  public mutating func skip(_ length: Int) -> Bool { take(length) != nil }
}

/// Writes a packet front to back into memory of the caller. A write that does not fit sets `overflowed` and changes
/// nothing, so a builder checks once at its end.
@frozen
public struct ByteWriter {
  @usableFromInline let view: PacketView
  @usableFromInline var offset = 0
  @usableFromInline var isFull = false

  @inlinable
  public var position: Int { offset }
  @inlinable
  public var overflowed: Bool { isFull }

  @inlinable
  public init(_ view: PacketView) { self.view = view }

  /// What has been written.
  @inlinable
  public var written: PacketView { view.prefix(offset) ?? view }

  @inlinable
  public mutating func put<T: FixedWidthInteger>(_ value: T) {
    guard view.set(offset, value) else {
      isFull = true
      return
    }
    offset += MemoryLayout<T>.size
  }

  @inlinable
  public mutating func put(_ bytes: UnsafeRawBufferPointer) {
    guard view.copy(bytes, to: offset) else {
      isFull = true
      return
    }
    offset += bytes.count
  }

  @inlinable
  public mutating func put(_ bytes: some Sequence<UInt8>) {
    for byte in bytes { put(byte) }
  }

  /// Overwrites bytes written before, for length fields that are known only at the end.
  @inlinable
  public mutating func patch<T: FixedWidthInteger>(_ at: Int, _ value: T) {
    guard at >= 0, at <= offset - MemoryLayout<T>.size, view.set(at, value) else {
      isFull = true
      return
    }
  }
}
