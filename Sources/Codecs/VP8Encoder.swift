import CVPX
import Linux

/// One encoded picture; its bytes are valid only during the call they are handed to.
public struct EncodedFrame {
  public let bytes: PacketView
  public let isKeyFrame: Bool
  /// As handed to the encoder, in 90 kHz ticks.
  public let timestamp: Int64
}

/// VP8 (RFC 6386) by libvpx at settings for conversation: nothing looks ahead, the rate is held within half a second, key
/// frames come only when asked for, and no frame takes longer than real time.
public final class VP8Encoder {
  public struct Configuration: Sendable, Equatable {
    public var width: Int
    public var height: Int
    public var framesPerSecond: Int
    public var kilobitsPerSecond: Int
    /// libvpx's threads spin while they wait for each other: on a machine that is busy otherwise, two cost many times
    /// what one does. At 1280×720 too: on two cores a picture of an idle machine takes a tenth longer with two threads than with one.
    public var threads: Int
    /// libvpx's `cpu-used`, -16 (fastest) to -1. Measured, -4 costs a third more than -6, and below that little is saved.
    public var speed: Int
    public init(
      width: Int, height: Int, framesPerSecond: Int = 30, kilobitsPerSecond: Int = 1_500, threads: Int = 1,
      speed: Int = -6
    ) {
      self.width = width
      self.height = height
      self.framesPerSecond = framesPerSecond
      self.kilobitsPerSecond = kilobitsPerSecond
      self.threads = threads
      self.speed = speed
    }
  }

  public private(set) var configuration: Configuration
  private let codec: UnsafeMutablePointer<vpx_codec_ctx_t>
  private var settings: vpx_codec_enc_cfg_t
  private var image = vpx_image_t()
  private var isOpen = false
  private var lastTimestamp: Int64?

  public init(_ configuration: Configuration) throws(CodecError) {
    let size = Dimensions(configuration.width, configuration.height)
    guard size.isValid else { throw .tooLarge(size) }
    guard (1...120).contains(configuration.framesPerSecond), (1...16).contains(configuration.threads),
      (-16...(-1)).contains(configuration.speed), (10...100_000).contains(configuration.kilobitsPerSecond)
    else { throw .unsupported("VP8 encoder settings \(configuration)") }
    var settings = vpx_codec_enc_cfg_t()
    guard vpx_codec_enc_config_default(vpx_codec_vp8_cx(), &settings, 0) == VPX_CODEC_OK else {
      throw .library("libvpx has no VP8 encoder")
    }
    Self.apply(configuration, to: &settings)
    self.configuration = configuration
    self.settings = settings
    codec = .allocate(capacity: 1)
    codec.initialize(to: vpx_codec_ctx_t())
    try check(fieldbox_vpx_encoder_open(codec, &self.settings), "open")
    isOpen = true
    // In per cent of a mean frame: a key frame may take half of what the rate buffer aims to hold.
    let keyFramePercent = max(300, Int(settings.rc_buf_optimal_sz) * configuration.framesPerSecond / 20)
    for (control, value) in [
      (VP8E_SET_CPUUSED, configuration.speed),
      (VP8E_SET_STATIC_THRESHOLD, 1),
      (VP8E_SET_NOISE_SENSITIVITY, 0),
      (VP8E_SET_TOKEN_PARTITIONS, 0),
      (VP8E_SET_MAX_INTRA_BITRATE_PCT, keyFramePercent),
      (VP8E_SET_SCREEN_CONTENT_MODE, 0),
    ] { try check(fieldbox_vpx_control(codec, Int32(control.rawValue), Int32(value)), "set \(control.rawValue)") }
  }

  deinit {
    if isOpen { vpx_codec_destroy(codec) }
    codec.deallocate()
  }

