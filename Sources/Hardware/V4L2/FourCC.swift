import Links

/// The four letters by which V4L2 names the layout of a picture.
struct FourCC: Hashable, Sendable, CustomStringConvertible {
  var code: UInt32

  init(code: UInt32) { self.code = code }

  init(_ letters: StaticString) {
    code = letters.withUTF8Buffer { letters in
      letters.prefix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
  }

  static let mjpeg = FourCC("MJPG")
  /// Single JPEG pictures: another name for the same from some drivers.
  static let jpeg = FourCC("JPEG")
  static let yuyv = FourCC("YUYV")
  static let nv12 = FourCC("NV12")
  static let i420 = FourCC("YU12")

  /// What the box can make use of; nil for the many other layouts.
  var pixelFormat: PixelFormat? {
    switch self {
    case .mjpeg, .jpeg: .mjpeg
    case .yuyv: .yuyv
    case .nv12: .nv12
    case .i420: .i420
    default: nil
    }
  }

  /// The letters; a dot for what is none.
  var description: String {
    String(
      decoding: (0..<4).map { place -> UInt8 in
        let letter = UInt8(truncatingIfNeeded: code >> (8 * UInt32(place)))
        return (0x20...0x7E).contains(letter) ? letter : UInt8(ascii: ".")
      }, as: UTF8.self)
  }
}
