import Links

/// Frames as cameras deliver them: grey stripes that tell pictures apart.
struct TestPicture {
  var format: PixelFormat
  var width: Int
  var height: Int
  var bytes: [UInt8]

  /// The brightness that a picture has in its upper half.
  static func luma(number: Int) -> UInt8 { UInt8(40 + number % 8 * 25) }

  static func i420(number: Int, width: Int = 320, height: Int = 240) -> TestPicture {
    var bytes = [UInt8](repeating: 128, count: width * height * 3 / 2)
    for index in 0..<width * height { bytes[index] = index < width * height / 2 ? luma(number: number) : 16 }
    return TestPicture(format: .i420, width: width, height: height, bytes: bytes)
  }

  static func nv12(number: Int, width: Int = 320, height: Int = 240) -> TestPicture {
    var picture = i420(number: number, width: width, height: height)
    picture.format = .nv12
    return picture
  }

  static func yuyv(number: Int, width: Int = 320, height: Int = 240) -> TestPicture {
    var bytes = [UInt8](repeating: 128, count: width * height * 2)
    for index in 0..<width * height { bytes[2 * index] = index < width * height / 2 ? luma(number: number) : 16 }
    return TestPicture(format: .yuyv, width: width, height: height, bytes: bytes)
  }
}
