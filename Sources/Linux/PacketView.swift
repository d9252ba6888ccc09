/// A window onto packet memory that somebody else owns; valid only during the call it is handed to. Every access is
/// checked: outside the window a read gives nil and a write gives false, so no packet can trap the process.
public struct PacketView {
  private let bytes: UnsafeMutableRawBufferPointer

  public init(_ bytes: UnsafeMutableRawBufferPointer) { self.bytes = bytes }

  public var count: Int { bytes.count }

  /// The memory itself, for handing to a C library.
  public var raw: UnsafeMutableRawBufferPointer { bytes }

  public func u8(_ at: Int) -> UInt8? {
    guard at >= 0, at < bytes.count else { return nil }
    return bytes[at]
  }

  /// A big-endian integer at an offset.
  public func integer<T: FixedWidthInteger>(_ at: Int, as type: T.Type) -> T? {
    guard at >= 0, at <= bytes.count - MemoryLayout<T>.size else { return nil }
    return T(bigEndian: bytes.loadUnaligned(fromByteOffset: at, as: T.self))
  }
  public func u16(_ at: Int) -> UInt16? { integer(at, as: UInt16.self) }
  public func u32(_ at: Int) -> UInt32? { integer(at, as: UInt32.self) }
  public func u64(_ at: Int) -> UInt64? { integer(at, as: UInt64.self) }

  /// Writes a big-endian integer at an offset; false if it does not fit.
  @discardableResult
  public func set<T: FixedWidthInteger>(_ at: Int, _ value: T) -> Bool {
    guard at >= 0, at <= bytes.count - MemoryLayout<T>.size else { return false }
    bytes.storeBytes(of: value.bigEndian, toByteOffset: at, as: T.self)
    return true
  }

  /// Copies bytes to an offset; false if they do not fit. The source may overlap.
  @discardableResult
  public func copy(_ source: UnsafeRawBufferPointer, to at: Int) -> Bool {
    guard at >= 0, at <= bytes.count - source.count else { return false }
    guard source.count > 0 else { return true }
    UnsafeMutableRawBufferPointer(rebasing: bytes[at..<at + source.count]).copyMemory(from: source)
    return true
  }

  /// The part from `start`, `length` bytes long; nil if it reaches outside.
  public func slice(_ start: Int, _ length: Int) -> PacketView? {
    guard start >= 0, length >= 0, start <= bytes.count, length <= bytes.count - start else { return nil }
    return PacketView(UnsafeMutableRawBufferPointer(rebasing: bytes[start..<start + length]))
  }
  public func prefix(_ length: Int) -> PacketView? { slice(0, length) }
  public func dropFirst(_ n: Int) -> PacketView? { slice(n, bytes.count - n) }

  /// A copy, for places off the packet path.
  public var array: [UInt8] { [UInt8](bytes) }
}

/// Reads a packet front to back; each read past the end gives nil and leaves the position.
public struct ByteReader {
  private let view: PacketView
  public private(set) var position = 0

  public init(_ view: PacketView) { self.view = view }

  public var remaining: Int { view.count - position }

  public mutating func integer<T: FixedWidthInteger>(as type: T.Type) -> T? {
    guard let value = view.integer(position, as: type) else { return nil }
    position += MemoryLayout<T>.size
    return value
  }
  public mutating func u8() -> UInt8? { integer(as: UInt8.self) }
  public mutating func u16() -> UInt16? { integer(as: UInt16.self) }
  public mutating func u32() -> UInt32? { integer(as: UInt32.self) }
  public mutating func u64() -> UInt64? { integer(as: UInt64.self) }

  public mutating func take(_ length: Int) -> PacketView? {
    guard let part = view.slice(position, length) else { return nil }
    position += length
    return part
  }
  public mutating func skip(_ length: Int) -> Bool { take(length) != nil }
}

/// Writes a packet front to back into memory of the caller. A write that does not fit sets `overflowed` and changes
/// nothing, so a builder checks once at its end.
public struct ByteWriter {
  private let view: PacketView
  public private(set) var position = 0
  public private(set) var overflowed = false

  public init(_ view: PacketView) { self.view = view }

  /// What has been written.
  public var written: PacketView { view.prefix(position) ?? view }

  public mutating func put<T: FixedWidthInteger>(_ value: T) {
    guard view.set(position, value) else {
      overflowed = true
      return
    }
    position += MemoryLayout<T>.size
  }

  public mutating func put(_ bytes: UnsafeRawBufferPointer) {
    guard view.copy(bytes, to: position) else {
      overflowed = true
      return
    }
    position += bytes.count
  }

  public mutating func put(_ bytes: some Sequence<UInt8>) {
    for byte in bytes { put(byte) }
  }

  /// Overwrites bytes written before, for length fields that are known only at the end.
  public mutating func patch<T: FixedWidthInteger>(_ at: Int, _ value: T) {
    guard at >= 0, at <= position - MemoryLayout<T>.size, view.set(at, value) else {
      overflowed = true
      return
    }
  }
}