  private static func apply(_ configuration: Configuration, to settings: inout vpx_codec_enc_cfg_t) {
    settings.g_w = UInt32(configuration.width)
    settings.g_h = UInt32(configuration.height)
    settings.g_threads = UInt32(configuration.threads)
    settings.g_timebase = vpx_rational(num: 1, den: 90_000)
    settings.g_pass = VPX_RC_ONE_PASS
    settings.g_lag_in_frames = 0
    // Loss is healed by retransmission and key frames; resilient mode would cost bits on every frame.
    settings.g_error_resilient = 0
    settings.rc_end_usage = VPX_CBR
    settings.rc_target_bitrate = UInt32(configuration.kilobitsPerSecond)
    settings.rc_dropframe_thresh = 0
    settings.rc_resize_allowed = 0
    settings.rc_min_quantizer = 2
    settings.rc_max_quantizer = 56
    settings.rc_undershoot_pct = 100
    settings.rc_overshoot_pct = 15
    settings.rc_buf_sz = 600
    settings.rc_buf_initial_sz = 400
    settings.rc_buf_optimal_sz = 500
    settings.kf_mode = VPX_KF_DISABLED
  }

  /// Encodes one picture and hands each packet of it (one for VP8, none if the rate control dropped it) to `body`.
  /// - Parameter timestamp: 90 kHz ticks; one that does not grow is moved up by a tick.
  public func encode(
    _ picture: PictureView, timestamp: Int64, forceKeyFrame: Bool, _ body: (EncodedFrame) -> Void
  ) throws(CodecError) {
    let expected = Dimensions(configuration.width, configuration.height)
    guard picture.size == expected else { throw .otherSize(expected: expected, got: picture.size) }
    wrap(picture)
    let timestamp = max(timestamp, lastTimestamp.map { $0 &+ 1 } ?? timestamp)
    lastTimestamp = timestamp
    let flags = forceKeyFrame ? Int(VPX_EFLAG_FORCE_KF) : 0
    let duration = UInt(90_000 / configuration.framesPerSecond)
    try check(vpx_codec_encode(codec, &image, timestamp, duration, flags, UInt(VPX_DL_REALTIME)), "encode")
    var position: vpx_codec_iter_t?
    while let packet = vpx_codec_get_cx_data(codec, &position) {
      guard packet.pointee.kind == VPX_CODEC_CX_FRAME_PKT else { continue }
      let frame = packet.pointee.data.frame
      let bytes = UnsafeMutableRawBufferPointer(start: frame.buf, count: frame.sz)
      body(
        EncodedFrame(
          bytes: PacketView(bytes), isKeyFrame: frame.flags & UInt32(VPX_FRAME_IS_KEY) != 0, timestamp: timestamp))
    }
  }

  /// Changes the target from the next picture on, without a key frame.
  public func setBitrate(kilobitsPerSecond: Int) throws(CodecError) {
    guard (10...100_000).contains(kilobitsPerSecond) else {
      throw .unsupported("VP8 bit rate of \(kilobitsPerSecond) kbit/s")
    }
    guard kilobitsPerSecond != configuration.kilobitsPerSecond else { return }
    settings.rc_target_bitrate = UInt32(kilobitsPerSecond)
    try check(vpx_codec_enc_config_set(codec, &settings), "set bit rate")
    configuration.kilobitsPerSecond = kilobitsPerSecond
  }

  /// Points libvpx's image at the caller's planes; nothing is copied or allocated.
  private func wrap(_ picture: PictureView) {
    let y = UnsafeMutablePointer(mutating: picture.y)
    _ = vpx_img_wrap(&image, VPX_IMG_FMT_I420, UInt32(picture.size.width), UInt32(picture.size.height), 1, y)
    image.planes.0 = y
    image.planes.1 = UnsafeMutablePointer(mutating: picture.u)
    image.planes.2 = UnsafeMutablePointer(mutating: picture.v)
    image.stride.0 = Int32(picture.strideY)
    image.stride.1 = Int32(picture.strideU)
    image.stride.2 = Int32(picture.strideV)
  }

  private func check(_ result: vpx_codec_err_t, _ call: String) throws(CodecError) {
    guard result != VPX_CODEC_OK else { return }
    throw .library("libvpx encoder, \(call): \(String(cString: vpx_codec_err_to_string(result)))")
  }
}
