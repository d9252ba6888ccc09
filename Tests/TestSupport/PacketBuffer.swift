import Linux

/// Memory for packets in tests. It is never given back: a view does not keep its memory alive, and a test is too short for
/// that to matter.
public final class PacketBuffer {
  private let memory: UnsafeMutableRawBufferPointer

  /// The bytes, and zeroed room behind them.
  public init(_ bytes: [UInt8], room: Int = 0) {
    memory = .allocate(byteCount: bytes.count + room, alignment: 8)
    memory.copyBytes(from: bytes)
    for index in bytes.count..<memory.count { memory[index] = 0 }
  }

  /// `length` zeros.
  public convenience init(length: Int) { self.init([], room: length) }

  public var view: PacketView { PacketView(memory) }

  /// The first bytes.
  public func bytes(_ length: Int) -> [UInt8] { Array(memory.prefix(length)) }

  /// Changes one bit.
  public func flip(bit: Int) { memory[bit / 8] ^= 1 << UInt8(bit % 8) }
}

extension [UInt8] {
  /// The bytes that hex digits stand for; everything else in the text is skipped.
  public init(hex: String) {
    let digits = hex.compactMap(\.hexDigitValue)
    self = stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }

  public var hex: String {
    let digits = [Character]("0123456789abcdef")
    return String(flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }
}
