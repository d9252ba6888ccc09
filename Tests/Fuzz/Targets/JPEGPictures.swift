import Codecs
import Links
import Linux

extension FuzzTarget {
  /// Bytes of a camera reach the JPEG decoder. What it takes for a picture has the size that was asked for and is the same each
  /// time; the rest are typed errors; and the bytes, which lie in memory that cannot be written to, are left alone.
  static let jpeg = FuzzTarget(
    "jpeg", seeds: { [seed(colour: true), seed(colour: false)] },
    run: { view in
      let before = view.array
      let (first, again) = (brightness(view), brightness(view))
      if view.array != before { return "decoding changed the bytes" }
      if first != again { return "the same bytes are another picture the second time" }
      return nil
    })

  /// The sum of all bright and dark, nil for what is no picture; negative for one of another size.
  private static func brightness(_ view: PacketView) -> Int? {
    let picture = try? FrameConverter().convert(
      UnsafeRawBufferPointer(view.raw), format: .mjpeg, width: width, height: height)
    guard let picture else { return nil }
    guard picture.size == Dimensions(width, height) else { return -1 }
    var sum = 0
    for row in 0..<height {
      for column in 0..<width { sum += Int(picture.luma(column, row) ?? 0) * (row + column + 1) }
    }
    return sum
  }

  private static let (width, height) = (16, 16)

  /// A grey picture with the tables of the standard left out, as from a USB camera: all its coefficients are zero.
  private static func seed(colour: Bool) -> [UInt8] {
    let components: [UInt8] = colour ? [1, 0x21, 0, 2, 0x11, 0, 3, 0x11, 0] : [1, 0x11, 0]
    let count = UInt8(components.count / 3)
    let scan: [UInt8] = colour ? [1, 0x00, 2, 0x11, 3, 0x11] : [1, 0x00]
    // Luminance: difference 0 is 00, end of block 1010. Chrominance: 00 and 00.
    let blocks = colour ? Array(repeating: "00101000101000000000", count: 2) : Array(repeating: "001010", count: 4)
    var bits = blocks.joined()
    bits += String(repeating: "1", count: (8 - bits.count % 8) % 8)
    let coded = stride(from: 0, to: bits.count, by: 8).map { at -> UInt8 in
      UInt8(bits.dropFirst(at).prefix(8), radix: 2) ?? 0
    }
    let parts: [[UInt8]] = [
      [0xFF, 0xD8, 0xFF, 0xDB, 0, 67, 0], Array(repeating: 8, count: 64),
      [0xFF, 0xC0, 0, 8 + 3 * count, 8, 0, UInt8(height), 0, UInt8(width), count], components,
      [0xFF, 0xDA, 0, 6 + 2 * count, count], scan, [0, 63, 0], coded, [0xFF, 0xD9],
    ]
    return Array(parts.joined())
  }
}
