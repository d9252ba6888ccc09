import CYUV

extension Picture {
  /// Fills the picture with another one, scaled to this one's size by libyuv with a box filter, which keeps thin lines
  /// when it makes smaller.
  public func scale(from source: PictureView) throws(CodecError) {
    let to = planes
    let result = I420Scale(
      source.y, Int32(source.strideY), source.u, Int32(source.strideU), source.v, Int32(source.strideV),
      Int32(source.size.width), Int32(source.size.height), to.y, Int32(size.width), to.u, Int32(size.chromaWidth), to.v,
      Int32(size.chromaWidth), Int32(size.width), Int32(size.height), kFilterBox)
    guard result == 0 else { throw .library("libyuv cannot scale \(source.size) to \(size)") }
  }
}
