import Linux

/// The CRC-32 of ITU-T V.42, as in STUN's FINGERPRINT (RFC 8489 section 14.7).
enum CRC32 {
  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xedb8_8320 : value >> 1 }
  }

  static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    table.withUnsafeBufferPointer { table in
      ~bytes.reduce(0xffff_ffff) { value, byte in
        table[Int(truncatingIfNeeded: (value ^ UInt32(byte)) & 0xff)] ^ value >> 8
      }
    }
  }
}
