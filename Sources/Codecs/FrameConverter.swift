import CYUV
import Links

/// Makes I420 of what cameras deliver, by libyuv. JPEG pictures may be 4:2:0, 4:2:2, 4:4:4 or grey, and may lack the Huffman
/// tables of the standard, as those of many USB cameras do: the libjpeg-turbo below libyuv knows these by itself, so no other
/// decoder is needed for them. Owns the one picture it converts into.
public final class FrameConverter {
  private var picture: Picture?

  public init() {}

  /// The frame as I420: the very bytes where they are I420 already, else converted into the converter's own picture.
  /// The result is valid until the next call, and no longer than `bytes`.
  public func convert(
    _ bytes: UnsafeRawBufferPointer, format: PixelFormat, width: Int, height: Int
  ) throws(CodecError) -> PictureView {
    let size = Dimensions(width, height)
    guard size.isValid else { throw .tooLarge(size) }
    if format == .i420 { return try PictureView(bytes, width: width, height: height) }
    guard let source = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else {
      throw .tooShort(expected: 1, got: 0)
    }
    let picture = try target(size)
    let to = picture.planes
    let (w, h) = (Int32(width), Int32(height))
    let (stride, chromaStride) = (Int32(width), Int32(size.chromaWidth))
    let result: Int32
    switch format {
    case .i420: return picture.view
    case .yuyv:
      // Two pixels share four bytes, so a row holds an even number of them.
      let row = size.chromaWidth * 4
      try require(row * height, bytes)
      result = YUY2ToI420(source, Int32(row), to.y, stride, to.u, chromaStride, to.v, chromaStride, w, h)
    case .nv12:
      try require(size.i420Bytes, bytes)
      result = NV12ToI420(
        source, stride, source + width * height, chromaStride * 2, to.y, stride, to.u, chromaStride, to.v, chromaStride,
        w,
        h)
    case .mjpeg:
      try check(jpeg: source, bytes.count, size)
      result = MJPGToI420(source, bytes.count, to.y, stride, to.u, chromaStride, to.v, chromaStride, w, h, w, h)
      guard result == 0 else {
        throw .truncated(
          "JPEG of \(bytes.count) bytes ends within the picture, or is of a kind that cameras do not send")
      }
    }
    guard result == 0 else { throw .library("libyuv cannot convert \(format) of \(size)") }
    return picture.view
  }

  /// libyuv accepts only what ends with an end-of-image marker, and says no more than "no": find out what is wrong.
  private func check(jpeg: UnsafePointer<UInt8>, _ count: Int, _ size: Dimensions) throws(CodecError) {
    guard count >= 4, jpeg[0] == 0xFF, jpeg[1] == 0xD8 else { throw .malformed("no JPEG start-of-image marker") }
    var (width, height): (Int32, Int32) = (0, 0)
    guard MJPGSize(jpeg, count, &width, &height) == 0 else {
      throw .truncated("JPEG of \(count) bytes has no end, or no readable header")
    }
    let got = Dimensions(Int(width), Int(height))
    guard got == size else { throw .otherSize(expected: size, got: got) }
  }

  private func require(_ count: Int, _ bytes: UnsafeRawBufferPointer) throws(CodecError) {
    guard bytes.count >= count else { throw .tooShort(expected: count, got: bytes.count) }
  }

  private func target(_ size: Dimensions) throws(CodecError) -> Picture {
    if let picture, picture.size == size { return picture }
    let picture = try Picture(width: size.width, height: size.height)
    self.picture = picture
    return picture
  }
}
