import CVPX
import Linux

/// VP8 (RFC 6386) to I420 by libvpx.
public final class VP8Decoder {
  private let codec: UnsafeMutablePointer<vpx_codec_ctx_t>
  private var isOpen = false

  public init(threads: Int = 1) throws(CodecError) {
    guard (1...16).contains(threads) else { throw .unsupported("\(threads) decoder threads") }
    codec = .allocate(capacity: 1)
    codec.initialize(to: vpx_codec_ctx_t())
    try check(fieldbox_vpx_decoder_open(codec, UInt32(threads)))
    isOpen = true
  }

  deinit {
    if isOpen { vpx_codec_destroy(codec) }
    codec.deallocate()
  }

  /// Decodes one frame and hands the picture to `body`, for the time of the call. A frame that is not shown gives none.
  /// After an error the decoder waits for the next key frame.
  public func decode(_ frame: PacketView, _ body: (PictureView) -> Void) throws(CodecError) {
    try refuseHugeKeyFrame(frame)
    try check(vpx_codec_decode(codec, frame.raw.baseAddress, UInt32(frame.count), nil, 0))
    var position: vpx_codec_iter_t?
    while let image = vpx_codec_get_frame(codec, &position) {
      let image = image.pointee
      guard image.fmt == VPX_IMG_FMT_I420, let y = image.planes.0, let u = image.planes.1, let v = image.planes.2 else {
        continue
      }
      body(
        PictureView(
          size: Dimensions(Int(image.d_w), Int(image.d_h)), y: y, u: u, v: v, strideY: Int(image.stride.0),
          strideU: Int(image.stride.1), strideV: Int(image.stride.2)))
    }
  }

  /// RFC 6386, section 9.1: the 3-byte frame tag, and in a key frame a start code and 14 bits each of width and height.
  private func refuseHugeKeyFrame(_ frame: PacketView) throws(CodecError) {
    // libvpx takes an empty buffer for a lost frame and shows the last picture again.
    guard let tag = frame.u8(0), frame.count >= 3 else { throw .truncated("VP8 frame of \(frame.count) bytes") }
    guard tag & 1 == 0 else { return }
    guard let width = frame.u16(6)?.byteSwapped, let height = frame.u16(8)?.byteSwapped else {
      throw .truncated("VP8 key frame of \(frame.count) bytes")
    }
    let size = Dimensions(Int(width & 0x3FFF), Int(height & 0x3FFF))
    guard size.isValid else { throw .tooLarge(size) }
  }

  private func check(_ result: vpx_codec_err_t) throws(CodecError) {
    guard result != VPX_CODEC_OK else { return }
    throw .malformed("VP8: \(String(cString: vpx_codec_err_to_string(result)))")
  }
}
